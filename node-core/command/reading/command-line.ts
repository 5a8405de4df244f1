/**
 * What a command is told, wherever it was said: the command line (parser.ts), the environment, and the configuration file that one of the
 * two names, or that was saved in the base folder (saved-file.ts), put together (layers.ts).
 */
import { describeError } from '../../base/errors.ts'
import { flagsOf, type Command } from '../definition/command.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { FlagTable } from '../definition/flag.ts'
import { readConfigFile, type Known } from './config-file.ts'
import { readEnvironment } from './environment.ts'
import { mergeLayers, type Layer, type Origin, type Rivals } from './layers.ts'
import { parseLine } from './parser.ts'
import { savedFile } from './saved-file.ts'

export interface CommandLine {
  readonly command: Command
  readonly words: readonly string[]
  /** True, a text or several; what is off is not among them. */
  readonly values: Readonly<Record<string, true | string | readonly string[]>>
  /** Where each comes from, those that are off too. */
  readonly origins: ReadonlyMap<string, Origin>
  /** The file of saved choices, where it counted. */
  readonly saved: string | undefined
}

export interface Surroundings {
  readonly commands: readonly Command[]
  readonly rivals: Rivals
  readonly env: Readonly<Record<string, string | undefined>>
  /** The base folder that holds where none is named; without it no saved choices are looked for. */
  readonly defaultFolder?: string
}

/** Throws OPTIONS_INVALID or CONFIG_UNREADABLE. */
export function readCommandLine(argv: readonly string[], { commands, rivals, env, defaultFolder }: Surroundings): CommandLine {
  const { command, values: given, words } = parseLine(argv, commands)
  const flags = flagsOf(command)
  const line: Layer = { source: 'flag', values: new Map([...given].map(([name, value]) => [name, { value, where: `--${name}` }])) }
  // Whoever asks for help gets it, whatever is wrong elsewhere.
  const isAsking = given.get('help') === true || given.get('version') === true
  const known: readonly Known[] = commands.map((one) => ({ name: one.name, flags: flagsOf(one) }))
  const inner = isAsking ? [line] : [line, readEnvironment(env, flags, Object.assign({}, ...known.map((one) => one.flags)) as FlagTable)]
  const named = inner.map(({ values }) => values.get('config')?.value).find((value) => value !== undefined)
  const saved = isAsking || defaultFolder === undefined || command.takesSaved !== true ? undefined : savedFile(defaultFolder, inner)
  const path = typeof named === 'string' ? named : saved
  const layers = isAsking || path === undefined ? inner : [...inner, fileLayer(path, saved, { name: command.name, flags }, known)]
  const origins = mergeLayers(flags, layers, rivals)
  const values = Object.fromEntries([...origins].flatMap(([name, { value }]) => (value === false ? [] : [[name, value]])))
  return { command, words, values, origins, saved }
}

/** Whoever named no file is told how to go without it. */
function fileLayer(path: string, saved: string | undefined, command: Known, known: readonly Known[]): Layer {
  try {
    return readConfigFile(path, command, known)
  } catch (error) {
    if (!(error instanceof CommandError) || path !== saved) throw error
    throw new CommandError(error.code, error.message, { hint: `${error.hint ?? ''} --no-config starts without it.`.trim(), data: { ...error.data }, cause: error })
  }
}

/** The same error, with the place that the wrong value comes from where that is not the command line. */
export function withPlace(error: unknown, origins: ReadonlyMap<string, Origin>): unknown {
  if (!(error instanceof CommandError) || error.code !== 'OPTIONS_INVALID') return error
  const { flag } = error.data
  const origin = typeof flag === 'string' ? origins.get(flag) : undefined
  if (origin === undefined || origin.source === 'flag') return error
  const place = origin.source === 'file' ? `the file ${origin.where}` : `the environment variable ${origin.where}`
  return new CommandError('OPTIONS_INVALID', error.message, { hint: `It comes from ${place}. ${error.hint ?? ''}`.trim(), data: { ...error.data }, cause: describeError(error) })
}

/** Throws OPTIONS_INVALID where both are set. */
export function refuseBoth(values: Readonly<Record<string, unknown>>, ...names: readonly string[]): void {
  const set = names.filter((name) => values[name] !== undefined)
  if (set.length > 1) throw invalid(`--${set.join(' and --')} exclude each other.`, set[0])
}
