import { isoTime } from '../engine/kernel/units.ts'
import type { Survey } from '../feeds/survey.ts'

interface RecordingDocument {
  readonly rows: number
  readonly sound: number
  readonly times_in: Survey['unit']
  readonly from: string | null
  readonly until: string | null
  readonly faults: Survey['faults']
}

/** What a recording holds as a whole, as `replay` and `import` say it. */
export function recordingDocument({ rows, sound, unit, span, faults }: Survey): RecordingDocument {
  return {
    rows,
    sound,
    times_in: unit,
    from: span === null ? null : isoTime(span.firstMs),
    until: span === null ? null : isoTime(span.lastMs),
    faults,
  }
}
