/** For fish: a line for each command and flag. */
import { membersOf, type CompletedCommand } from './completed.ts'

export function fishScript(program: string, commands: readonly CompletedCommand[]): string {
  const firsts = [...new Set(commands.map(({ words }) => words[0] as string))]
  const lines = [`complete -c ${program} -f`]
  for (const first of firsts) {
    const members = commands.filter(({ words }) => words[0] === first)
    lines.push(`complete -c ${program} -n __fish_use_subcommand -a ${first} -d '${quoted(members.length > 1 ? 'several commands' : (members[0]?.summary ?? ''))}'`)
    for (const { words, summary } of members.filter((member) => member.words.length > 1)) {
      lines.push(`complete -c ${program} -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${membersOf(first, commands).join(' ')}' -a ${words[1]} -d '${quoted(summary)}'`)
    }
  }
  for (const { words, flags, completes, choices: own } of commands) {
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
    // Without a command it is run.
    const condition = words[0] === 'run' ? `'${seen}; or __fish_use_subcommand'` : `'${seen}'`
    for (const { name, short, help, takesValue, choices, completes: kind } of flags) {
      const value = !takesValue ? '' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : kind === 'folder' ? " -x -a '(__fish_complete_directories)'" : kind === 'file' ? ' -r -F' : ' -x'
      lines.push(`complete -c ${program} -n ${condition} -l ${name}${short === undefined ? '' : ` -s ${short}`}${value} -d '${quoted(help)}'`)
    }
    if (own.length > 0) lines.push(`complete -c ${program} -n ${condition} -a '${own.join(' ')}'`)
    if (completes !== undefined) lines.push(`complete -c ${program} -n ${condition} -F`)
  }
  return `# ${program} completion for fish: put it into ~/.config/fish/completions/${program}.fish\n${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
