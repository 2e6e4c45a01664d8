/** What each command's help says beside its options: how it is used, and what it ends with. */
import { Help, type Command } from 'commander'

/** Options that every command has stand under a heading of their own. */
export const COMMON = 'Common options:'

interface Guide {
  readonly examples: readonly string[]
  /** What 0 and 1 mean; 3, something went wrong, is the same for all. */
  readonly yes: string
  readonly no?: string
}

const DONE = 'done'

const GUIDES: Readonly<Record<string, Guide>> = {
  start: {
    examples: ['onay start', 'onay start --recording minutes.csv.gz --symbol SOLUSDT --data-dir sol'],
    yes: 'the room was closed',
  },
  serve: {
    examples: [
      'onay serve --feed exchange --exchange binance --symbol BTC/USDT',
      'onay serve --speed max --until 2025-06-01 --port 0',
    ],
    yes: 'the room was closed',
  },
  attach: { examples: ['onay attach', 'onay attach room.example:4010'], yes: 'the screen was closed' },
  replay: {
    examples: [
      'onay replay minutes.csv.gz --symbol BTCUSDT',
      'onay replay minutes.csv.gz --symbol BTCUSDT --until 2025-06-01 --json',
    ],
    yes: 'the recording was run through, up to --until',
  },
  import: {
    examples: [
      'onay import bars history.parquet --symbol BTCUSDT',
      'onay import features mine.parquet --symbol BTCUSDT',
      'onay import outcomes outcomes.csv --symbol BTCUSDT',
      'onay import trades backtest-result.zip --symbol BTCUSDT',
      'onay import trades mine.csv --symbol BTCUSDT --arm mybot --columns opened=entry_time',
    ],
    yes: 'imported; rows that were dropped are named',
  },
  status: {
    examples: [
      'onay status',
      'onay status || mail -s "onay needs you" me@example.org',
      'onay status --json | jq .items',
    ],
    yes: 'all is well',
    no: 'something needs a person, or no room runs',
  },
  events: { examples: ['onay events --last 50', 'onay events -f', 'onay events -f --json | jq -r .text'], yes: DONE },
  predict: {
    examples: ['onay predict', 'onay predict --key order-17 --json | jq .score'],
    yes: 'answered, by a model or the fallback',
  },
  gates: {
    examples: ['onay gates', 'onay gates --json | jq -r .verdict', 'onay gates && echo READY || echo BLOCKED'],
    yes: 'ELIGIBLE',
    no: 'BLOCKED',
  },
  paper: {
    examples: [
      'onay paper',
      'onay paper --since 2025-05-19',
      'onay paper trades --arm fallback --limit 50',
      'onay paper sets',
    ],
    yes: DONE,
  },
  execution: { examples: ['onay execution', 'onay execution --arm fallback --json'], yes: DONE },
  ab: {
    examples: [
      'onay ab',
      'onay ab --arms mybot,otherbot',
      'onay ab --arms mybot --split 2025-06-01 --dry-run',
      'onay ab --status',
    ],
    yes: 'arm B should take the place of arm A',
    no: 'it should not, or it is too early to tell',
  },
  'paper-retrain': {
    examples: ['onay paper-retrain --dry-run', 'onay paper-retrain', 'onay paper-retrain --force'],
    yes: 'a set was trained; with --dry-run every gate passes',
    no: 'a gate does not pass, and nothing was trained',
  },
  ticks: { examples: ['onay ticks --sample 20', 'onay ticks --from 2025-06-01 --until 2025-06-02 --json'], yes: DONE },
  checklist: {
    examples: ['onay checklist', 'onay checklist --json', 'onay checklist --paper'],
    yes: 'READY: no check fails; with --paper, every check passes',
    no: 'a check fails',
  },
  init: {
    examples: ['onay init', 'onay init --yes', 'onay init --yes --force --config live.json'],
    yes: 'the configuration is written',
  },
  doctor: {
    examples: ['onay doctor', 'onay doctor --port 4011 --data-dir other', 'onay doctor --json | jq .checks'],
    yes: 'no check fails',
    no: 'a check fails; below it stands how to mend it',
  },
  completion: {
    examples: [
      'onay completion bash > ~/.local/share/bash-completion/completions/onay',
      'onay completion zsh >> ~/.zshrc',
      'onay completion fish > ~/.config/fish/completions/onay.fish',
    ],
    yes: DONE,
  },
  schedule: { examples: ['onay schedule', 'onay schedule --systemd', 'onay schedule --cron'], yes: DONE },
  psi: {
    examples: ['onay psi', 'onay psi --quick', 'onay psi --trend 7d --model v1.8-b0'],
    yes: 'within the limits',
    no: 'not within the limits, or too few rows to tell',
  },
  backup: {
    examples: ['onay backup', 'onay backup --list', 'onay backup --json'],
    yes: DONE,
  },
  restore: {
    examples: ['onay restore .onay/backups/onay_2025-05-26T00-30-00Z.tar.gz --data-dir restored'],
    yes: 'the directory opens where the backup was taken',
  },
  calibrate: {
    examples: ['onay calibrate --dry-run', 'onay calibrate', 'onay calibrate --json'],
    yes: 'a calibration was tried, and taken over where it was better',
    no: 'too few settled minutes',
  },
  rehearse: {
    examples: [
      'onay rehearse',
      'onay rehearse --days 14 --set drift.psi=0.25 --set drift.psi=0.3,drift.ks=0.3',
      'onay rehearse --plan full --set judge.match_rate_abort=0.95,judge.match_rate_within=0.98',
      'onay rehearse --json',
    ],
    yes: DONE,
  },
  ensemble: { examples: ['onay ensemble', 'onay ensemble --json'], yes: DONE },
  drift: {
    examples: ['onay drift', 'onay drift --model v1.8-b0', 'onay drift --at 2025-06-20 --json'],
    yes: 'no drift',
    no: 'a warning, or too few rows to tell; 2 when it is critical',
  },
  features: {
    examples: ['onay features', 'onay features analyse --window 7d', 'onay features add columns.json --symbol BTCUSDT'],
    yes: DONE,
  },
  models: {
    examples: [
      'onay models',
      'onay models show v1.8.1',
      'onay models add xgb-9.json --check rows.csv --trained-until 2025-05-20',
      'onay models add lgb-3.txt --features rsi14_z,vol1m_log --threshold 0.6',
      'onay models add server.json',
      'onay models retire v1.8.1',
      'onay models challenge v1.8.2',
      'onay models scoreboard',
    ],
    yes: DONE,
  },
  retrain: {
    examples: [
      'onay retrain',
      'onay retrain --features v1.9 --profile improve',
      'onay retrain --window 21d --dry-run',
      'onay retrain --replace',
    ],
    yes: 'trained',
  },
  validate: { examples: ['onay validate', 'onay validate v1.8.1 --json'], yes: 'PASS', no: 'FAIL' },
  pipeline: {
    examples: ['onay pipeline', 'onay pipeline --version v1.9 --profile improve'],
    yes: 'ELIGIBLE',
    no: 'BLOCKED',
  },
  smoke: { examples: ['onay smoke', 'onay smoke --requests 5000 --shadow'], yes: 'it held', no: 'it fell short' },
  speed: {
    examples: ['onay speed 600', 'onay speed max --until 2025-06-01', 'onay speed next --wait'],
    yes: 'set; with --wait, it is there',
    no: 'with --wait: it went elsewhere, or ended before',
  },
  'token add': { examples: ['onay token add risk', 'onay token add laptop --person ayse'], yes: DONE },
  'token list': { examples: ['onay token list'], yes: DONE },
  'token revoke': { examples: ['onay token revoke risk'], yes: DONE },
  config: { examples: ['onay config', 'onay config --json | jq .gates'], yes: 'it is valid' },
  notify: {
    examples: ['onay notify test', 'onay notify test --channel telegram'],
    yes: 'every channel works',
    no: 'one does not work',
  },
  report: {
    examples: ['onay report daily', 'onay report daily --date 2025-05-25 --html', 'onay report weekly'],
    yes: DONE,
  },
  'canary preflight': { examples: ['onay canary preflight'], yes: 'every check passes', no: 'one fails' },
  'canary start': {
    examples: [
      'onay canary start --plan mini',
      'onay canary start --live --profile equivalent',
      'onay canary start --live --wait && echo SUCCEEDED',
    ],
    yes: 'the dry run came through; with --live, the approval is open; with --wait, it succeeded',
    no: 'the dry run did not come through; with --wait, it ended otherwise, or was refused',
  },
  'canary status': {
    examples: ['onay canary status', 'onay canary status --json | jq -r .state', 'onay canary status --watch'],
    yes: 'done; with --watch, it succeeded, or none runs',
    no: 'with --watch: it was aborted, or is inconclusive',
  },
  'canary abort': { examples: ['onay canary abort --reason "errors at the exchange"'], yes: 'everything is at 0 %' },
  approvals: { examples: ['onay approvals', 'onay approvals -q'], yes: DONE },
  approve: {
    examples: ['onay approve ap-1 --phrase ONAY --reason "outcome better, no alerts"'],
    yes: 'approved',
    no: 'refused, with why',
  },
  reject: { examples: ['onay reject ap-1 --reason "wait for Monday"'], yes: 'rejected', no: 'refused, with why' },
  promote: {
    examples: ['onay promote', 'onay promote v1.8.1', 'onay promote --wait && echo PROMOTED'],
    yes: 'the approval is open; with --wait, it was promoted',
    no: 'BLOCKED; with --wait: refused, expired or stale',
  },
  kill: { examples: ['onay kill'], yes: 'off', no: 'on' },
  'kill on': { examples: ['onay kill on --reason "fills look wrong"'], yes: 'every answer abstains' },
  'kill drill': { examples: ['onay kill drill'], yes: 'the approval is open' },
  'kill off': { examples: ['onay kill off'], yes: 'the approval is open' },
  rollback: { examples: ['onay rollback --reason "worse than the former one"'], yes: 'the former model answers' },
  'evidence export': { examples: ['onay evidence export'], yes: DONE },
  'evidence verify': {
    examples: ['onay evidence verify', 'onay evidence verify --bundle releases/v1.8.1.tar.gz'],
    yes: 'everything matches',
    no: 'something does not match; the first is named',
  },
  'evidence bundle': { examples: ['onay evidence bundle v1.8.1'], yes: DONE },
}

/** Its own options come first, the common ones last. */
export const HELP_LAYOUT: Partial<Help> = {
  groupItems(unsorted, visible, groupOf) {
    const groups = new Help().groupItems(unsorted, visible, groupOf)
    const common = groups.get(COMMON)
    if (common !== undefined && groups.delete(COMMON)) groups.set(COMMON, common)
    return groups
  },
}

/** Adds to each command what its help says at the end, and where to look after an error. */
export function addGuides(program: Command): void {
  for (const command of commandsBelow(program)) {
    const path = pathOf(command)
    command.showHelpAfterError(`(see: onay ${path} --help)`)
    const guide = GUIDES[path]
    if (guide !== undefined) command.addHelpText('after', guideText(guide))
  }
}

function guideText({ examples, yes, no }: Guide): string {
  const codes = [`0  ${yes}`, ...(no === undefined ? [] : [`1  ${no}`]), '3  something went wrong']
  return [
    '',
    'Examples:',
    ...examples.map((line) => `  $ ${line}`),
    '',
    'Exit codes:',
    ...codes.map((line) => `  ${line}`),
  ].join('\n')
}

function commandsBelow(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...commandsBelow(child)])
}

/** Its names from the program on, without the program's. */
function pathOf(command: Command): string {
  const { parent } = command
  return parent?.parent == null ? command.name() : `${pathOf(parent)} ${command.name()}`
}
