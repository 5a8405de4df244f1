/** For bash 4 and newer, and the bash 3.2 of macOS: no associative arrays, no bash-completion package. */
import { membersOf, type CompletedCommand } from './completed.ts'

export function bashScript(program: string, commands: readonly CompletedCommand[]): string {
  const firsts = [...new Set(commands.map(({ words }) => words[0] as string))]
  const groups = firsts.filter((first) => commands.some(({ words }) => words[0] === first && words.length > 1))
  const cases = commands.map(({ words, flags, choices, completes }) => {
    const valued = flags.filter(({ takesValue }) => takesValue)
    const values = valued.map(({ name, short, choices: own, completes: kind }) => {
      const reply = [...(own.length === 0 ? [] : [`-W '${own.join(' ')}'`]), ...(kind === 'folder' ? ['-d'] : kind === 'file' ? ['-f'] : [])].join(' ')
      return `        --${name}${short === undefined ? '' : `|-${short}`}) COMPREPLY=(${reply === '' ? '' : `$(compgen ${reply} -- "$cur")`}); return ;;`
    })
    const rest = completes === undefined ? `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur"))` : `COMPREPLY=($(compgen ${completes === 'folder' ? '-d' : '-f'} -- "$cur"))`
    return `    '${words.join(' ')}')
      case $prev in
${values.join('\n')}
      esac
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '${flags.map(({ name }) => `--${name}`).join(' ')}' -- "$cur")); else ${rest}; fi ;;`
  })
  return `# ${program} completion for bash: source it, or put it into /etc/bash_completion.d/${program}
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= command=run word
  COMPREPLY=()
  if ((COMP_CWORD > 0)); then prev=\${COMP_WORDS[COMP_CWORD-1]}; fi
  word=\${COMP_WORDS[1]:-}
  if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
    COMPREPLY=($(compgen -W '${firsts.join(' ')}' -- "$cur")); return
  fi
  case $word in
${groups.map((group) => `    ${group})
      if ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then COMPREPLY=($(compgen -W '${membersOf(group, commands).join(' ')}' -- "$cur")); return; fi
      command=$word
      case \${COMP_WORDS[2]} in ${membersOf(group, commands).join('|')}) command="$word \${COMP_WORDS[2]}" ;; esac ;;`).join('\n')}
    -*|'') ;;
    *) command=$word ;;
  esac
  case $command in
${cases.join('\n')}
  esac
}
complete -o filenames -F _${program} ${program}
`
}
