import { Argument, type Command, type Option } from 'commander'
import { PROFILES } from '../engine/models/roles.ts'
import { bashScript, fishScript, type CommandNode, zshScript } from './completion-scripts.ts'
import { defaultConfig } from '../room/config/config.ts'
import { contextWith, withPlaces, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

const SCRIPTS: Readonly<Record<string, (nodes: readonly CommandNode[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}
const SHELLS = Object.keys(SCRIPTS)
/**
 * What the help of a command names as the words of its first argument or of an option, which answers to other words in its own
 * way. A test holds that each is named there.
 */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  speed: ['1', '60', '600', 'max', 'pause', 'next'],
  features: ['status', 'analyse', 'add'],
  models: ['list', 'show', 'add', 'retire', 'challenge', 'scoreboard'],
  paper: ['trades', 'sets'],
  import: ['bars', 'features', 'outcomes', 'trades', 'ticks'],
  notify: ['test'],
  '--profile': PROFILES,
  '--feed': ['exchange', 'push'],
  '--speed': ['1', '60', '600', 'max'],
  '--plan': ['full', 'mini', 'live'],
  'canary start --mode': ['observe', 'serve'],
  'ab --mode': ['concurrent', 'labelled'],
}
/** A command does not list it among its options. */
const HELP: CommandNode['flags'][number] = { names: ['--help'], about: 'show its help', takes: 'nothing' }

/** `onay completion`: what a shell needs to complete a command line, made of the program itself. */
export function addCompletion(program: Command, io: Io): void {
  withPlaces(program.command('completion'))
    .description('the completion of bash, zsh or fish for commands and options, as a script')
    .addArgument(new Argument('<bash|zsh|fish>').choices(SHELLS))
    .action((shell: string, options: Omit<CommonOptions, 'symbol'>) => {
      // Words of another shell do not come as far as this.
      const script = SCRIPTS[shell]?.(nodesOf(program, [])).trimEnd() ?? ''
      contextWith(defaultConfig(), options, io).print({ shell, script }, () => script, 'completion/1')
    })
}

/** The program and each command below it, the commands that only hold others too. */
function nodesOf(command: Command, path: readonly string[]): readonly CommandNode[] {
  const children = command.commands.map((child) => nodesOf(child, [...path, child.name()]))
  const words = command.commands.map((child) => ({ word: child.name(), about: child.description() }))
  const [first] = command.registeredArguments
  const flags = [...command.options.map((option) => flagOf(option, path)), HELP]
  const isOfFiles = command.registeredArguments.some((argument) => argument.name() === 'file')
  return [{ path, words: [...words, ...argumentWords(first, path)], isOfFiles, flags }, ...children.flat()]
}

/** The words that its first argument may be: its choices, those that its name lists, or those that its help names. */
function argumentWords(argument: Argument | undefined, path: readonly string[]): CommandNode['words'] {
  if (argument === undefined) return []
  const listed = argument.name().includes('|') ? argument.name().split('|') : (WORDS[path.join(' ')] ?? [])
  return (argument.argChoices ?? listed).map((word) => ({ word, about: '' }))
}

function flagOf(option: Option, path: readonly string[]): CommandNode['flags'][number] {
  const names = [option.short, option.long].filter((name) => name !== undefined)
  return { names, about: option.description, takes: takenBy(option, path) }
}

/** By the name of its value: files and directories are completed as such. */
function takenBy(
  { required, flags, argChoices, long }: Option,
  path: readonly string[],
): CommandNode['flags'][number]['takes'] {
  if (!required) return 'nothing'
  const words = argChoices ?? WORDS[`${path.join(' ')} ${long}`] ?? WORDS[long ?? '']
  if (words !== undefined) return words
  if (/<(?:directory|dir)>/.test(flags)) return 'directory'
  return /<(?:file|path)(?:\.\.\.)?>/.test(flags) ? 'file' : 'text'
}
