import type * as z from 'zod'
import type { Answers, CommandKind, Taken } from '../control/commands.ts'

/** Where a command stands on the wire. */
export interface CommandRoute<K extends CommandKind> {
  readonly method: 'POST' | 'DELETE'
  /** `:name` is a field of the command. */
  readonly path: string
  readonly summary: string
  /** As JSON has them. Those that the path does not name stand in the body. */
  readonly fields: z.ZodType<Taken<K>>
  readonly answer: z.ZodType<Answers[K]>
  /** Accepted, and not done yet: it has begun, or waits for a person. */
  readonly status?: 202
  /** Where two commands have one path: what this flag of the body is for this one; left out, it is false. */
  readonly flag?: { readonly name: 'wait' | 'live'; readonly is: boolean }
  /** Fields that stand in the query instead. */
  readonly query?: readonly string[]
  /** Asked as a prediction is: from this machine without a token. */
  readonly open?: true
  /** The body may be as large as pushed data need it, or have so many bytes. */
  readonly large?: true | number
}
