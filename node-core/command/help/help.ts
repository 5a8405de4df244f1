/**
 * Help on a screen of 80 by 24: of the program, of a command, of one group of its flags. What has more flags than fit names the groups,
 * and shows each on request.
 */
import { COMMAND_PARTS, GENERAL_FLAGS, USUAL_PART, type Command, type CommandPart } from '../definition/command.ts'
import { EXIT_MEANINGS } from '../definition/exit-codes.ts'
import { FLAG_GROUPS, type FlagGroup } from '../definition/flag.ts'
import type { Colours } from '../terminal/colours.ts'
import { columnsOf, groupsOf, rowOf, SCREEN, wrapped, type Row } from './layout.ts'

export interface HelpContext {
  readonly invocation: string
  readonly colours: Colours
}

/** The first screen: the names of all commands, by what they are about. */
export function overview(commands: readonly Command[], { invocation, colours }: HelpContext): string {
  const parts = (Object.keys(COMMAND_PARTS) as CommandPart[]).map((part): Row => [COMMAND_PARTS[part], namesOf(commands.filter((command) => command.hidden !== true && (command.part ?? USUAL_PART) === part))])
  return [
    'Nodestead: a full node of a Polkadot-family network.',
    '',
    `${colours.bold('Usage')}  ${invocation} [command] [flags]`,
    '',
    columnsOf(parts.filter(([, names]) => names !== '')),
    '',
    `Without a command a node runs. More, behind ${invocation}:`,
    columnsOf([['help commands', 'what each of them does'], ['help <command>', 'its flags, and an example'], ['help exit-codes', 'how a command ends']]),
    '',
  ].join('\n')
}

/** `status, key generate | inspect`: those that share their first word stand together. */
function namesOf(commands: readonly Command[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0] as string))]
  return firsts
    .map((first) => {
      const members = commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []))
      if (members.length === 0) return first
      return `${first} ${commands.some(({ name }) => name === first) ? `[${members.join(' | ')}]` : members.join(' | ')}`
    })
    .join(', ')
}

/** What each command does. */
export function listOfCommands(commands: readonly Command[]): string {
  return `${columnsOf(commands.filter(({ hidden }) => hidden !== true).map(({ name, summary }): Row => [name, summary]))}\n`
}

/** Of one command; a long one shows its common flags and names the groups. */
export function commandHelp(command: Command, context: HelpContext): string {
  const whole = screenOf(command, groupsOf(command.flags).flatMap(([, flags]) => flags.map(([name, flag]) => rowOf(name, flag))), [], context)
  if (whole.split('\n').length <= SCREEN.rows + 1) return whole
  const common = Object.entries(command.flags).filter(([, { common: isCommon }]) => isCommon === true)
  const groups = groupsOf(command.flags).map(([group]) => group)
  const more = [`More: ${context.invocation} help ${command.name} <${groups.join('|')}|all>`]
  return screenOf(command, common.map(([name, flag]) => rowOf(name, flag)), more, context)
}

/** One group of a command's flags. */
export function groupHelp(command: Command, group: FlagGroup, { colours }: HelpContext): string {
  const rows = groupsOf({ ...command.flags, ...GENERAL_FLAGS }).find(([name]) => name === group)?.[1] ?? []
  return `${colours.bold(FLAG_GROUPS[group])}\n${columnsOf(rows.map(([name, flag]) => rowOf(name, flag)))}\n`
}

/** Every flag of a command: more than a screen. */
export function wholeHelp(command: Command, context: HelpContext): string {
  return groupsOf({ ...command.flags, ...GENERAL_FLAGS }).map(([group]) => groupHelp(command, group, context)).join('\n')
}

export function exitCodesHelp(): string {
  return `${columnsOf(EXIT_MEANINGS.map(([code, meaning]): Row => [String(code), meaning]))}\n`
}

function screenOf(command: Command, rows: readonly Row[], more: readonly string[], { invocation, colours }: HelpContext): string {
  const words = (command.words ?? []).map(({ name, optional, several }) => (optional === true ? ` [${name}${several === true ? '…' : ''}]` : ` <${name}>`)).join('')
  const described = command.description === undefined ? [] : wrapped(command.description, SCREEN.columns)
  const [line, what] = command.examples[0] ?? ['', '']
  const arguments_ = (command.words ?? []).map(({ name, help }): Row => [`<${name}>`, help])
  const all = [...arguments_, ...rows]
  return [
    `${colours.bold('Usage')}  ${invocation} ${command.name === 'run' ? '[run]' : command.name}${words}${rows.length === 0 ? '' : ' [flags]'}`,
    ...(described.length === 0 ? [`${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`] : described),
    ...(all.length === 0 ? [] : [columnsOf(all)]),
    ...more,
    'Of every command: --config --print-config --json --log --help --version',
    `${colours.bold('Example')}  ${`${invocation} ${line}`.trimEnd()}`,
    `         ${what}`,
    '',
  ].join('\n')
}
