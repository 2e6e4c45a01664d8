import type { PlanView, RoomView } from '../../control/view.ts'
import { cellsOf, clean, padText, wrapText } from '../cells.ts'
import { plural } from '../format.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../line.ts'
import { splitText } from '../screens/release/canary-phases.ts'
import { CANARY_FIELDS, type CanaryChoice, type Page } from '../state.ts'
import { stillPage, type PageBlock } from './page.ts'

type Form = Extract<Page, { kind: 'canaryForm' }>

const NAME_CELLS = 8
const VALUE_CELLS = 12
/** Where the words about the chosen plan stand: under the values. */
const INDENT = ' '.repeat(NAME_CELLS + 4)
const MAX_PHASE_LINES = 6

const PROFILE = {
  equivalent: 'meant to agree: match is a limit beside errors, latency',
  improve: 'meant to differ: match is shown, but is not a limit',
} as const

const MODE = {
  observe: 'callers keep the answers of the model in charge',
  serve: "callers in the share get the candidate's answers",
} as const

function runText(live: boolean): string {
  return live
    ? 'asks for ONAY, then ramps; the judge may stop it'
    : 'judges the last 24 h and some probes; changes nothing'
}

/** `30 min`, `2 h`, `1 h 30 min` */
function minutesText(minutes: number): string {
  const rounded = Number(minutes.toFixed(1))
  const hours = Math.floor(rounded / 60)
  const rest = Number((rounded % 60).toFixed(1))
  return [hours === 0 ? '' : `${hours} h`, rest === 0 && hours > 0 ? '' : `${rest} min`].filter(Boolean).join(' ')
}

/** `5, 25, 100 % of the requests, 30 min each`; phases that differ in length are listed one by one. */
function phasesText({ phases }: PlanView): string {
  const [first] = phases
  if (first !== undefined && phases.every(({ durationMin }) => durationMin === first.durationMin)) {
    const splits = phases.map(({ split }) => splitText(split).replace(' %', '')).join(', ')
    return `${splits} % of the requests, ${minutesText(first.durationMin)}${phases.length === 1 ? '' : ' each'}`
  }
  return phases.map(({ split, durationMin }) => `${splitText(split)} for ${minutesText(durationMin)}`).join(', then ')
}

function planText(plan: PlanView | undefined, plans: readonly PlanView[]): string {
  if (plan === undefined) return 'the room no longer has this plan'
  const whole = plan.phases.reduce((sum, { durationMin }) => sum + durationMin, 0)
  const place = `plan ${plans.indexOf(plan) + 1} of ${plans.length}`
  return `${plural(plan.phases.length, 'phase')}, ${minutesText(whole)} in all; ${place}`
}

/** What the chosen plan does, phase by phase; and why it cannot run where it cannot. */
function planLines(plan: PlanView | undefined, width: number): readonly Line[] {
  if (plan === undefined) return []
  const lines = (text: string, tone: 'plain' | 'warn'): readonly Line[] =>
    wrapText(text, width - INDENT.length - 1, MAX_PHASE_LINES).map((line) => textLine(INDENT + line, tone))
  const refused = plan.refused === null ? [] : lines(`it cannot run: ${plan.refused}`, 'warn')
  return [...lines(phasesText(plan), 'plain'), ...refused]
}

function fieldText(
  name: (typeof CANARY_FIELDS)[number],
  { plan, profile, mode, live }: CanaryChoice,
  aboutPlan: string,
): { readonly value: string; readonly about: string } {
  switch (name) {
    case 'plan':
      return { value: plan, about: aboutPlan }
    case 'profile':
      return { value: profile, about: PROFILE[profile] }
    case 'mode':
      return { value: mode, about: MODE[mode] }
    case 'live':
      return { value: live ? 'live' : 'dry run', about: runText(live) }
  }
}

/** How a canary of the candidate is to run. */
export function canaryFormPage(form: Form, view: RoomView, width: number): PageBlock {
  const plan = view.models.plans.find(({ name }) => name === form.choice.plan)
  const fields = CANARY_FIELDS.flatMap((name, i): readonly Line[] => {
    const { value, about } = fieldText(name, form.choice, planText(plan, view.models.plans))
    const chosen = i === form.field
    const label = name === 'live' ? 'run' : name
    const line = [
      span(` ${chosen ? '▸' : ' '} ${padText(label, NAME_CELLS)} `, chosen ? 'strong' : 'plain'),
      span(
        padText(value, Math.max(VALUE_CELLS, cellsOf(clean(value)) + 2)),
        risks(form.choice, name) ? 'warn' : 'strong',
      ),
      span(width < 72 ? '' : about, 'dim'),
    ]
    return name === 'plan' ? [line, ...planLines(plan, width)] : [line]
  })
  return stillPage([
    [span(' CANARY', 'strong'), span(` of ${view.models.candidate?.version ?? 'no model'}`)],
    EMPTY_LINE,
    ...fields,
    EMPTY_LINE,
    exposureLine(form.choice, view),
  ])
}

/** What reaches callers is shown in another tone. */
function risks({ live, mode }: CanaryChoice, name: (typeof CANARY_FIELDS)[number]): boolean {
  return (name === 'live' && live) || (name === 'mode' && mode === 'serve')
}

function exposureLine({ mode, live }: CanaryChoice, { models: { baseline, candidate } }: RoomView): Line {
  const serves = baseline?.version ?? 'the fallback'
  if (mode === 'observe') return textLine(`   callers keep ${serves}'s answers: the canary only observes`)
  const version = candidate?.version ?? 'the candidate'
  return live
    ? textLine(`   callers in the share get ${version}'s answers, and ${serves}'s where it fails`, 'warn')
    : textLine(`   a dry run exposes no caller`)
}
