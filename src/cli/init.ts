import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { builtInCatalogue } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { roomSymbol } from '../feeds/exchange-plan.ts'
import { Config, defaultConfig } from '../room/config/config.ts'
import { CONFIG_FILE, shownConfig } from '../room/config/load-config.ts'
import { contextWith, DEFAULT_DATA_DIR, parseSymbol, withPlaces, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface InitOptions extends Omit<CommonOptions, 'symbol'> {
  readonly yes?: boolean
  readonly force?: boolean
}

/** What the answers come to. */
interface Answers {
  /** The options of `onay start`. */
  readonly start: readonly string[]
  readonly features: string
  readonly label: Config['label']
}

/** A question with the answer that Enter gives. `read` takes an answer for what it means. @throws OperatorError when it does not fit */
interface Question<T> {
  readonly text: string
  readonly usual: string
  readonly read: (answer: string) => T
}

type Asking = <T>(question: Question<T>) => Promise<T>

/** How often an answer that does not fit is asked for again. */
const MOST_TRIES = 3
const SAMPLE = 'sample'
const SAMPLE_SYMBOL = 'BTCUSDT'
const FEATURE_SETS = builtInCatalogue.sets.map(({ name }) => name)
/** It drifts less than that of the first model. */
const USUAL_SET = 'v1.8.1'

/** `onay init`: a configuration with every field, and the commands that come next. */
export function addInit(program: Command, io: Io): void {
  withPlaces(program.command('init'))
    .description(`asks a few questions, writes ${CONFIG_FILE} with every field, and names the commands that come next`)
    .option('--yes', 'ask nothing: the usual answer to every question')
    .option('--force', 'write over a configuration that is there')
    .action(async (options: InitOptions) => {
      const context = contextWith(defaultConfig(), options, io)
      const file = resolve(io.cwd, options.config ?? CONFIG_FILE)
      const replaces = existsSync(file)
      if (replaces && options.force !== true) throw isThere(file)
      const { start, features, label } = await answered(askingOf(options, io), io)
      const config = shownConfig(Config.parse({ label }))
      write(file, `${JSON.stringify(config, null, 2)}\n`, replaces)
      const places = placesOf(options)
      const commands = [
        ['onay', 'doctor', ...places],
        ['onay', 'start', ...start, ...places],
        ['onay', 'retrain', '--features', features, ...places],
      ].map((words) => words.map(quoted).join(' '))
      context.print({ written: file, replaced: replaces, commands }, () => initText(file, replaces, commands), 'init/1')
    })
}

function isThere(file: string): OperatorError {
  return new OperatorError(
    `${file} is there already`,
    'it is left as it is',
    'write over it with --force, or name another file with --config',
    'exists',
  )
}

function askingOf({ yes }: InitOptions, { question, err }: Io): Asking {
  if (yes === true) return ({ usual, read }) => Promise.resolve(read(usual))
  if (question === null)
    throw new OperatorError(
      'there is nobody to ask',
      'this is not a terminal',
      'take the usual answers with: onay init --yes',
      'no_terminal',
    )
  return async ({ text, usual, read }) => {
    for (let tries = 1; ; tries++) {
      const answer = (await question(`${text} [${usual}] `)) || usual
      try {
        return read(answer)
      } catch (error) {
        if (!(error instanceof OperatorError) || tries === MOST_TRIES) throw error
        err(`${error.what}: ${error.why}\n`)
      }
    }
  }
}

async function answered(ask: Asking, io: Io): Promise<Answers> {
  const start = await feed(ask, io)
  const features = await ask({
    text: `Which features is the first candidate trained on? ${FEATURE_SETS.join(', ')}`,
    usual: USUAL_SET,
    read: (answer) => oneOf(answer, FEATURE_SETS, 'feature set'),
  })
  return { start, features, label: await labelAsked(ask) }
}

/** Where bars come from, as options of `onay start`. */
async function feed(ask: Asking, io: Io): Promise<readonly string[]> {
  const from = await ask({
    text: 'Where do bars come from? the shipped sample, an exchange, push (your own program posts them), or a file',
    usual: SAMPLE,
    read: (answer) => {
      if ([SAMPLE, 'exchange', 'push'].includes(answer) || existsSync(resolve(io.cwd, answer))) return answer
      throw unfit(
        answer,
        'place of bars',
        `no file has that path: answer ${SAMPLE}, exchange, push or the path of a file`,
      )
    },
  })
  if (from === SAMPLE) return []
  if (from === 'exchange') {
    const exchange = await ask({
      text: 'Which exchange, as ccxt calls it?',
      usual: 'binance',
      read: (answer) => {
        if (/^[a-z][a-z0-9]{1,29}$/.test(answer)) return answer
        throw unfit(answer, 'name of an exchange', 'small letters and digits only')
      },
    })
    const market = await ask({
      text: 'Which market? BTC/USDT, or BTC/USDT:USDT for the perpetual',
      usual: 'BTC/USDT',
      read: (answer) => {
        parseSymbol(roomSymbol(answer))
        return answer
      },
    })
    return ['--feed', 'exchange', '--exchange', exchange, '--symbol', market]
  }
  const symbol = await ask({ text: 'Which symbol?', usual: SAMPLE_SYMBOL, read: parseSymbol })
  return [...(from === 'push' ? ['--feed', 'push'] : ['--recording', from]), '--symbol', symbol]
}

async function labelAsked(ask: Asking): Promise<Config['label']> {
  const usual = defaultConfig().label
  const fields = Config.shape.label
  const read = <T>(name: string, value: unknown, of: (label: Config['label']) => T): T => {
    const parsed = fields.safeParse({ [name]: value })
    if (parsed.success) return of(parsed.data)
    throw unfit(String(value), `label.${name}`, parsed.error.issues[0]?.message ?? 'it does not fit')
  }
  const kind = await ask({
    text: 'What is predicted: move (either way), up, or pushed (your own outcomes)?',
    usual: usual.kind,
    read: (answer) => read('kind', answer, (label) => label.kind),
  })
  const horizon_min = await ask({
    text: 'How many minutes ahead?',
    usual: String(usual.horizon_min),
    read: (answer) => read('horizon_min', Number(answer), (label) => label.horizon_min),
  })
  if (kind === 'pushed') {
    const name = await ask({
      text: 'What do you call it?',
      usual: usual.name,
      read: (answer) => read('name', answer, (label) => label.name),
    })
    return { ...usual, kind, name, horizon_min }
  }
  const threshold_bp = await ask({
    text: 'How large must the move be, in basis points?',
    usual: String(usual.threshold_bp),
    read: (answer) => read('threshold_bp', Number(answer), (label) => label.threshold_bp),
  })
  return { ...usual, kind, horizon_min, threshold_bp }
}

function oneOf(answer: string, known: readonly string[], what: string): string {
  if (known.includes(answer)) return answer
  throw unfit(answer, what, `there are ${known.join(', ')}`)
}

function unfit(answer: string, what: string, why: string): OperatorError {
  return new OperatorError(`"${answer}" is not a valid ${what}`, why, 'run it again: onay init', 'usage')
}

function write(file: string, text: string, replaces: boolean): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    // What came there meanwhile is left alone too.
    writeFileSync(file, text, { flag: replaces ? 'w' : 'wx' })
  } catch (error) {
    throw new OperatorError(`${file} cannot be written`, messageOf(error), 'name another with --config', 'no_access')
  }
}

/** What was said of places is said to the next commands too. */
function placesOf({ dataDir, evidenceDir, config }: InitOptions): readonly string[] {
  return [
    ...(dataDir === DEFAULT_DATA_DIR ? [] : ['--data-dir', dataDir]),
    ...(evidenceDir === undefined ? [] : ['--evidence-dir', evidenceDir]),
    ...(config === undefined ? [] : ['--config', config]),
  ]
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function initText(file: string, replaced: boolean, [look, start, retrain]: readonly string[]): string {
  return [
    `${file} ${replaced ? 'was written over' : 'is written'}: every field, with its default where you did not say otherwise`,
    '',
    `${look}`,
    '  looks at this machine before the first start',
    `${start}`,
    '  opens the room, which trains its first model',
    `${retrain}`,
    '  in a second terminal, once that model is in charge: trains the first candidate into the shadow',
  ].join('\n')
}
