/**
 * A command as data: its name, flags, words and help, and what runs. One table lists them all (commands/table.ts); a further command is a
 * file with a definition and a line there.
 *
 * Definitions are read at every start, so what a command works with is imported when it runs, not above it.
 */
import type { Terminal } from '../terminal/terminal.ts'
import type { Flag, FlagTable, FlagValues } from './flag.ts'
import type { ExitCode } from './exit-codes.ts'

/** Where the program's files are. */
export interface Installation {
  /** What a person types before the flags. */
  readonly invocation: string
  /** What the build made: `chains/`, `renderer/`, `licenses.json`, `build.json`. */
  readonly folder: string
  /** Undefined where the node runs from its sources. */
  readonly workerUrls: Readonly<Record<'runtime' | 'crypto' | 'explorer' | 'genesis' | 'state' | 'ip', URL>> | undefined
}

/** A word behind the name of the command. */
export interface Argument {
  readonly name: string
  readonly help: string
  readonly optional?: true
  /** Takes all that follow. */
  readonly several?: true
  /** `command`: the name of a command. */
  readonly completes?: 'file' | 'folder' | 'command'
  readonly choices?: readonly string[]
}

/** What a command is run with. */
export interface Call<Table extends FlagTable = FlagTable> {
  readonly values: FlagValues<Table>
  readonly words: readonly string[]
  readonly installation: Installation
  readonly terminal: Terminal
  /** The whole table: for what tells of commands. */
  readonly commands: readonly Command[]
  /** Flags in which anything was said, wherever: none on a bare first start. */
  readonly said: ReadonlySet<string>
  /** The file of saved choices that counts. */
  readonly saved?: string | undefined
}

/** Headings of the first screen, in their order. */
export const COMMAND_PARTS = {
  node: 'A node',
  running: 'A running node',
  data: 'Data, while no node runs',
  keys: 'Keys and tokens',
  program: 'This program',
} as const
export type CommandPart = keyof typeof COMMAND_PARTS
/** Of commands that say none. */
export const USUAL_PART: CommandPart = 'data'

export interface Command {
  /** One word, or two: `key generate`. */
  readonly name: string
  /** One line, without a full stop. */
  readonly summary: string
  /** Under which heading the first screen names it. */
  readonly part?: CommandPart
  /** Whole sentences for help and manual. */
  readonly description?: string
  readonly words?: readonly Argument[]
  readonly flags: FlagTable
  /** Lines as they are typed behind the invocation, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** What the guide of a first start saved in the base folder counts, where no network is named. */
  readonly takesSaved?: true
  /** Not in lists, completion and the manual. */
  readonly hidden?: true
  /** What is not returned is 0. An error that is thrown is said, and its code decides (exit-codes.ts). */
  run(call: Call): Promise<ExitCode | undefined>
}

/** Gives the flags' values their types. */
export function defineCommand<const Table extends FlagTable>(
  command: Omit<Command, 'flags' | 'run'> & { readonly flags: Table; run(call: Call<Table & typeof GENERAL_FLAGS>): Promise<ExitCode | undefined> },
): Command {
  return { ...command, run: (call) => command.run(call as Call<Table & typeof GENERAL_FLAGS>) }
}

/** Flags of every command. */
export const GENERAL_FLAGS = {
  config: { type: 'string', value: 'file', group: 'general', completes: 'file', help: 'take flags from this TOML file too',
    detail: 'A key for each flag: base-path = "/data". A flag on the command line comes before one of the environment (NODESTEAD_BASE_PATH), and that before the file.' },
  'print-config': { type: 'boolean', group: 'general', lineOnly: true, help: 'print each value and where it came from, and end',
    detail: 'What is printed can be used as a configuration file.' },
  json: { type: 'boolean', group: 'general', help: 'print for programs: JSON, one value a line' },
  log: { type: 'string', short: 'l', multiple: true, value: 'filter', group: 'general', fallback: 'info', help: 'how much is told: a level, or module=level',
    choices: ['error', 'warn', 'info', 'debug', 'trace', 'off'], detail: 'Several are separated by spaces or commas: info,babe=trace,rpc=off.' },
  help: { type: 'boolean', short: 'h', group: 'general', lineOnly: true, help: 'show help' },
  version: { type: 'boolean', short: 'V', group: 'general', lineOnly: true, help: 'show the version' },
} as const satisfies FlagTable

/** With those that every command has. */
export function flagsOf(command: Command): FlagTable {
  return { ...command.flags, ...GENERAL_FLAGS }
}

export function flagNamed(command: Command, name: string): Flag | undefined {
  const flags = flagsOf(command)
  return Object.hasOwn(flags, name) ? flags[name] : undefined
}
