/**
 * ink-table, which cannot be imported: it is CommonJS and asks for ink, a module with top-level await. It loads once the
 * ink that is loaded already stands in the cache of `require`.
 */
import { createRequire, Module } from 'node:module'
import * as ink from 'ink'
import type { Component, PropsWithChildren, ReactNode } from 'react'

interface TableProps {
  readonly data: readonly Readonly<Record<string, string>>[]
  readonly columns: readonly string[]
  readonly header: (props: PropsWithChildren) => ReactNode
  readonly cell: (props: PropsWithChildren) => ReactNode
  readonly skeleton: (props: PropsWithChildren) => ReactNode
}

type RowOf = (row: { readonly key: string }) => ReactNode

interface TableInstance extends Component<TableProps> {
  separator: RowOf
}

type TableClass = new (props: TableProps) => TableInstance

function isTableModule(loaded: unknown): loaded is { readonly default: TableClass } {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded && typeof loaded.default === 'function'
}

let loaded: TableClass | null = null

/** The table with one rule below the headings instead of one between all rows, which would halve what is visible. */
export function denseTable(): TableClass {
  if (loaded !== null) return loaded
  const require = createRequire(import.meta.url)
  const path = require.resolve('ink')
  require.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports: ink })
  const found: unknown = require('ink-table')
  if (!isTableModule(found)) throw new TypeError('ink-table has no table')
  const Table = found.default
  loaded = class DenseTable extends Table {
    constructor(props: TableProps) {
      super(props)
      const rule = this.separator
      // Keys end in the row's number.
      this.separator = (row) => (row.key.endsWith('-0') ? rule(row) : null)
    }
  }
  return loaded
}
