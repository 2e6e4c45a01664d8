/** Looks at the room, lets keys act, and says when to draw. One look at a time, at most two a second. */
import { sentenceOf } from '../control/sentences.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import { type Command, lowersRisk } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { Opened } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import type { Input } from './keys/input.ts'
import { composeScreen, type Screen } from './frame.ts'
import { errorSentence, failureOf, outcomesOf } from './outcomes.ts'
import { reduce } from './reducer.ts'
import type { Size } from './size.ts'
import { firstState, pageOf, type Leaving, type UiState } from './state.ts'
import type { Context, Intent, UiEvent } from './intents.ts'
import type { Theme } from './theme.ts'

const LOOK_EVERY_MS = 500
/** An opened panel asks the database for more than a look does. */
const DETAIL_EVERY_MS = 2000
/** Commands that may be on their way at once. */
const MAX_COMMANDS = 4

interface SessionOptions {
  readonly room: ControlRoom
  readonly symbol: string | undefined
  /** Who sits at the screen; a room over HTTP knows it by the token instead. */
  readonly by: string
  readonly theme: Theme
  readonly wallNow: () => number
  readonly size: () => Size
  readonly draw: (screen: Screen) => void
  /** Writes the next frame whole. */
  readonly forget: () => void
  readonly copy: (text: string) => void
}

export class Session {
  /** How the person left, in contrast to a signal. */
  left: Leaving | null = null

  private ui: UiState
  private view: RoomView | null = null
  private screen: Screen | null = null
  private drawn = ''
  private commands = 0
  private detailAtMs = -Infinity
  private drawScheduled = false
  private wakeUp: () => void = () => {}
  private lookAgain = false
  private end: () => void = () => {}
  private fail: (error: unknown) => void = () => {}
  private readonly ended: Promise<void>
  private over = false

  constructor(private readonly options: SessionOptions) {
    this.ui = firstState(options.symbol)
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve
      this.fail = reject
    })
    this.ended.catch(() => {
      this.over = true
    })
  }

  /** The first frame, before the room has answered. */
  first(): Screen {
    this.screen = composeScreen(null, this.ui, this.options.size(), this.options.theme)
    return this.screen
  }

  stop(): void {
    this.over = true
    this.end()
    this.wake()
  }

  /** Until `stop`, or until something that is a bug is thrown. */
  async run(): Promise<void> {
    const unsubscribe = this.options.room.onChange?.(() => this.wake())
    try {
      while (!this.over) {
        await Promise.race([this.look(), this.ended])
        if (this.over) break
        this.drawNow()
        await Promise.race([this.pause(), this.ended])
      }
      await this.ended
    } finally {
      unsubscribe?.()
    }
  }

  readonly press = (inputs: readonly Input[]): void => {
    for (const input of inputs) {
      if (!this.over) this.apply(input)
    }
  }

  /** The window has another size: the frame is composed and written afresh. */
  readonly resized = (): void => {
    this.drawn = ''
    this.options.forget()
    this.drawSoon()
  }

  private apply(event: UiEvent): void {
    const context: Context = {
      view: this.view,
      by: this.options.by,
      wallMs: this.options.wallNow(),
      pageRows: this.screen?.pageRows ?? 1,
      listRows: this.screen?.listRows ?? 1,
      panels: this.screen?.panels ?? [],
    }
    const { ui, intents } = reduce(this.ui, event, context)
    this.ui = ui
    for (const intent of intents) this.perform(intent)
    this.drawSoon()
  }

  private perform(intent: Intent): void {
    const { room } = this.options
    switch (intent.kind) {
      case 'quit':
        this.left = intent.how
        return this.stop()
      case 'redraw':
        return this.resized()
      case 'copy':
        return this.options.copy(intent.text)
      case 'look':
        return this.wake()
      case 'choices':
        return this.background(async () => {
          const { items } = await room.read({ kind: 'retrainChoices', symbol: intent.symbol })
          this.apply({ kind: 'choices', choices: items })
        })
      case 'detail':
        return this.background(() => this.fetchDetail(intent.symbol, intent.panel))
      case 'ask':
        return this.command(intent.command)
      default:
        return unreachable(intent)
    }
  }

  /** The room is asked before this returns, so that an abort does not wait for a frame. */
  private command(command: Command): void {
    if (this.commands >= MAX_COMMANDS && !lowersRisk(command)) {
      for (const event of failureOf(command, 'the room is still busy with earlier commands')) this.apply(event)
      return
    }
    this.commands += 1
    this.background(async () => {
      try {
        const sentence = sentenceOf(command.kind, await this.options.room.ask(command))
        for (const event of outcomesOf(command, sentence, this.view?.room.symbol ?? '')) this.apply(event)
      } catch (error) {
        for (const event of failureOf(command, errorSentence(error))) this.apply(event)
      } finally {
        this.commands -= 1
        this.wake()
      }
    })
  }

  /** Ends the pause, also one that has not begun yet. */
  private wake(): void {
    this.lookAgain = true
    this.wakeUp()
  }

  /** Runs beside the looks; what it throws is shown, not lost. */
  private background(run: () => Promise<void>): void {
    run().catch((error: unknown) => this.apply({ kind: 'said', text: errorSentence(error), good: false }))
  }

  private async look(): Promise<void> {
    const page = pageOf(this.ui)
    try {
      this.view = await this.options.room.view(this.ui.symbol ?? undefined)
      if (this.ui.lost !== null) this.apply({ kind: 'lost', why: null })
      this.apply({ kind: 'looked' })
      const due = this.options.wallNow() - this.detailAtMs >= DETAIL_EVERY_MS
      if (page.kind === 'large' && due) await this.fetchDetail(this.view.room.symbol, page.panel)
    } catch (error) {
      this.apply({ kind: 'lost', why: errorSentence(error) })
    }
    this.apply({ kind: 'tick' })
  }

  private async fetchDetail(symbol: string, panel: Opened): Promise<void> {
    this.detailAtMs = this.options.wallNow()
    const detail = await this.options.room.read({ kind: 'detail', symbol, panel })
    this.apply({ kind: 'detail', panel, detail })
  }

  private pause(): Promise<void> {
    if (this.lookAgain) {
      this.lookAgain = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS)
      this.wakeUp = () => {
        this.lookAgain = false
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Keys that arrive together are drawn together. */
  private drawSoon(): void {
    if (this.drawScheduled || this.over) return
    this.drawScheduled = true
    setImmediate(() => {
      this.drawScheduled = false
      this.drawNow()
    })
  }

  /** Composes, and renders only what differs from the last frame: a render is what costs. */
  private drawNow(): void {
    if (this.over) return
    try {
      const screen = composeScreen(this.view, this.ui, this.options.size(), this.options.theme)
      this.screen = screen
      const key = screen.lines.join('\n')
      if (key === this.drawn) return
      this.drawn = key
      this.options.draw(screen)
    } catch (error) {
      this.fail(error)
    }
  }
}
