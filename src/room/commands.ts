import type { CommandHandlers } from '../control/commands.ts'
import { accessCommands, type AccessParts } from './commands-access.ts'
import { feedCommands, type FeedParts } from './commands-feed.ts'
import { recordCommands, type RecordParts } from './commands-record.ts'
import type { RoomParts } from './commands-parts.ts'
import { releaseCommands } from './commands-release.ts'
import { trainingCommands, type TrainingParts } from './commands-training.ts'

export type CommandParts = RoomParts & FeedParts & TrainingParts & RecordParts & AccessParts

/** The handler of every command. */
export function commandHandlers(parts: CommandParts): CommandHandlers {
  return {
    ...feedCommands(parts),
    ...trainingCommands(parts),
    ...releaseCommands(parts),
    ...recordCommands(parts),
    ...accessCommands(parts),
  }
}
