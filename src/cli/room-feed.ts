import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { Exchange } from '../feeds/exchange.ts'
import { exchangeSymbols } from '../room/drivers/exchange-feed.ts'
import type { RecordingChoice } from '../room/drivers/recordings.ts'
import type { FeedChoice } from '../room/drivers/room-feeds.ts'
import { parseSymbol, parseTime, type Context } from './context.ts'
import { rememberedFeeds, rememberedMarkets } from './remembered-feeds.ts'

const SAMPLE = 'samples/btcusdt_1m.csv.gz'
const SAMPLE_SYMBOL = 'BTCUSDT'

/** What the command line says about where bars come from. */
export interface FeedOptions {
  readonly feed?: string
  readonly exchange?: string
  readonly symbol?: readonly string[]
  readonly recording?: readonly string[]
  readonly from?: string
  readonly until?: string
  readonly features?: string
}

/** The feed that a command line asks for, or that the directory had. @throws OperatorError when it asks for none or for two */
export function feedOf(options: FeedOptions, context: Context, atFullSpeed: boolean): FeedChoice {
  const untilMs = options.until === undefined ? Number.POSITIVE_INFINITY : parseTime(options.until)
  const mayBeExchange = options.feed === 'exchange' || (options.feed === undefined && options.recording === undefined)
  const remembered = mayBeExchange ? rememberedMarkets(context.dataDir) : []
  const kind = options.feed ?? (remembered.length > 0 ? 'exchange' : 'recording')
  if (options.feed !== undefined && options.recording !== undefined)
    throw new OperatorError(
      `--feed ${options.feed} and --recording exclude each other`,
      'bars come from one place',
      'leave one out',
      'usage',
    )
  if (kind !== 'exchange' && options.exchange !== undefined)
    throw new OperatorError(
      '--exchange goes with --feed exchange',
      `this room is fed by ${kind === 'push' ? 'your program' : 'a recording'}`,
      'write: --feed exchange --exchange NAME --symbol BTC/USDT',
      'usage',
    )
  if (kind !== 'recording' && options.features !== undefined)
    throw new OperatorError(
      '--features goes with a recording',
      `this room is fed by ${kind === 'push' ? 'your program' : 'an exchange'}`,
      'push values to POST /feed/features, or bring them in with: onay import features FILE',
      'usage',
    )
  if (kind === 'exchange') return exchangeOf(options, context, remembered)
  if (kind === 'push') return { kind, symbols: (options.symbol ?? []).map(parseSymbol) }
  if (kind !== 'recording') {
    throw new OperatorError(
      `there is no feed ${kind}`,
      'the feeds are exchange and push; a recording needs none',
      'leave --feed out, or write --feed exchange or --feed push',
      'feed',
    )
  }
  const recordings = recordingsOf(options, context)
  return {
    kind: 'recording',
    recordings,
    fromMs: options.from === undefined ? Number.NEGATIVE_INFINITY : parseTime(options.from),
    // At full speed it is only the first stop: `onay speed` plays on from there.
    untilMs: atFullSpeed ? Number.POSITIVE_INFINITY : untilMs,
    firstStopMs: atFullSpeed && Number.isFinite(untilMs) ? untilMs : null,
    features: options.features === undefined ? null : resolve(context.io.cwd, options.features),
  }
}

function exchangeOf(
  options: FeedOptions,
  context: Context,
  remembered: ReturnType<typeof rememberedMarkets>,
): FeedChoice {
  const exchange = options.exchange ?? remembered[0]?.exchange
  if (exchange === undefined)
    throw new OperatorError(
      'no exchange was given',
      'about a hundred are supported',
      'write for instance: --exchange binance --symbol BTC/USDT',
      'exchange',
    )
  const markets = options.symbol ?? remembered.map(({ market }) => market)
  const symbols = exchangeSymbols(markets).map(parseSymbol)
  const url = context.config.feed.exchange_url
  const open = async (signal: AbortSignal): Promise<Exchange> => {
    const { openCcxt } = await import('../feeds/exchange-ccxt.ts')
    return openCcxt({ name: exchange, url, signal })
  }
  return { kind: 'exchange', exchange, markets, symbols, open }
}

function recordingsOf(options: FeedOptions, context: Context): RecordingChoice[] {
  const only = options.symbol?.[0]
  if ((options.symbol?.length ?? 0) > 1)
    throw new OperatorError(
      '--symbol was given several times',
      'each recording has its own',
      'write --recording BTCUSDT=a.csv.gz ETHUSDT=b.csv.gz',
      'usage',
    )
  const named = (options.recording ?? []).map((text) => {
    const split = text.indexOf('=')
    const inFront = split > 0 && !existsSync(text)
    const symbol = inFront ? text.slice(0, split) : only
    if (symbol === undefined)
      throw new OperatorError(
        `${text} has no symbol`,
        'a recording belongs to a market',
        'give it with --symbol, or write --recording SYMBOL=FILE',
        'symbol',
      )
    return { symbol: parseSymbol(symbol), path: resolve(context.io.cwd, inFront ? text.slice(split + 1) : text) }
  })
  if (named.length > 0) return named
  const remembered = rememberedFeeds(context.dataDir)
  if (remembered.length > 0) return remembered
  if (only !== undefined && only !== SAMPLE_SYMBOL) {
    throw new OperatorError(
      `${only} has no recording`,
      `the shipped sample is ${SAMPLE_SYMBOL}`,
      'give one with --recording FILE',
      'recording',
    )
  }
  return [{ symbol: SAMPLE_SYMBOL, path: samplePath() }]
}

/** The samples are shipped beside the program. */
function samplePath(): string {
  const candidates = ['../', '../../'].map((up) => fileURLToPath(new URL(`${up}${SAMPLE}`, import.meta.url)))
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined)
    throw new OperatorError(
      'the sample recording is missing',
      `it is not at ${candidates[0] ?? SAMPLE}`,
      'give a recording with --recording FILE --symbol S',
      'no_sample',
    )
  return found
}
