import type { JobView } from '../../control/view.ts'
import type { JobRow } from '../../db/jobs.ts'
import { SCHEDULE } from '../../jobs/schedule.ts'
import type { Desk } from '../desk/desk.ts'

/** What runs by schedule, and what a person is to run. */
export function jobViews(desk: Desk): readonly JobView[] {
  return [...SCHEDULE.map(({ name }) => jobView(name, desk.jobs.of(name))), ...planned(desk)]
}

function jobView(name: string, row: JobRow | undefined): JobView {
  return {
    name,
    lastMs: row?.lastMs ?? null,
    nextMs: row?.nextMs ?? null,
    result: row?.result ?? 'not yet',
    ok: row === undefined ? null : row.ok === 1,
  }
}

/** The retraining that drift has made advisable, as a job that a person runs. */
function planned({ drift, tape }: Desk): readonly JobView[] {
  const { plan } = drift.days
  if (plan === null) return []
  const late = tape.momentMs > plan.dueMs
  return [
    {
      name: 'retrain',
      lastMs: null,
      nextMs: plan.dueMs,
      result: `${plan.model} drifts: r${late ? ', overdue' : ''}`,
      ok: late ? false : null,
    },
  ]
}
