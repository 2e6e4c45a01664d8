import * as z from 'zod'
import { isRecord } from '../../engine/kernel/json.ts'
import { Config } from './config.ts'

/** A field of the configuration: `gates.auc`. */
interface ExplainedField {
  readonly field: string
  readonly default: unknown
  /** What it may be, in words: `0 to 1`, `whole, 2 to 50`, `off, ask or on`. */
  readonly range: string
  /** What it does; Markdown, as docs/configuration.md has it. */
  readonly about: string
}

/** Every field in the order of the schema, with its default and what it does; notifications have a page of their own. */
export function explainedFields(): readonly ExplainedField[] {
  return Object.entries(Config.shape).flatMap(([group, schema]) =>
    Object.entries(shapeOf(schema)).map(([name, field]) => ({
      field: `${group}.${name}`,
      default: field.safeParse(undefined).data ?? null,
      range: rangeText(z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' })),
      about: field.description ?? '',
    })),
  )
}

/** What a field does, for a terminal. */
export function plainAbout({ about }: Pick<ExplainedField, 'about'>): string {
  return about.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodPrefault) return shapeOf(schema.unwrap() as z.ZodType)
  return schema instanceof z.ZodObject ? schema.shape : {}
}

/** @param schema of JSON Schema */
function rangeText(schema: unknown): string {
  if (!isRecord(schema)) return ''
  const { type, anyOf } = schema
  if (Array.isArray(anyOf)) return either([...new Set(anyOf.map(rangeText))])
  if (Array.isArray(schema.enum)) return either(schema.enum.map((value) => `\`${String(value)}\``))
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (type === 'null') return 'none'
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'array') return typeof schema.maxItems === 'number' ? `a list of up to ${schema.maxItems}` : 'a list'
  if (type === 'object') return 'an object'
  if (type === 'string') return schema.format === 'uri' ? 'an address' : 'a text'
  return type === 'integer' || type === 'number' ? numberText(schema) : ''
}

function numberText(schema: Readonly<Record<string, unknown>>): string {
  const whole = schema.type === 'integer' ? 'whole, ' : ''
  const bound = (name: string): number | null => {
    const value = schema[name]
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
  }
  const [least, above, most] = [bound('minimum'), bound('exclusiveMinimum'), bound('maximum')]
  if (least !== null && most !== null) return `${whole}${least} to ${most}`
  if (above !== null) return `${whole}above ${above}${most === null ? '' : `, at most ${most}`}`
  return least === null ? `${whole}a number` : `${whole}${least} or more`
}

function either(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}
