import type { Command } from 'commander'
import { readRoom } from '../api/client.ts'
import type { AlertView, RoomView } from '../control/view.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { isoTime, minuteText } from '../engine/kernel/units.ts'
import type { Desks } from '../room/desk/desks.ts'
import { judgingOf } from '../room/timeline/assemble.ts'
import { RoomViews } from '../room/views/room-view.ts'
import { contextAsking, openForReading, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'

interface SymbolStatus {
  readonly symbol: string
  readonly phase: RoomView['room']['phase'] | 'not_running'
  readonly market_time: string
  readonly in_charge: string | null
  readonly shadow: string | null
  readonly verdict: 'BLOCKED' | 'ELIGIBLE' | null
  readonly passed: number | null
  readonly canary: { readonly state: string; readonly share: number }
  readonly alerts: readonly {
    readonly rule: string
    readonly severity: string
    readonly acknowledged_by: string | null
  }[]
  /** What a person should look at or decide, each in one line. */
  readonly needs: readonly string[]
}

interface StatusDocument {
  readonly schema: 'status/1'
  readonly generated_at: string
  readonly clock: string
  readonly onay_version: string
  /** Nothing needs a person. */
  readonly ok: boolean
  readonly running: boolean
  /** Of the room as a whole. */
  readonly troubles: readonly string[]
  readonly items: readonly SymbolStatus[]
}

/** `onay status`: a line a symbol, and what needs a person. */
export function addStatus(program: Command, io: Io): void {
  withCommon(program.command('status'))
    .description('a line a symbol: who is in charge, shadow, verdict, canary, alerts; and what needs a person')
    .action(async (options: CommonOptions) => {
      const context = contextAsking(options, io)
      const running = await runningViews(context)
      const document = statusOf(running ?? recordedViews(context), {
        isRunning: running !== null,
        version: context.version,
        wallMs: wallClock.now(),
      })
      context.print(document, () => statusText(document), document.schema)
      io.exit(document.ok ? 0 : 1)
    })
}

/** What all symbols of a room come to. @param views one of each symbol */
export function statusOf(
  views: readonly RoomView[],
  room: { readonly isRunning: boolean; readonly version: string; readonly wallMs: number },
): StatusDocument {
  const troubles = [
    ...(room.isRunning ? [] : ['no room runs on this data directory: start it with onay start, or onay serve']),
    ...new Set(views.flatMap((view) => view.room.troubles)),
  ]
  const items = views.map((view) => symbolStatus(view, room.isRunning))
  return {
    schema: 'status/1',
    generated_at: isoTime(room.wallMs),
    clock: views[0]?.room.clock.kind ?? 'real',
    onay_version: room.version,
    ok: troubles.length === 0 && items.every(({ needs }) => needs.length === 0),
    running: room.isRunning,
    troubles,
    items,
  }
}

function symbolStatus({ room, models, watch }: RoomView, isRunning: boolean): SymbolStatus {
  const { baseline, candidate, gates, canary, killSwitch, approvals } = models
  const firing = watch.alerts.filter(({ state }) => state === 'firing')
  return {
    symbol: room.symbol,
    phase: isRunning ? room.phase : 'not_running',
    market_time: isoTime(room.clock.marketMs),
    in_charge: baseline?.version ?? null,
    shadow: candidate?.version ?? null,
    verdict: gates?.verdict ?? null,
    passed: gates?.passed ?? null,
    canary: { state: canary.state, share: canary.share },
    alerts: firing.map(({ rule, severity, acknowledged }) => ({
      rule,
      severity,
      acknowledged_by: acknowledged?.by ?? null,
    })),
    needs: [
      ...(killSwitch ? ['the kill switch is on: every answer abstains'] : []),
      ...approvals
        .filter(({ symbol }) => symbol === room.symbol)
        .map(({ id, sentence }) => `${id} waits for ONAY: ${sentence}; onay approve ${id}, or onay reject ${id}`),
      ...alertNeeds(firing.filter(needsPerson)),
    ],
  }
}

/** The critical ones first; what to do about several of them is said once. */
function alertNeeds(alerts: readonly AlertView[]): readonly string[] {
  const isCritical = ({ severity }: AlertView): boolean => severity === 'critical'
  const sorted = [...alerts.filter(isCritical), ...alerts.filter((alert) => !isCritical(alert))]
  return sorted.map(({ rule, text, next }, i) => {
    const isSaid = sorted.findIndex((alert) => alert.next === next) < i
    return `${rule} fires: ${text}${isSaid ? '' : `; ${next}`}`
  })
}

/** Nobody has acknowledged it, and it is not for information alone. */
function needsPerson({ severity, acknowledged }: AlertView): boolean {
  return severity !== 'info' && acknowledged === null
}

function statusText({ troubles, items }: StatusDocument): string {
  const width = Math.max(0, ...items.map(({ symbol }) => symbol.length))
  return [
    ...troubles.map((trouble) => `! ${trouble}`),
    ...items.flatMap((item) => [
      `${item.symbol.padEnd(width)}  ${minuteText(item.market_time)} UTC  ${partsOf(item).join(', ')}`,
      ...item.needs.map((need) => `  ! ${need}`),
    ]),
  ].join('\n')
}

function partsOf({ phase, in_charge: inCharge, shadow, verdict, passed, canary, alerts }: SymbolStatus): string[] {
  const critical = alerts.filter(({ severity }) => severity === 'critical').length
  return [
    ...(phase === 'history' ? ['running through history'] : []),
    inCharge === null ? 'the fallback answers' : `${inCharge} in charge`,
    shadow === null ? 'no shadow' : `${shadow} in the shadow`,
    ...(verdict === null ? [] : [`${verdict} ${passed ?? 0} of 6`]),
    canary.state === 'idle' ? 'no canary' : `canary ${canary.state.replace('_', ' ')} at ${canary.share * 100} %`,
    alerts.length === 0
      ? 'no alerts'
      : `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}, ${critical} critical`,
  ]
}

/** One of each symbol of the room that runs; null where none does. */
async function runningViews({ dataDir, symbol }: Context): Promise<readonly RoomView[] | null> {
  const first = await readRoom(dataDir, { kind: 'view', symbol })
  if (first === null) return null
  const views = [first]
  const others = symbol === undefined ? first.room.symbols.filter((other) => other !== first.room.symbol) : []
  for (const other of others) {
    const view = await readRoom(dataDir, { kind: 'view', symbol: other })
    if (view !== null) views.push(view)
  }
  return views
}

/** As the directory was left. */
function recordedViews(context: Context): readonly RoomView[] {
  const desks = openForReading(context)
  try {
    const { judge, release } = judgingOf(desks)
    const views = new RoomViews(desks, judge, release)
    const symbols = context.symbol === undefined ? desks.symbols : [desks.of(context.symbol).symbol]
    return symbols.map((symbol) => views.view({ ...standing(desks, symbol), symbol }))
  } finally {
    desks.close()
  }
}

/** What a view holds of a room that runs: here it stands still. */
function standing(desks: Desks, symbol: string): Omit<Parameters<RoomViews['view']>[0], 'symbol'> {
  const { tape } = desks.of(symbol)
  const clock = {
    kind: tape.feed.clockKind,
    marketMs: tape.momentMs,
    wallMs: wallClock.now(),
    speed: 1,
    paused: true,
    ended: false,
    stop: null,
    nextMoment: null,
  } as const
  return { phase: 'closing', clock, url: null, work: [], notifications: [] }
}
