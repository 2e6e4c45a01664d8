import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The path of a file in a directory that describes a model behind HTTP. */
export function modelFile(dir: string, url: string): string {
  const path = join(dir, 'model.json')
  writeFileSync(
    path,
    JSON.stringify({ version: 'book-7', kind: 'http', url, model: 'book', features: ['rsi14_z', 'vol1m_log'] }),
  )
  return path
}
