/** `docs/json.md`: every document of a room, made of the shapes in which answers are read. */
import * as z from 'zod'
import type { CommandKind } from '../control/commands.ts'
import type { QueryKind } from '../control/queries.ts'
import { SCHEMAS } from '../control/schemas.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { QUERY_ROUTES } from './query-routes.ts'
import { header } from './shapes/shape.ts'

type Kind = CommandKind | QueryKind

/** The commands that print an answer with `--json`. */
const PRINTED_BY: Readonly<Partial<Record<Kind, string>>> = {
  setSpeed: 'onay speed',
  retrain: 'onay retrain',
  addModel: 'onay models add',
  retireModel: 'onay models retire',
  validate: 'onay validate',
  preflight: 'onay canary preflight',
  rehearseCanary: 'onay canary start',
  startCanary: 'onay canary start --live',
  abortCanary: 'onay canary abort',
  answerApproval: 'onay approve',
  promote: 'onay promote',
  rollback: 'onay rollback',
  switchKill: 'onay kill on',
  drillKill: 'onay kill drill',
  goLive: 'onay checklist',
  rehearse: 'onay rehearse',
  calibrate: 'onay calibrate',
  kill: 'onay kill',
  saveGates: 'onay gates --save',
  reportDay: 'onay report daily',
  reportWeek: 'onay report weekly',
  exportEvidence: 'onay evidence export',
  finishSmoke: 'onay smoke',
  addToken: 'onay token add',
  revokeToken: 'onay token revoke',
  testChannels: 'onay notify test',
  gates: 'onay gates',
  psi: 'onay psi',
  psiTrend: 'onay psi --trend',
  drift: 'onay drift',
  ensemble: 'onay ensemble',
  features: 'onay features',
  models: 'onay models',
  model: 'onay models show',
  canary: 'onay canary status',
  approvals: 'onay approvals',
  tokens: 'onay token list',
}

const INTRO = `# JSON documents

Made of the shapes in \`src/api/shapes\` by \`npm run rules\`: change it there.

Every document that a command prints with \`--json\`, a route answers or the evidence holds carries \`schema\` (its name and edition),
\`generated_at\` (ISO, on the clock that is named), \`clock\` (\`real\` or \`replay\`) and \`onay_version\`. Fields may be added; none is renamed
or dropped. A number that is not known is null. Refusals are \`{"error": {"code", "message", "next"}}\`; that of a promotion that is
BLOCKED has the \`gates\` beside \`error\`, that of an answer to a prompt the \`approval\` as it is then.
`

/** What `npm run rules` writes, by path. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const bySchema = new Map<string, Kind[]>()
  for (const kind of kindsOf(SCHEMAS)) bySchema.set(SCHEMAS[kind], [...(bySchema.get(SCHEMAS[kind]) ?? []), kind])
  const sections = [...bySchema].sort(([a], [b]) => (a < b ? -1 : 1)).map(([schema, kinds]) => section(schema, kinds))
  return { 'docs/json.md': [INTRO, ...sections].join('\n') }
}

function section(schema: string, kinds: readonly Kind[]): string {
  const [first] = kinds
  if (first === undefined) return ''
  const printed = kinds.flatMap((kind) => PRINTED_BY[kind] ?? [])
  const from = [...new Set([...printed, ...kinds.flatMap(routesOf)])].map((name) => `\`${name}\``)
  return [`## ${schema}`, '', from.join(', '), '', '```', typeText(schemaOf(first), ''), '```', ''].join('\n')
}

function routesOf(kind: Kind): readonly string[] {
  if (isCommand(kind)) return [`${COMMAND_ROUTES[kind].method} ${COMMAND_ROUTES[kind].path}`]
  return QUERY_ROUTES[kind].paths.map((path) => `GET ${path}`)
}

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), Schema).optional()
  },
  get items() {
    return Schema.optional()
  },
  get anyOf() {
    return z.array(Schema).optional()
  },
  get additionalProperties() {
    return Schema.optional()
  },
})
type Schema = z.infer<typeof Schema>

function schemaOf(kind: Kind): Schema {
  const { answer } = isCommand(kind) ? COMMAND_ROUTES[kind] : QUERY_ROUTES[kind]
  return Schema.parse(z.toJSONSchema(answer, { io: 'output', unrepresentable: 'any', reused: 'inline' }))
}

function typeText(schema: Schema, indent: string): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeText(one, indent)).join(' | ')
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.type === 'array') return `[${typeText(schema.items ?? {}, indent)}, ...]`
  if (schema.type !== 'object') return [schema.type ?? 'any'].flat().join(' | ')
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !(name in header))
  if (fields.length === 0) return `{ [name]: ${typeText(schema.additionalProperties ?? {}, indent)} }`
  const deeper = `${indent}  `
  const lines = fields.map(([name, field]) => {
    const mark = schema.required?.includes(name) === true ? '' : '?'
    return `${deeper}${name}${mark}: ${typeText(field, deeper)}`
  })
  return ['{', ...lines, `${indent}}`].join('\n')
}

function isCommand(kind: Kind): kind is CommandKind {
  return kind in COMMAND_ROUTES
}

/** The keys of a table, typed as what they are: a table has no others. */
function kindsOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table).filter((name): name is K => name in table)
}
