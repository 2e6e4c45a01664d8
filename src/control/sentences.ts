/** What a command came to, in one sentence: the same on a screen beside the room, over HTTP, and on the command line. */
import { minuteText } from '../engine/kernel/units.ts'
import type { Answers, CommandKind } from './commands.ts'

/** What became of a look at a calibration. */
export const CALIBRATED = {
  taken: 'answers with a new calibration',
  kept: 'answers as before',
  wait: 'answers as before',
} as const

/** What the record says where a person gave no reason. */
export const NO_REASON = 'no reason given'

const SENTENCES: { readonly [K in CommandKind]: (answer: Answers[K]) => string } = {
  setSpeed: said,
  pushBars: ({ accepted, rejected }) => `${accepted} bars accepted, ${rejected.length} rejected`,
  fillBars: ({ filled, known }) => `${filled} bars filled gaps, ${known} were there`,
  declareFeatures: ({ declared, known, columns }) =>
    `columns declared: ${declared.length}; there already: ${known.length}; of your own now: ${columns}`,
  pushFeatures: ({ added, known, late, different, different_named: named }) => {
    const some = named.map(({ ts_ms: tsMs, name }) => `${name} of ${minuteText(tsMs)}`).join(', ')
    const others = different === 0 ? '' : `; with another value, which was not taken: ${different} (${some})`
    return `values added: ${added}, of them late: ${late}; there already: ${known}${others}`
  },
  pushOutcomes: ({ name, added, known }) => `outcomes of ${name} added: ${added}; there already: ${known}`,
  addTrades: ({ arm, added, known }) => `trades of ${arm} brought in: ${added}; there already: ${known}`,
  compareArms: ({ verdict, reason }) => `${verdict}: ${reason}`,
  trainSet: ({ outcome, set, error }) =>
    outcome === 'trained'
      ? `${set?.version} trained as ${set?.name}`
      : `${outcome}${error === null ? '' : `: ${error}`}`,
  signal: ({ side, reason }) => `${side}: ${reason}`,
  startRetrain: said,
  retrain: trained,
  startAddingModel: said,
  addModel: trained,
  challengeModel: ({ version, challengers }) => `${version} challenges from the shadow; ${challengers} do`,
  retireModel: ({ version, comparisons }) => `${version} left the shadow: ${comparisons} comparisons end`,
  startValidation: said,
  validate: ({ version, verdict }) => `validation of ${version}: ${verdict}`,
  cancelWork: said,
  preflight: ({ pass, checks }) =>
    pass ? 'preflight passed' : `preflight failed: ${failed(checks.filter((check) => !check.pass))}`,
  rehearseCanary: ({ status, phases }) => `dry run ${status}: ${phases[0]?.reason ?? ''}`,
  startCanary: waits,
  abortCanary: ({ candidate }) => `the canary of ${candidate ?? 'the candidate'} is aborted: everything at 0 %`,
  answerApproval: ({ sentence, state }) => `${sentence}: ${state}`,
  promote: waits,
  switchKill: ({ items, approvals }) =>
    approvals.length > 0
      ? approvals.map(waits).join('; ')
      : items.map(({ symbol, enabled }) => `the kill switch of ${symbol} is ${enabled ? 'on' : 'off'}`).join('; '),
  drillKill: waits,
  rollback: ({ baseline }) => `rolled back: ${baseline} answers`,
  acknowledge: said,
  saveGates: ({ label, verdict }) => `the gates were saved as ${label}: ${verdict}`,
  reportDay: ({ date, overall_status: status }) => `report of ${date}: ${status}`,
  reportWeek: ({ date }) => `report of the week that ends on ${date}`,
  exportEvidence: ({ files }) => `${files.length} files exported`,
  goLive: ({ verdict, checks }) => {
    const failing = checks.filter((one) => one.verdict === 'FAIL').map(({ check }) => check)
    return failing.length === 0 ? verdict : `${verdict}: ${failing.join(', ')}`
  },
  rehearse: ({ variants, days }) =>
    `${variants.length === 1 ? 'the rules' : `${variants.length} variants of the rules`} rehearsed over ${days.length} days`,
  calibrate: ({ model, verdict, reason }) => `${model}: ${CALIBRATED[verdict]}; ${reason}`,
  beginSmoke: ({ run }) => `smoke run ${run} has begun`,
  finishSmoke: ({ model, slo_check: { pass } }) => `smoke run of ${model}: ${pass ? 'PASS' : 'FAIL'}`,
  addToken: ({ name }) => `the token for ${name} was made`,
  revokeToken: said,
  testChannels: ({ items }) => items.map(({ channel, said: what }) => `${channel}: ${what}`).join('; '),
}

export function sentenceOf<K extends CommandKind>(kind: K, answer: Answers[K]): string {
  return SENTENCES[kind](answer)
}

function said({ said: sentence }: { readonly said: string }): string {
  return sentence
}

function trained({ version, slot, replaced }: Answers['retrain']): string {
  if (slot === null) return `${version} was trained and not kept`
  return `${version} is in the ${slot} slot${replaced === null ? '' : `, in place of ${replaced.version}`}`
}

function waits({ sentence, id }: { readonly sentence: string; readonly id: string }): string {
  return `${sentence} waits as ${id}`
}

function failed(checks: readonly { readonly check: string; readonly said: string }[]): string {
  return checks.map(({ check, said: why }) => `${check}: ${why}`).join('; ')
}
