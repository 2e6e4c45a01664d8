/** Act 1 as a person plays it by the README: keys in, the screen read, nothing else. What was shown on the way is kept. */
import type { PseudoTerminal } from '../../kit/pseudo-terminal.ts'
import { prepare } from '../../kit/prepared.ts'
import { type Stage } from '../../kit/program.ts'
import { until } from '../../kit/until.ts'
import { keysOfActOne } from '../../kit/readme.ts'
import { drawnWhole, KEY_BYTES, openScreen, pressAndDraw, shown } from '../../kit/screens.ts'

export const REASON = 'weekend, quiet book'
export const PROMOTED_BECAUSE = 'what speaks against it is understood'

const WINDOW = [120, 40] as const
const { tab = '', enter = '' } = KEY_BYTES
const CTRL_K = KEY_BYTES['ctrl-k'] ?? ''
const KEYS = keysOfActOne(REASON)

/** The screen's text at moments of the canary, and where it left its directory. */
export interface CanaryByKeys {
  readonly dataDir: string
  readonly opened: string
  readonly shadowed: string
  readonly dry: string
  readonly startAsked: string
  readonly wrongPhrase: string
  readonly resumed: string
  readonly succeeded: string
}

/** The screen's text at moments of the promotion. */
export interface PromotionByKeys {
  readonly dataDir: string
  readonly eve: string
  readonly eligible: string
  readonly promoteAsked: string
  readonly promoted: string
}

export interface Taken {
  readonly dataDir: string
  /** The screen after the first of the two keystrokes, and when it was done. */
  readonly armed: string
  readonly done: string
}

/** The screens of one test file, so that none outlives it. */
export class Screens {
  private readonly open = new Set<PseudoTerminal>()

  /** At real speed the market stands as good as still while somebody reads; `n` plays on. */
  async start(dataDir: string, first: string | RegExp): Promise<PseudoTerminal> {
    const terminal = openScreen(dataDir, WINDOW, ['--speed', '1'])
    this.open.add(terminal)
    await shown(terminal, first)
    return terminal
  }

  /** Ends the room. */
  async leave(terminal: PseudoTerminal): Promise<void> {
    terminal.press('q')
    await shown(terminal, 'e it ends')
    terminal.press('e')
    const { exitCode } = await terminal.ended
    this.open.delete(terminal)
    if (exitCode !== 0) throw new Error(`the screen ended with ${exitCode}`)
  }

  async end(): Promise<void> {
    for (const terminal of this.open) terminal.signal('SIGKILL')
    await Promise.all([...this.open].map((terminal) => terminal.ended))
  }
}

/** Presses keys, waits until the screen says what is awaited, and gives all that it says then but the message line. */
async function after(terminal: PseudoTerminal, keys: string, what: string | RegExp): Promise<string> {
  terminal.press(keys)
  await shown(terminal, what)
  return drawnWhole(terminal)
}

/** The keys of a row of the README, one after the other: each is answered before the next one is pressed. */
async function pressed(terminal: PseudoTerminal, keys: readonly string[], what: string | RegExp): Promise<string> {
  for (const key of keys.slice(0, -1)) await pressAndDraw(terminal, key)
  return after(terminal, keys.at(-1) ?? '', what)
}

/** Until no bar of progress stands on the screen: work that runs holds up the next one. */
async function idle(terminal: PseudoTerminal): Promise<void> {
  await until('the end of the work', () => !terminal.text.includes('c cancels'))
}

function askForCanary(terminal: PseudoTerminal): Promise<string> {
  return pressed(terminal, KEYS.ask, /Against it +\S.*settled minute/)
}

/** From 26 May to the end of the validation on the 27th. The directory is left once on the way, in the canary's second phase. */
export async function canaryByKeys(
  shell: Stage,
  screens: Screens,
  onSecondPhase: (dataDir: string) => void,
): Promise<CanaryByKeys> {
  const dataDir = await prepare(shell, 'opening')
  let terminal = await screens.start(dataDir, 'BLOCKED 1/6')
  const opened = await drawnWhole(terminal)

  const shadowed = await pressed(terminal, KEYS.retrain, 'GATES of v1.8.1')
  await idle(terminal)
  await pressed(terminal, KEYS.validate, 'validation of v1.8.1: PASS')
  const dry = await pressed(terminal, KEYS.rehearse, 'canary dry run of v1.8.1 SUCCESS')

  const startAsked = await askForCanary(terminal)
  await after(terminal, `${REASON}${tab}onay`, 'onay_')
  const wrongPhrase = await after(terminal, enter, '"onay" is not the phrase')
  await after(terminal, '\u0015', /▸ Type ONAY and Enter +_/)
  // The reason stands already: Esc and the prompt anew, so that the row is typed from its beginning.
  await after(terminal, '\u001b', /1 prompt/)
  await after(terminal, 'o', /▸ Reason +_/)
  await pressed(terminal, KEYS.start, 'ramping 1 of 3')
  const [first = '', second = '', third = ''] = KEYS.phases
  await after(terminal, first, 'ramping 2 of 3')
  await screens.leave(terminal)
  onSecondPhase(dataDir)

  terminal = await screens.start(dataDir, 'ramping 2 of 3')
  const resumed = await drawnWhole(terminal)
  await after(terminal, second, 'ramping 3 of 3')
  const succeeded = await after(terminal, third, /CANARY mini.* succeeded/)
  await pressed(terminal, KEYS.validation, 'validation 24 of 24 h counted, done')
  await screens.leave(terminal)
  return { dataDir, opened, shadowed, dry, startAsked, wrongPhrase, resumed, succeeded }
}

/** From the eve of 2 June, when gate 1 waits for its last hour, to the promotion. */
export async function promotionByKeys(screens: Screens, dataDir: string): Promise<PromotionByKeys> {
  const terminal = await screens.start(dataDir, 'BLOCKED 5/6')
  const eve = await drawnWhole(terminal)
  await pressed(terminal, KEYS.secondOfJune, 'ELIGIBLE 6/6')
  // Gate 6 has its last file after the midnight's reports; `n` stands at the midnight then.
  await shown(terminal, /2025-06-02 00:0\d UTC +> 1x/)
  const eligible = await drawnWhole(terminal)

  const promoteAsked = await pressed(terminal, KEYS.promote, 'Against it')
  const promoted = await pressed(terminal, keysOfActOne(PROMOTED_BECAUSE).approve, 'bake runs')
  await screens.leave(terminal)
  return { dataDir, eve, eligible, promoteAsked, promoted }
}

/** A canary in its second phase is aborted with `a` `a`; another one is asked for, and aborted inside its prompt. */
export async function abortedByKeys(
  screens: Screens,
  dataDir: string,
): Promise<Taken & { readonly withdrawn: string }> {
  const terminal = await screens.start(dataDir, 'ramping 2 of 3')
  const armed = await after(terminal, 'a', 'a (or Ctrl+K) again within 2 s')
  const done = await after(terminal, 'aa', 'ABORTED in phase 2 of 3')
  await askForCanary(terminal)
  const withdrawn = await after(terminal, CTRL_K + CTRL_K, /the canary of v1\.8\.1 is/)
  await screens.leave(terminal)
  return { dataDir, armed, done, withdrawn }
}

/** A promotion is taken back with `b` `b`. */
export async function rolledBackByKeys(screens: Screens, dataDir: string): Promise<Taken> {
  const terminal = await screens.start(dataDir, 'bake runs')
  const armed = await after(terminal, 'b', 'b again within 2 s')
  const done = await after(terminal, 'bb', 'in charge v1.8-b0')
  await screens.leave(terminal)
  return { dataDir, armed, done }
}
