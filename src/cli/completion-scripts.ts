/** Scripts that let a shell complete a command line, made of a list of commands. */

/** A command, the program itself under an empty path: what may stand behind it. */
export interface CommandNode {
  readonly path: readonly string[]
  /** Commands below it, and words that its first argument may be. */
  readonly words: readonly Described[]
  /** Whether one of its arguments is a file. */
  readonly isOfFiles: boolean
  readonly flags: readonly Flag[]
}

interface Described {
  readonly word: string
  readonly about: string
}

interface Flag {
  /** `-q` and `--quiet`. */
  readonly names: readonly string[]
  readonly about: string
  /** What its value is: one of the words that are listed, a file, a directory, other text, or that it takes none. */
  readonly takes: readonly string[] | 'nothing' | 'text' | 'file' | 'directory'
}

type Taken = Exclude<Flag['takes'], 'nothing'>

export function bashScript(nodes: readonly CommandNode[]): string {
  const arms = nodes.map(({ path, words, isOfFiles, flags }) => {
    const named = flags.flatMap(({ names }) => names)
    return `    ${quoted(pathText(path))}) files=${isOfFiles ? '-f' : ''} words=${quoted(words.map(({ word }) => word).join(' '))} flags=${quoted(named.join(' '))} ;;`
  })
  const values = valueArms(nodes).map(([takes, lines]) => `    ${lines.join(' | ')}) ${compgenOf(takes)} return ;;`)
  return `# bash completion of onay, for ~/.bashrc: source <(onay completion bash)
_onay() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} here= files= words= flags= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$here\${COMP_WORDS[i]}" in
    ${knownPaths(nodes, ' | ')}) here+="\${COMP_WORDS[i]} " ;;
    esac
  done
  COMPREPLY=()
  case "$here$before" in
${values.join('\n')}
  esac
  case "$here" in
${arms.join('\n')}
  esac
  if [[ $current == -* ]]; then words=$flags files=; fi
  COMPREPLY=($(compgen $files -W "$words" -- "$current"))
}
complete -F _onay onay
`
}

export function zshScript(nodes: readonly CommandNode[]): string {
  const arms = nodes.map(({ path, words, isOfFiles, flags }) => {
    const named = flags.flatMap(({ names, about }) => names.map((word) => ({ word, about })))
    return `    ${quoted(pathText(path))}) files=${isOfFiles ? 1 : ''} known=(${zshList(words)}) flags=(${zshList(named)}) ;;`
  })
  const values = valueArms(nodes).map(([takes, lines]) => `    ${lines.join(' | ')}) ${compaddOf(takes)}; return ;;`)
  return `# zsh completion of onay, for ~/.zshrc after compinit: source <(onay completion zsh)
_onay() {
  local here= before=\${words[CURRENT - 1]} files= i
  local -a known flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$here\${words[i]}" in
    ${knownPaths(nodes, ' | ')}) here+="\${words[i]} " ;;
    esac
  done
  case "$here$before" in
${values.join('\n')}
  esac
  case "$here" in
${arms.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe -o option flags
  else
    (( \${#known} )) && _describe command known
    [[ -n $files ]] && _files
  fi
}
compdef _onay onay
`
}

export function fishScript(nodes: readonly CommandNode[]): string {
  const lines = nodes.flatMap(({ path, words, isOfFiles, flags }) => {
    const at = `complete -c onay -n "__onay_at '${pathText(path)}'"`
    return [
      ...(isOfFiles ? [] : [`${at} -f`]),
      ...words.map(({ word, about }) => `${at} -a ${quoted(word)}${fishAbout(about)}`),
      ...flags.map(
        ({ names, about, takes }) => `${at} ${names.map(fishName).join(' ')}${fishTaken(takes)}${fishAbout(about)}`,
      ),
    ]
  })
  return `# fish completion of onay: onay completion fish > ~/.config/fish/completions/onay.fish
function __onay_at
    set -l here ''
    for word in (commandline -opc)[2..-1]
        switch "$here$word"
            case ${knownPaths(nodes, ' ')}
                set here "$here$word "
        end
    end
    test "$here" = "$argv[1]"
end
${lines.join('\n')}
`
}

/** As the scripts keep it: with a blank behind, or empty. */
function pathText(path: readonly string[]): string {
  return path.map((name) => `${name} `).join('')
}

function knownPaths(nodes: readonly CommandNode[], between: string): string {
  return nodes.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))])).join(between)
}

/** The options that take a value, as a path and a name, by what they take. */
function valueArms(nodes: readonly CommandNode[]): readonly (readonly [takes: Taken, lines: readonly string[]])[] {
  const arms = new Map<string, readonly [Taken, string[]]>()
  for (const { path, flags } of nodes)
    for (const { names, takes } of flags) {
      if (takes === 'nothing') continue
      const arm = arms.get(String(takes)) ?? [takes, []]
      arm[1].push(...names.map((name) => quoted(pathText(path) + name)))
      arms.set(String(takes), arm)
    }
  return [...arms.values()]
}

function compgenOf(takes: Taken): string {
  if (takes === 'text') return ''
  const from = takes === 'file' ? '-f' : takes === 'directory' ? '-d' : `-W ${quoted(takes.join(' '))}`
  return `COMPREPLY=($(compgen ${from} -- "$current"));`
}

function compaddOf(takes: Taken): string {
  if (takes === 'file') return '_files'
  if (takes === 'directory') return '_files -/'
  return takes === 'text' ? '_message value' : `compadd -- ${takes.map(quoted).join(' ')}`
}

/** `word:what it is`, as _describe reads it. */
function zshList(described: readonly Described[]): string {
  return described.map(({ word, about }) => quoted(about === '' ? word : `${word}:${about}`)).join(' ')
}

function fishName(name: string): string {
  return name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
}

function fishTaken(takes: Flag['takes']): string {
  if (takes === 'nothing') return ''
  if (takes === 'file') return ' -r -F'
  if (takes === 'directory') return " -x -a '(__fish_complete_directories)'"
  return takes === 'text' ? ' -x' : ` -x -a ${quoted(takes.join(' '))}`
}

function fishAbout(about: string): string {
  return about === '' ? '' : ` -d ${quoted(about)}`
}

/** Within single quotes a backslash is one in bash and zsh, and none in fish: there is none in what is quoted here. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '').replaceAll("'", "'\"'\"'")}'`
}
