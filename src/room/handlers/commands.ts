import type { CommandHandlers } from '../../control/commands.ts'
import { accessCommands, type AccessParts } from './access-commands.ts'
import { feedCommands, type FeedParts } from './feed-commands.ts'
import { recordCommands, type RecordParts } from './record-commands.ts'
import { type DrillParts, releaseCommands } from './release-commands.ts'
import type { RoomParts } from './room-parts.ts'
import { tradingCommands, type TradingParts } from './trading-commands.ts'
import { trainingCommands, type TrainingParts } from './training-commands.ts'

type CommandParts = RoomParts & FeedParts & TrainingParts & RecordParts & AccessParts & TradingParts & DrillParts

/** The handler of every command. */
export function commandHandlers(parts: CommandParts): CommandHandlers {
  return {
    ...feedCommands(parts),
    ...trainingCommands(parts),
    ...releaseCommands(parts),
    ...recordCommands(parts),
    ...tradingCommands(parts),
    ...accessCommands(parts),
  }
}
