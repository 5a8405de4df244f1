/** For PowerShell 5 and newer. What it completes from is global: the completer runs later, wherever the script was loaded. */
import type { CompletedCommand } from './completed.ts'

export function powershellScript(program: string, commands: readonly CompletedCommand[]): string {
  const table = commands.map(({ words, flags }) => `  '${words.join(' ')}' = ${listOf(flags.map(({ name, help }) => `@('--${name}', '${quoted(help)}')`), ' ')}`)
  // Behind a flag that takes a value: its words, and where it has none, files.
  const values = commands.flatMap(({ words, flags }) => flags.filter(({ takesValue }) => takesValue).map(({ name, choices }) => `  '${words.join(' ')} --${name}' = @(${choices.map((choice) => `'${quoted(choice)}'`).join(', ')})`))
  const own = commands.filter(({ choices }) => choices.length > 0).map(({ words, choices }) => `  '${words.join(' ')}' = @(${choices.map((choice) => `'${quoted(choice)}'`).join(', ')})`)
  // Longer names behind those that they begin with: the last one that fits is the command.
  const names = commands.map(({ words, summary }) => [words.join(' '), summary] as const).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, summary]) => `@('${name}', '${quoted(summary)}')`)
  return `# ${program} completion for PowerShell: add it to $PROFILE
$global:${program}Flags = @{
${table.join('\n')}
}
$global:${program}Values = @{
${values.join('\n')}
}
$global:${program}Words = @{
${own.join('\n')}
}
$global:${program}Commands = ${listOf(names, '\n  ')}
Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
  param($word, $line, $position)
  $typed = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  # The word that is being typed stands among them, unless it is empty.
  if ($word -ne '' -and $typed.Count -gt 0 -and $typed[-1] -eq $word) { $typed = @($typed | Select-Object -SkipLast 1) }
  $name = 'run'
  foreach ($command in $${program}Commands) { if ("$($typed -join ' ') ".StartsWith("$($command[0]) ")) { $name = $command[0] } }
  $last = if ($typed.Count -gt 0) { $typed[-1] } else { '' }
  if ($${program}Values.ContainsKey("$name $last")) {
    foreach ($value in $${program}Values["$name $last"]) { if ($value -like "$word*") { [System.Management.Automation.CompletionResult]::new($value) } }
    return
  }
  if ($word -notlike '-*') {
    $before = $typed -join ' '
    foreach ($own in $${program}Words[$name]) { if ($before -eq $name -and $own -like "$word*") { [System.Management.Automation.CompletionResult]::new($own) } }
    foreach ($command in $${program}Commands) {
      $rest = if ($before -eq '') { $command[0] } elseif ($command[0].StartsWith("$before ")) { $command[0].Substring($before.Length + 1) } else { continue }
      $next = $rest.Split(' ')[0]
      if ($next -like "$word*") { [System.Management.Automation.CompletionResult]::new($next, $next, 'ParameterValue', $command[1]) }
    }
    return
  }
  foreach ($flag in $${program}Flags[$name]) {
    if ($flag[0] -like "$word*") { [System.Management.Automation.CompletionResult]::new($flag[0], $flag[0], 'ParameterName', $flag[1]) }
  }
}
`
}

/** A list of lists: PowerShell takes a list of one apart, unless a comma stands before it. */
function listOf(items: readonly string[], space: string): string {
  return `@(${items.length === 1 ? ',' : ''}${items.join(`,${space}`)})`
}

/** Between single quotes; to PowerShell typographic ones are the same. */
function quoted(text: string): string {
  return text.replaceAll(/['\u2018-\u201b]/g, '$&$&')
}
