/** For zsh: a function of its completion system, for a file `_<program>` on its path, or to be sourced. */
import { membersOf, type CompletedCommand, type CompletedFlag } from './completed.ts'

export function zshScript(program: string, commands: readonly CompletedCommand[]): string {
  const firsts = [...new Map(commands.map(({ words, summary }) => [words[0] as string, words.length > 1 ? 'several commands' : summary])).entries()]
  const groups = firsts.map(([first]) => first).filter((first) => commands.some(({ words }) => words[0] === first && words.length > 1))
  const describe = (rows: readonly (readonly [string, string])[]): string => rows.map(([name, what]) => `'${quoted(name)}:${quoted(what)}'`).join(' ')
  return `#compdef ${program}
_${program}() {
  local command=run shift=1
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    local -a known=(${describe(firsts)})
    _describe command known; return
  fi
  case $words[2] in
${groups.map((group) => `    ${group})
      if (( CURRENT == 3 )) && [[ $words[3] != -* ]]; then
        local -a known=(${describe(commands.flatMap(({ words: [first, second], summary }) => (first === group && second !== undefined ? [[second, summary] as const] : [])))})
        _describe command known; return
      fi
      case $words[3] in
        ${membersOf(group, commands).join('|')}) command="$words[2] $words[3]"; shift=3 ;;
        *) command=$words[2]; shift=2 ;;
      esac ;;`).join('\n')}
    -*|'') ;;
    *) command=$words[2]; shift=2 ;;
  esac
  words=("$words[1]" "\${(@)words[shift+1,-1]}")
  (( CURRENT -= shift - 1 ))
  case $command in
${commands.map(({ words, flags, completes, choices }) => `    '${words.join(' ')}') _arguments ${flags.flatMap(argumentsOf).join(' ')} '*: :${completes === undefined ? (choices.length === 0 ? '' : `(${choices.join(' ')})`) : completes === 'folder' ? '_files -/' : '_files'}' ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`
}

function argumentsOf({ name, short, help, takesValue, multiple, choices, completes }: CompletedFlag): string[] {
  const action = choices.length > 0 ? `(${choices.join(' ')})` : completes === 'folder' ? '_files -/' : completes === 'file' ? '_files' : ' '
  const tail = `[${quoted(help)}]${takesValue ? `:value:${action}` : ''}`
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].map((form) => `'${multiple ? '*' : ''}${form}${tail}'`)
}

/** Within single quotes, and where colons and brackets mean something. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[:[\]]/g, '\\$&')
}
