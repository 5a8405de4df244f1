/**
 * The configuration file: TOML with a key for each flag. What stands at the top is for every command that has such a flag; what only one
 * shall take stands in a table of its name.
 *
 *     base-path = "/data"
 *     bootnodes = ["/ip4/…", "/ip4/…"]
 *     validator = true
 *     [key.inspect]
 *     network = "kusama"
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { errorMessage } from '../../base/errors.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { Flag, FlagTable } from '../definition/flag.ts'
import type { Layer, Value } from './layers.ts'
import { closest } from './suggest.ts'

const MAX_BYTES = 1024 * 1024

/** Of a command: its name, and its flags with those of every command. */
export interface Known {
  readonly name: string
  readonly flags: FlagTable
}

/** Throws CONFIG_UNREADABLE, or OPTIONS_INVALID with the key that is wrong. */
export function readConfigFile(path: string, command: Known, commands: readonly Known[]): Layer {
  const values = new Map<string, { readonly value: Value; readonly where: string }>()
  const document = parsed(path)
  const tables = new Map(commands.map(({ name, flags }) => [name, flags]))
  const anywhere: FlagTable = Object.assign({}, ...commands.map(({ flags }) => flags)) as FlagTable
  const read = (content: Readonly<Record<string, unknown>>, flags: FlagTable, table: string): void => {
    for (const [key, value] of Object.entries(content)) {
      const path_ = table === '' ? key : `${table} ${key}`
      if (isTable(value) && [...tables.keys()].some((name) => name === path_ || name.startsWith(`${path_} `))) read(value, tables.get(path_) ?? {}, path_)
      else {
        const flag = flagOf(key, flags, table, path)
        if (table === '' || table === command.name) values.set(key, { value: valueOf(key, value, flag, path), where: path })
      }
    }
  }
  read(document, anywhere, '')
  return { source: 'file', values }
}

function parsed(path: string): Readonly<Record<string, unknown>> {
  const refuse = (why: string, hint: string): never => {
    throw new CommandError('CONFIG_UNREADABLE', `The configuration file ${path} cannot be used: ${why}.`, { hint })
  }
  let text = ''
  try {
    const file = openSync(path, 'r')
    try {
      if (fstatSync(file).size > MAX_BYTES) refuse('it is larger than 1 MiB', 'Name a file of flags.')
      text = readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    refuse(gone ? 'there is no such file' : errorMessage(error), 'Correct --config.')
  }
  try {
    return parse(text)
  } catch (error) {
    // The parser shows the line below its sentence; it may hold a secret.
    return refuse(errorMessage(error).split('\n')[0] ?? '', 'It has the form of TOML: base-path = "/data".')
  }
}

function flagOf(key: string, flags: FlagTable, table: string, path: string): Flag {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined
  const where = table === '' ? path : `[${table.replace(' ', '.')}] of ${path}`
  if (flag === undefined) {
    const near = closest(key, Object.keys(flags))
    throw invalid(`Unknown key '${key}' in ${where}${near === undefined ? '.' : `; did you mean ${near}?`}`)
  }
  if (flag.lineOnly === true || key === 'config') throw invalid(`'${key}' in ${where} goes on the command line alone.`)
  return flag
}

function valueOf(key: string, value: unknown, { type, multiple }: Flag, path: string): Value {
  const wrong = (takes: string): never => {
    throw invalid(`'${key}' in ${path} takes ${takes}.`, key)
  }
  if (type === 'boolean') return typeof value === 'boolean' ? value : wrong('true or false')
  const values = (multiple === true && Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => {
    const text = typeof one === 'number' && Number.isInteger(one) ? String(one) : one
    if (typeof text !== 'string') return wrong(multiple === true ? 'a text, or a list of texts' : 'a text or a whole number')
    return text.trim() === '' ? wrong('a text that is not empty') : text
  })
  return multiple === true ? values : (values[0] as string)
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
