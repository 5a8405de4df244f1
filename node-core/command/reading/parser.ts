/**
 * The command line, read by commander: which command, its flags, and the words behind. The commands' definitions become commander's own;
 * what it finds wrong is said in our words, with the near name.
 */
import { Command as Parser, CommanderError, Option } from 'commander'
import { flagNamed, flagsOf, type Command } from '../definition/command.ts'
import { invalid } from '../definition/errors.ts'
import type { Flag, FlagTable } from '../definition/flag.ts'
import type { Value } from './layers.ts'
import { closest } from './suggest.ts'
import { checkWords } from './words.ts'

export const DEFAULT_COMMAND = 'run'

export interface Line {
  readonly command: Command
  readonly values: ReadonlyMap<string, Value>
  readonly words: readonly string[]
}

const HELP = ['--help', '-h']

/** Throws OPTIONS_INVALID, which names the word that is wrong. */
export function parseLine(argv: readonly string[], commands: readonly Command[]): Line {
  const known: FlagTable = Object.assign({}, ...commands.map(flagsOf)) as FlagTable
  const { words, off } = checkWords(argv, known)
  const [group = '', asked = ''] = words
  if (HELP.includes(asked) && isGroup(group, commands)) return parseLine(['help', group], commands)
  const { command, values, rest, last } = parseWith(words, commands)
  const named = longest(commands.filter(({ name }) => name === rest[0] || name === rest.slice(0, 2).join(' ')))
  // Flags may stand before the command's name.
  if (command.name === DEFAULT_COMMAND && named !== undefined && named !== command && !startsWith(words, named)) {
    return parseLine([...named.name.split(' '), ...without(argv, named.name.split(' '))], commands)
  }
  for (const name of off) {
    if (flagNamed(command, name) === undefined) throw otherCommands(name, commands)
    if (values.has(name)) throw invalid(`--${name} is given twice.`, name)
    values.set(name, false)
  }
  const isAsked = values.get('help') !== undefined || values.get('version') !== undefined
  // A word that is no command has no help.
  if (!isAsked || command.name === DEFAULT_COMMAND) checkCount(command, rest, last, commands)
  return { command, values, words: rest }
}

function parseWith(words: readonly string[], commands: readonly Command[]): { command: Command; values: Map<string, Value>; rest: readonly string[]; last: string | undefined } {
  const values = new Map<string, Value>()
  let [chosen, rest, last]: [Command | undefined, readonly string[], string | undefined] = [undefined, [], undefined]
  const root = quiet(new Parser())
  const groups = new Map<string, Parser>()
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ')
    const parent = second === undefined ? root : (groups.get(first) ?? groupOf(root, first, groups, commands))
    const parser = quiet(parent.command(second ?? first, { isDefault: command.name === DEFAULT_COMMAND }))
    // `topics` is a command, and so is `topics tail`.
    if (second === undefined) groups.set(first, parser)
    for (const [name, flag] of Object.entries(flagsOf(command))) {
      parser.addOption(new Option(formOf(name, flag)))
      parser.on(`option:${name}`, (value: string | null | undefined) => {
        last = name
        values.set(name, added(name, flag, value ?? undefined, values.get(name)))
      })
    }
    parser.argument('[words...]').action(() => {
      chosen = command
      rest = parser.args
    })
  }
  try {
    root.parse([...words], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? inOurWords(error, chosenBy(words, commands), commands) : error
  }
  if (chosen === undefined) throw invalid('There is no such command.')
  return { command: chosen, values, rest, last }
}

/** `key`, of which there are several and none alone. */
function isGroup(word: string, commands: readonly Command[]): boolean {
  return commands.every(({ name }) => name !== word) && commands.some(({ name }) => name.startsWith(`${word} `))
}

/** `key` alone: it names what there is. */
function groupOf(root: Parser, name: string, groups: Map<string, Parser>, commands: readonly Command[]): Parser {
  const members = commands.filter((command) => command.name.startsWith(`${name} `)).map((command) => command.name.slice(name.length + 1))
  const group = quiet(root.command(name))
    .allowUnknownOption()
    .argument('[words...]')
    .action((words: readonly string[]) => {
      const [word] = words
      const near = word === undefined ? undefined : closest(word, members)
      throw invalid(`${word === undefined ? `${name} needs a command` : `"${name} ${word}" is not a command`}${near === undefined ? `; there are ${members.map((member) => `${name} ${member}`).join(', ')}.` : `. Did you mean ${name} ${near}?`}`)
    })
  groups.set(name, group)
  return group
}

function quiet(parser: Parser): Parser {
  return parser.helpOption(false).helpCommand(false).showSuggestionAfterError(false).allowExcessArguments().configureOutput({ writeErr: () => undefined }).exitOverride()
}

function formOf(name: string, { type, short, value = 'value' }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${type === 'boolean' ? '' : ` <${value}>`}`
}

function added(name: string, { type, multiple, short }: Flag, given: string | undefined, before: Value | undefined): Value {
  if (before !== undefined && multiple !== true) throw invalid(`--${name} is given twice.`, name)
  if (type === 'boolean') return true
  // The other form that short flags are known with: -l=info.
  const text = short === undefined ? (given ?? '') : (given ?? '').replace(/^=/, '')
  if (text.trim() === '') throw invalid(`--${name} must not be empty.`, name)
  return multiple === true ? [...((before as readonly string[] | undefined) ?? []), text] : text
}

function inOurWords({ code, message }: CommanderError, command: Command, commands: readonly Command[]): Error {
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? []
  const name = /--([a-z-]+)/.exec(quoted)?.[1]
  if (code === 'commander.optionMissingArgument') return invalid(`--${name ?? quoted} needs a value.`, name)
  if (code !== 'commander.unknownOption') return invalid(`${message.replace(/^error: /, '')}.`)
  const raw = quoted.split('=')[0] ?? quoted
  if (name !== undefined && commands.some((other) => flagNamed(other, name) !== undefined)) return otherCommands(name, commands)
  const near = closest(raw.replace(/^--?/, ''), Object.keys(flagsOf(command)))
  return invalid(`Unknown option '${raw}'${near === undefined ? '.' : `; did you mean --${near}?`}`)
}

function otherCommands(name: string, commands: readonly Command[]): Error {
  const owners = commands.filter((command) => command.hidden !== true && Object.hasOwn(command.flags, name)).map((command) => command.name)
  const shown = owners.length > 4 ? [...owners.slice(0, 3), 'others'] : owners
  const last = shown.at(-1) ?? ''
  return invalid(`--${name} goes with ${shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${last}` : `${last} alone`}.`, name)
}

function checkCount(command: Command, rest: readonly string[], last: string | undefined, commands: readonly Command[]): void {
  const words = command.words ?? []
  const missing = words.find(({ optional }, at) => optional !== true && rest[at] === undefined)
  if (missing !== undefined) throw invalid(`${command.name} needs <${missing.name}>: ${missing.help}.`)
  const word = rest[words.length]
  if (word === undefined || words.at(-1)?.several === true) return
  if (word === command.name) throw invalid(`"${word}" is given twice.`)
  const takesOne = last !== undefined && flagNamed(command, last)?.type === 'string' ? ` --${last} takes one value; one with spaces goes into quotes.` : ''
  if (command.name !== DEFAULT_COMMAND) throw invalid(`${command.name} takes ${words.length === 0 ? 'no words' : `${words.length} ${words.length === 1 ? 'word' : 'words'}`} besides its flags, and "${word}" is one more.${takesOne}`)
  const near = closest(word, [...new Set(commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name.split(' ')[0] as string))])
  throw invalid(`"${word}" is not a command.${near === undefined ? takesOne : ` Did you mean ${near}?`}`)
}

/** Whose flags are meant where the parser stops before it says so. */
function chosenBy(words: readonly string[], commands: readonly Command[]): Command {
  return (longest(commands.filter((command) => startsWith(words, command))) ?? commands.find(({ name }) => name === DEFAULT_COMMAND)) as Command
}

function longest(commands: readonly Command[]): Command | undefined {
  return commands.toSorted((one, other) => other.name.length - one.name.length)[0]
}

function startsWith(words: readonly string[], { name }: Command): boolean {
  return name.split(' ').every((part, at) => words[at] === part)
}

/** Without the last place at which `names` stand in a row. */
function without(argv: readonly string[], names: readonly string[]): readonly string[] {
  for (let at = argv.length - names.length; at >= 0; at--) {
    if (names.every((name, offset) => argv[at + offset] === name)) return argv.toSpliced(at, names.length)
  }
  return argv
}
