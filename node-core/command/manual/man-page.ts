/** The manual, nodestead(1), in the macros of man (7), made of the commands' definitions. */
import { GENERAL_FLAGS, type Command } from '../definition/command.ts'
import { EXIT_MEANINGS } from '../definition/exit-codes.ts'
import { FLAG_GROUPS, variableOf, type Flag, type FlagTable } from '../definition/flag.ts'
import { formOf, groupsOf } from '../help/layout.ts'

/** `version` stands at the foot; no date, so that the same commit gives the same bytes. */
export function manPage(program: string, version: string, commands: readonly Command[]): string {
  const shown = commands.filter(({ hidden }) => hidden !== true)
  return `${[
    `.TH ${program.toUpperCase()} 1 "" "${text(`${program} ${version}`)}" "User Commands"`,
    '.SH NAME',
    `${program} \\- a full node of a Polkadot\\-family network`,
    '.SH SYNOPSIS',
    ...shown.flatMap(({ name, words = [] }) => [`.B ${program} ${text(name)}`, `[\\fIflags\\fR]${words.map((word) => (word.optional === true ? ` [\\fI${text(word.name)}\\fR]` : ` \\fI${text(word.name)}\\fR`)).join('')}`, '.br']),
    '.SH DESCRIPTION',
    'Without a command the node runs. Each flag can stand in a configuration file (TOML, a key for each flag) or in the environment, too: the command line comes before the environment, and that before the file. Where neither a network nor a file is named, the node takes what the guide of its first start saved as \\fBnodestead.toml\\fR in the base folder.',
    '.SH COMMANDS',
    ...shown.flatMap(commandPart),
    '.SH FLAGS OF EVERY COMMAND',
    ...flagParts(GENERAL_FLAGS),
    '.SH ENVIRONMENT',
    `Each flag has a variable: \\fB${text(variableOf('base-path'))}\\fR for \\fB${text('--base-path')}\\fR. Switches take true or false; several values are separated by spaces. \\fBNO_COLOR\\fR, set to anything, keeps colours away.`,
    '.SH EXIT STATUS',
    ...EXIT_MEANINGS.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(`${meaning}.`)]),
  ].join('\n')}\n`
}

function commandPart({ name, summary, description, words = [], flags, examples }: Command): string[] {
  return [
    `.SS ${text(name)}`,
    text(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.${description === undefined ? '' : ` ${description}`}`),
    ...words.flatMap((word) => ['.TP', `\\fI${text(word.name)}\\fR`, text(`${word.help}.`)]),
    ...groupsOf(flags).flatMap(([group, members]) => (Object.keys(flags).length > 15 ? ['.P', `\\fI${text(FLAG_GROUPS[group])}\\fR`] : []).concat(members.flatMap(([flag, definition]) => flagPart(flag, definition)))),
    ...(examples.length === 0 ? [] : ['.P', 'Examples:']),
    ...examples.flatMap(([line, what]) => ['.P', `.RS 4`, `\\fBnodestead ${text(line)}\\fR`, '.br', text(what), '.RE']),
  ]
}

function flagParts(flags: FlagTable): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => flagPart(name, flag))
}

function flagPart(name: string, flag: Flag): string[] {
  const fallback = flag.fallback === undefined ? '' : ` Default: ${flag.fallback}.`
  return ['.TP', `\\fB${text(formOf(name, flag))}\\fR`, text(`${flag.help[0]?.toUpperCase() ?? ''}${flag.help.slice(1)}.${flag.detail === undefined ? '' : ` ${flag.detail}`}${fallback}`)]
}

/** Hyphens as such, backslashes, and no line that begins with a macro. */
function text(plain: string): string {
  return plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...').replace(/^[.']/, '\\&$&')
}
