/** A property of every flag of every command: what `--print-config` prints says the same again as a file, and each has its variable. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { flagsOf, type Command } from '../../../node-core/command/definition/command.ts'
import { variableOf, type Flag } from '../../../node-core/command/definition/flag.ts'
import { configText } from '../../../node-core/command/help/print-config.ts'
import { readCommandLine, type CommandLine } from '../../../node-core/command/reading/command-line.ts'
import type { Value } from '../../../node-core/command/reading/layers.ts'

let folder: string
let config: string
beforeAll(() => {
  // Whoever reads the printed file sees this name in comments.
  folder = mkdtempSync(join(tmpdir(), 'nodestead config\u00e9-'))
  config = join(folder, 'nodestead.toml')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const surroundings = (env: Readonly<Record<string, string>> = {}) => ({ commands: COMMANDS, rivals: [], env })
const told = ([name, { lineOnly }]: readonly [string, Flag]): boolean => lineOnly !== true && name !== 'config'
const flags = (command: Command): readonly (readonly [string, Flag])[] => Object.entries(flagsOf(command)).filter(told)

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((value) => value.trim() !== '')
const word = text.filter((value) => !/\s/.test(value))
const valueOf = ({ type, multiple }: Flag, one: fc.Arbitrary<string>): fc.Arbitrary<Value> => (type === 'boolean' ? fc.boolean() : multiple === true ? fc.array(one, { minLength: 1, maxLength: 3 }) : one)

/** Some flags of the command, each with a value. */
const someOf = (command: Command, one: fc.Arbitrary<string>): fc.Arbitrary<Readonly<Record<string, Value>>> =>
  fc.record(Object.fromEntries(flags(command).map(([name, flag]) => [name, valueOf(flag, one)])), { requiredKeys: [] }) as fc.Arbitrary<Readonly<Record<string, Value>>>

/** As words: behind `=`, so that a value may look like a flag. */
function typed(command: Command, values: Readonly<Record<string, Value>>): string[] {
  const words = Object.entries(values).flatMap(([name, value]) => (Array.isArray(value) ? value.map((one) => `--${name}=${one as string}`) : [`--${name}=${String(value)}`]))
  return [...command.name.split(' '), ...words, ...(command.words ?? []).filter(({ optional }) => optional !== true).map(() => 'word')]
}

const asVariables = (values: Readonly<Record<string, Value>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), Array.isArray(value) ? value.join(' ') : String(value)]))

/** What is meant by it: where a value is came from does not count, nor what is secret. */
const meant = ({ command, origins }: CommandLine): Record<string, Value> =>
  Object.fromEntries([...origins].filter(([name]) => name !== 'config' && flagsOf(command)[name]?.secret !== true).map(([name, { value }]) => [name, value]).sort())

const readAgain = (line: CommandLine): CommandLine => {
  writeFileSync(config, configText(line.command, line.origins))
  return readCommandLine([...typed(line.command, {}), '--config', config], surroundings())
}

// The commands share most flags, and each run reads a command line four times.
const runs = ({ name }: Command): number => (name === 'run' ? 20 : 4)

describe.each(COMMANDS.map((command) => [command.name, command] as const))('%s', (_, command) => {
  it('is told by a file as by flags', () => {
    fc.assert(
      fc.property(someOf(command, text), (values) => {
        const line = readCommandLine(typed(command, values), surroundings())
        expect(meant(readAgain(line))).toEqual(meant(line))
        // Once more: now each value comes from the file, whose name stands behind it.
        expect(meant(readAgain(readAgain(line)))).toEqual(meant(line))
      }),
      { numRuns: runs(command) },
    )
  })

  it('is told by variables as by flags', () => {
    fc.assert(
      fc.property(someOf(command, word), (values) => {
        const line = readCommandLine(typed(command, {}), surroundings(asVariables(values)))
        expect(meant(line)).toEqual(meant(readCommandLine(typed(command, values), surroundings())))
        expect(meant(readAgain(line))).toEqual(meant(line))
      }),
      { numRuns: runs(command) },
    )
  })
})

it('every flag has a variable of its own, and a line in what is printed', () => {
  const names = new Set(COMMANDS.flatMap((command) => flags(command).map(([name]) => name)))
  expect(new Set([...names].map(variableOf)).size).toBe(names.size)
  for (const command of COMMANDS) {
    const lines = configText(command, new Map()).split('\n')
    for (const [name] of flags(command)) expect(lines.filter((line) => line.startsWith(`# ${name} = `)), name).toHaveLength(1)
  }
})

it('a path with a line break in it stays within the comment', () => {
  if (process.platform === 'win32') return
  config = join(folder, 'two\nlines.toml')
  const line = readCommandLine(['run', '--name', 'N'], surroundings())
  expect(meant(readAgain(readAgain(readAgain(line))))).toEqual({ name: 'N' })
})
