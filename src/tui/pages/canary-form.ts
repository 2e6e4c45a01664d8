import type { RoomView } from '../../room/control-room.ts'
import { padText } from '../cells.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../line.ts'
import { CANARY_FIELDS, type CanaryChoice, type Page } from '../state.ts'
import { stillPage, type PageBlock } from './page.ts'

type Form = Extract<Page, { kind: 'canaryForm' }>

const NAME_CELLS = 8
const VALUE_CELLS = 11

const PLAN = {
  mini: 'three phases: 5, 25, 100 %',
  full: 'five phases: 5, 10, 25, 50, 100 %',
} as const
const PROFILE = {
  equivalent: 'meant to agree: match is a limit beside errors, latency',
  improve: 'meant to differ: match is shown, and limits nothing',
} as const

function runText(live: boolean): string {
  return live
    ? 'asks for ONAY, then ramps; the judge may stop it'
    : 'judges the last 24 h and some probes; changes nothing'
}

const FIELD: Readonly<
  Record<(typeof CANARY_FIELDS)[number], (choice: CanaryChoice) => { value: string; about: string }>
> = {
  plan: ({ plan }) => ({ value: plan, about: PLAN[plan] }),
  profile: ({ profile }) => ({ value: profile, about: PROFILE[profile] }),
  live: ({ live }) => ({ value: live ? 'live' : 'dry run', about: runText(live) }),
}

/** How a canary of the candidate is to run. */
export function canaryFormPage(form: Form, view: RoomView, width: number): PageBlock {
  const fields = CANARY_FIELDS.map((name, i): Line => {
    const { value, about } = FIELD[name](form.choice)
    const chosen = i === form.field
    const label = name === 'live' ? 'run' : name
    return [
      span(` ${chosen ? '▸' : ' '} ${padText(label, NAME_CELLS)} `, chosen ? 'strong' : 'plain'),
      span(padText(value, VALUE_CELLS), form.choice.live && name === 'live' ? 'warn' : 'strong'),
      span(width < 72 ? '' : about, 'dim'),
    ]
  })
  const serves = view.baseline?.version ?? 'the fallback'
  return stillPage([
    [span(' CANARY', 'strong'), span(` of ${view.candidate?.version ?? 'no model'}`)],
    EMPTY_LINE,
    ...fields,
    EMPTY_LINE,
    textLine(`   callers keep ${serves}'s answers: the canary observes`),
  ])
}
