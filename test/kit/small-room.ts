/** A directory that costs seconds and not half a minute: days of the recording of BTCUSDT, with a model trained on one of them. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandEnd, command, commandJson, type CommandOptions } from './command.ts'
import { directoryOnce } from './once.ts'
import { BTC } from './samples.ts'

/** Where its recording stands. */
export const SMALL_ROOM_STANDS = '2025-05-07T12:00:00.000Z'

export class SmallRoom {
  readonly dataDir: string

  /** @param dir with its configuration, and its data below */
  constructor(readonly dir: string) {
    this.dataDir = join(dir, 'data')
  }

  /** A command line on this directory, in this process. */
  run(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
    return command([...args, '--data-dir', this.dataDir], { cwd: this.dir, ...options })
  }

  json(args: readonly string[], codes: readonly number[] = [0]): Promise<unknown> {
    return commandJson([...args, '--data-dir', this.dataDir], codes, { cwd: this.dir })
  }
}

/** From 4 to 7 May, v1.8-b0 in charge and v1.8.1 in its shadow: a copy for the caller alone, at a path that nothing stands at yet. */
export async function smallRoom(dir: string): Promise<SmallRoom> {
  const made = await directoryOnce('small-room', async () => {
    const room = new SmallRoom(`${dir}-made`)
    mkdirSync(room.dir, { recursive: true })
    writeFileSync(join(room.dir, 'onay.config.json'), JSON.stringify({ training: { window_days: 1 } }))
    await room.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', SMALL_ROOM_STANDS])
    await room.json(['retrain', '--version', 'v1.8.1'])
    return room.dir
  })
  cpSync(made, dir, { recursive: true })
  return new SmallRoom(dir)
}
