/** Bundles that the program makes, and the page that is in them. */
import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import type { Stage } from './program.ts'

const Bundled = z.object({ file: z.string(), sha256: z.string(), files: z.number() })
export type BundledSeen = z.infer<typeof Bundled>

export async function bundleOf(shell: Stage, dataDir: string, version: string): Promise<BundledSeen> {
  return Bundled.parse(await shell.json(['evidence', 'bundle', version, '--data-dir', dataDir]))
}

/** `RECORD.md` as `tar` takes it out. */
export function pageOf(file: string, version: string): string {
  return execFileSync('tar', ['-xzOf', file, `${version}/RECORD.md`], { encoding: 'utf8' })
}
