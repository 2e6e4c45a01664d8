/** Why a value does not have its shape, as a person would say it. */

const MOST = 10

/** What types are called, as they are needed or given. */
const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  boolean: 'true or false',
  null: 'null',
  nan: 'NaN',
}

/** One fault as a validator names it. */
interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  /** Of what there is too much or too little. */
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly inclusive?: boolean | undefined
}

/** The fields that do not fit, each with why. @param whole what stands for a fault that is of no one field */
export function misfitWords({ issues }: { readonly issues: readonly Issue[] }, whole: string): string {
  return issues
    .slice(0, MOST)
    .map((issue) => `${issue.path.map(String).join('.') || whole}: ${wordsOf(issue)}`)
    .join('; ')
}

function wordsOf(issue: Issue): string {
  const { code, message, expected, keys, values, minimum, maximum, inclusive } = issue
  if (code === 'invalid_type' && expected !== undefined) return typeWords(expected, message)
  if (code === 'unrecognized_keys' && keys !== undefined) return `there is no field ${keys.join(', ')} here`
  if (code === 'invalid_value' && values !== undefined) return `one of ${values.map(String).join(', ')} is needed`
  // Whoever wrote the shape may have given words of their own.
  if (minimum !== undefined && message.startsWith('Too small'))
    return `${inclusive === false ? 'more than' : 'at least'} ${amount(minimum, issue.origin)} needed`
  if (maximum !== undefined && message.startsWith('Too big'))
    return `${inclusive === false ? 'less than' : 'at most'} ${amount(maximum, issue.origin)} allowed`
  return message
}

function typeWords(expected: string, message: string): string {
  const needed = `${kindOf(expected)} is needed`
  // What was given instead is in the message alone.
  const given = /received (\w+)$/.exec(message)?.[1]?.toLowerCase()
  if (given === 'undefined') return `${needed}, and it is missing`
  return given === undefined || expected === 'int' ? needed : `${needed}, not ${kindOf(given)}`
}

function kindOf(name: string): string {
  return KINDS[name] ?? name
}

/** With its verb: `1 character is`, `2 entries are`, `0.5 is`. */
function amount(count: number | bigint, origin: string | undefined): string {
  const [one, many] = origin === 'string' ? ['character', 'characters'] : ['entry', 'entries']
  if (origin !== 'string' && origin !== 'array') return `${count} is`
  return Number(count) === 1 ? `1 ${one} is` : `${count} ${many} are`
}
