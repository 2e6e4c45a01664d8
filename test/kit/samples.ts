/** The recordings that come with the program. */
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')
export const BTC = join(ROOT, 'samples/btcusdt_1m.csv.gz')
export const ETH = join(ROOT, 'samples/ethusdt_1m.csv.gz')
