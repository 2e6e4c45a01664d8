/** The newest rehearsal as a page of the screen: what each rule would have done, and on which days. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { DetailView } from '../../control/panels.ts'
import { canaryEnds } from '../../control/rehearsal-words.ts'
import { plainSpark } from '../../control/spark.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { REHEARSED_RULES } from '../../engine/kernel/rehearsed-rules.ts'
import { minuteUtc } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { REHEARSAL } from '../safety/drift-kill.ts'

type Table = Extract<DetailView, { kind: 'table' }>
type Row = Table['rows'][number]

const COURSE_CELLS = 28

const Days = z.array(
  z.object({
    date: z.string(),
    log_loss: z.number(),
    fallback_log_loss: z.number(),
  }),
)
const Kept = z.object({
  until: z.string(),
  model: z.string(),
  promise: z.number().nullable(),
  days: Days,
  canary: z
    .object({
      candidate: z.string(),
      plan: z.string(),
      profile: z.string(),
      minutes: z.number(),
      timed_minutes: z.number(),
      days: Days,
    })
    // One that an earlier version has kept says nothing of a canary.
    .nullable()
    .default(null),
  variants: z.array(
    z.object({
      name: z.string(),
      canaries: z
        .object({ begun: z.number(), succeeded: z.number(), stopped: z.number(), inconclusive: z.number() })
        .nullable()
        .default(null),
      rules: z.array(
        z.object({
          rule: z.enum(REHEARSED_RULES),
          fired: z.number(),
          minutes: z.number(),
          dates: z.array(z.string()),
          worse_than_promise: z.number(),
          worse_than_fallback: z.number(),
          answers: z.number(),
          signals: z.number(),
          right: z.number(),
        }),
      ),
    }),
  ),
})
type Rehearsal = z.infer<typeof Kept>
type Variant = Rehearsal['variants'][number]

export function rehearsalTable({ evidence, store }: Desks, { symbol }: Desk): Table {
  const entry = store.journal.entriesUnder(evidence.subject(symbol, REHEARSAL)).at(-1)
  const kept = entry === undefined ? undefined : Kept.safeParse(tryJson(contentOf(evidence.pathOf(entry.subject)))).data
  if (kept === undefined)
    return {
      kind: 'table',
      title: 'Live: rehearsal',
      rows: [],
      note: 'None has been made yet, or its file is gone: R on the drift and canary panels, or onay rehearse.',
    }
  const { model, days, until, canary, variants } = kept
  return {
    kind: 'table',
    title: `Live: rules over ${days.length} days of ${model}, rehearsed at ${minuteUtc(until)}`,
    rows: [...variants.flatMap((variant) => ruleRows(variant, kept)), ...courseRows(kept)],
    inDetail: ['of which came true'],
    note: `${judgeText(canary, variants)} By day from left to right: when a rule fired, and log loss on one scale. Other limits: onay rehearse --set drift.psi=0.25.`,
  }
}

function ruleRows({ name, rules }: Variant, { days, canary }: Rehearsal): readonly Row[] {
  return rules.map((rule) => {
    const isGate = rule.rule.startsWith('gate')
    const isOfCandidate = rule.rule === 'canary judge' || (isGate && canary !== null)
    const ofModel = isOfCandidate ? (canary?.days ?? []) : days
    return {
      limits: name,
      rule: rule.rule,
      fired: `${rule.fired}`,
      hours: (rule.minutes / 60).toFixed(1),
      days: `${rule.dates.length}`,
      'worse than promised': `${rule.worse_than_promise}`,
      'than the fallback': `${rule.worse_than_fallback}`,
      'by day': course(
        ofModel.map(({ date }) => (rule.dates.includes(date) ? 1 : 0)),
        0,
        1,
      ),
      // A gate stops a promotion.
      ...(isGate
        ? {}
        : { 'answers stopped': `${rule.answers}`, signals: `${rule.signals}`, 'of which came true': `${rule.right}` }),
    }
  })
}

/** Log loss by day, all on one scale. */
function courseRows({ model, days, canary }: Rehearsal): readonly Row[] {
  const all = [...days, ...(canary?.days ?? [])].flatMap(({ log_loss: own, fallback_log_loss: other }) => [own, other])
  const row = (of: string, values: readonly number[]): Row => ({
    limits: '',
    rule: `log loss, ${of}`,
    'by day': course(values, Math.min(...all), Math.max(...all)),
  })
  const ofCandidate = canary === null || canary.days.length === 0 ? [] : [row(canary.candidate, losses(canary.days))]
  if (days.length === 0) return ofCandidate
  const fallback = days.map(({ fallback_log_loss: loss }) => loss)
  return [row(model, losses(days)), ...ofCandidate, row('fallback', fallback)]
}

function losses(days: Rehearsal['days']): readonly number[] {
  return days.map(({ log_loss: loss }) => loss)
}

function course(values: readonly number[], low: number, high: number): string {
  return plainSpark(values, Math.min(values.length, COURSE_CELLS), { low, high })
}

function judgeText(canary: Rehearsal['canary'], variants: Rehearsal['variants']): string {
  const counts = variants[0]?.canaries ?? null
  if (canary === null || counts === null) return "No model is in the shadow: a canary's judge was not rehearsed."
  const { candidate, plan, profile, minutes, timed_minutes: timed } = canary
  if (counts.begun === 0) return `No canary of ${candidate} was rehearsed: that takes more than a day of comparisons.`
  const late = timed < minutes ? ` ${minutes - timed} of its minutes have no latency and count as on time.` : ''
  return `Of ${counts.begun} canaries of ${candidate} (${plan}, ${profile}) one after the other ${canaryEnds(counts)}.${late}`
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
