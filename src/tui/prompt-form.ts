/** Prompts for ONAY: choosing one, typing into it, and what happens to it while it is open. Nothing is approved by one key. */
import { PHRASE } from '../engine/approval/prompt.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { ApprovalDocument } from '../evidence/documents/release-documents.ts'
import type { AnswerApproval } from '../control/commands.ts'
import type { RoomView } from '../control/view.ts'
import { timeOf, waitingPrompts } from './release.ts'
import { COMING_MS, type PromptPage, type UiState } from './state.ts'
import { asking, only, say, type Context, type Step, type UiEvent } from './intents.ts'
import { edited } from './text-field.ts'

/** Characters of a reason, and of a phrase, which is shorter by far. */
const MAX_REASON = 400
const MAX_PHRASE = 16
const ON_ITS_WAY = 'the answer is on its way'

function pageFor(shown: ApprovalDocument): PromptPage {
  return {
    kind: 'prompt',
    shown,
    field: 'reason',
    reason: '',
    phrase: '',
    scroll: 0,
    whole: false,
    sent: false,
    failed: null,
  }
}

/** The one prompt that waits, or a list to choose from. */
export function openPrompts(ui: UiState, view: RoomView): Step {
  const waiting = waitingPrompts(view)
  const oldest = waiting[0]
  if (oldest === undefined) return only(ui)
  return only({ ...ui, mode: waiting.length === 1 ? pageFor(oldest) : { kind: 'prompts', chosen: oldest.id } })
}

export type ChoosingKey = 'promptUp' | 'promptDown' | 'openPrompt'

export function choosePrompt(ui: UiState, action: ChoosingKey, view: RoomView | null): Step {
  if (ui.mode.kind !== 'prompts' || view === null) return only(ui)
  const { chosen } = ui.mode
  const waiting = waitingPrompts(view)
  const at = Math.max(
    0,
    waiting.findIndex((prompt) => prompt.id === chosen),
  )
  if (action === 'openPrompt') {
    const prompt = waiting[at]
    return only(prompt === undefined ? ui : { ...ui, mode: pageFor(prompt) })
  }
  const next = waiting[(at + (action === 'promptUp' ? waiting.length - 1 : 1)) % Math.max(1, waiting.length)]
  return only(next === undefined ? ui : { ...ui, mode: { kind: 'prompts', chosen: next.id } })
}

export type PromptKey = 'everyFigure' | 'type' | 'erase' | 'clear' | 'otherField' | 'send' | 'refuse' | 'putAside'

/** A key in an open prompt. @param text what the key types, where it types something */
export function promptKey(ui: UiState, action: PromptKey, text: string | null, context: Context): Step {
  if (ui.mode.kind !== 'prompt') return only(ui)
  const page = ui.mode
  if (action === 'putAside') {
    const still = page.sent ? ON_ITS_WAY : 'the prompt is still waiting: o opens it again'
    return only(say({ ...ui, mode: { kind: 'panels' } }, still, false, context))
  }
  if (action === 'everyFigure') return only({ ...ui, mode: { ...page, whole: !page.whole } })
  if (page.sent) return only(say(ui, ON_ITS_WAY, false, context))
  switch (action) {
    case 'type':
    case 'erase':
    case 'clear': {
      const now = edited(page[page.field], action, text, page.field === 'reason' ? MAX_REASON : MAX_PHRASE)
      return only({ ...ui, mode: { ...page, [page.field]: now } })
    }
    case 'otherField':
      return only({ ...ui, mode: { ...page, field: page.field === 'reason' ? 'phrase' : 'reason' } })
    case 'send':
      return send(ui, page, context)
    case 'refuse':
      // What was typed on the way to ONAY spoke for it, and must not stand in the record as the reason against it.
      if (page.field === 'phrase' && page.reason.trim() !== '') {
        const back = { ...ui, mode: { ...page, field: 'reason' as const, phrase: '' } }
        return only(say(back, 'why is it refused? Change the reason, then Ctrl+R again', false, context))
      }
      return answerWith(ui, page, { decision: 'reject', reason: page.reason.trim() || null }, context)
    default:
      return unreachable(action)
  }
}

/** A reason may be pasted; the phrase is typed, letter for letter. */
export function pasteIntoPrompt(ui: UiState, text: string, context: Context): Step {
  if (ui.mode.kind !== 'prompt') return only(ui)
  if (ui.mode.field === 'reason') return promptKey(ui, 'type', text, context)
  return only(say(ui, `${PHRASE} is typed, not pasted: that is what makes it a decision`, false, context))
}

/** Enter: goes from the reason to the phrase, and approves when both are there. */
function send(ui: UiState, page: PromptPage, context: Context): Step {
  if (page.reason.trim() === '') {
    const back = { ...ui, mode: { ...page, field: 'reason' as const } }
    return only(say(back, 'a reason is needed before ONAY: it is recorded with your name', false, context))
  }
  if (page.field === 'reason') return only({ ...ui, mode: { ...page, field: 'phrase' } })
  if (page.phrase !== PHRASE) {
    const what = page.phrase === '' ? 'nothing is typed yet' : `"${page.phrase}" is not the phrase`
    return only(say(ui, `${what}: type ${PHRASE}, letter for letter, to approve`, false, context))
  }
  return answerWith(ui, page, { decision: 'approve', phrase: page.phrase, reason: page.reason.trim() }, context)
}

function answerWith(
  ui: UiState,
  page: PromptPage,
  answer: Omit<AnswerApproval, 'id'>,
  { by }: Pick<Context, 'by'>,
): Step {
  const sent = { ...ui, mode: { ...page, sent: true } }
  return asking(sent, { kind: 'answerApproval', by, id: page.shown.id, ...answer })
}

/** The room has accepted the answer, or has not: then what was typed stays, but for the phrase. */
export function answered(ui: UiState, event: Extract<UiEvent, { kind: 'answered' }>, context: Context): Step {
  const said = say(ui, event.text, event.good, context)
  if (ui.mode.kind !== 'prompt' || ui.mode.shown.id !== event.id) return only(said)
  if (event.good) return only({ ...said, mode: { kind: 'panels' } })
  return only({ ...said, mode: { ...ui.mode, phrase: '', sent: false, failed: event.text } })
}

/** This screen has asked the room for a prompt: the next view that has it opens it. */
export function expect(ui: UiState, event: Extract<UiEvent, { kind: 'coming' }>, context: Context): UiState {
  const { action, symbol } = event
  return { ...ui, coming: { action, symbol, untilWallMs: context.wallMs + COMING_MS } }
}

/** A new view: an open prompt may have ended in the meantime, one that was asked for may have come. */
export function looked(ui: UiState, view: RoomView, context: Context): UiState {
  return opened(closed(ui, view, context), view, context)
}

function closed(ui: UiState, view: RoomView, context: Context): UiState {
  const { mode } = ui
  if (mode.kind === 'prompts' && waitingPrompts(view).length === 0) {
    return say({ ...ui, mode: { kind: 'panels' } }, 'no prompt is waiting any more', false, context)
  }
  if (mode.kind !== 'prompt') return ui
  const now = view.models.approvals.find((prompt) => prompt.id === mode.shown.id)
  const ended = endOf(mode.shown, now, view)
  if (ended === null) return { ...ui, mode: { ...mode, shown: now ?? mode.shown } }
  // The answer from here is about to say it better.
  if (mode.sent) return ui
  return say({ ...ui, mode: { kind: 'panels' } }, mode.failed ?? ended, false, context)
}

/** Why an open prompt can no longer be answered; null while it can. */
function endOf(shown: ApprovalDocument, now: ApprovalDocument | undefined, view: RoomView): string | null {
  const name = `the prompt "${shown.sentence}"`
  const expiry = timeOf(shown.expires_at)
  const expired = `${name} has expired; nothing was approved`
  if (now === undefined) {
    return expiry !== null && expiry <= view.room.clock.wallMs
      ? expired
      : `${name} is no longer waiting: it was answered elsewhere, or what it showed has changed; the events say which`
  }
  const why = now.why === null || now.why === '' ? '' : `: ${now.why}`
  switch (now.state) {
    case 'waiting':
      if (expiry !== null && expiry <= view.room.clock.wallMs) return expired
      return now.sha256 === shown.sha256 && now.figures_sha256 === shown.figures_sha256
        ? null
        : `${name} is stale: its figures have changed; ask again`
    case 'approved':
      return `${name} was approved elsewhere${why}`
    case 'refused':
      return `${name} was refused elsewhere${why}`
    case 'expired':
      return `${expired}${why}`
    case 'stale':
      return `${name} is stale${why === '' ? ': its figures have changed' : why}; ask again`
    default:
      return unreachable(now.state)
  }
}

function opened(ui: UiState, view: RoomView, context: Context): UiState {
  const { coming } = ui
  if (coming === null) return ui
  if (coming.untilWallMs <= context.wallMs) return { ...ui, coming: null }
  // A person who is typing elsewhere is not interrupted.
  if (ui.mode.kind !== 'panels' && ui.mode.kind !== 'large') return ui
  const prompt = waitingPrompts(view).findLast(
    ({ action, symbol }) => action === coming.action && symbol === coming.symbol,
  )
  return prompt === undefined ? ui : { ...ui, coming: null, mode: pageFor(prompt) }
}
