import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { flagsOf } from '../../../node-core/command/definition/command.ts'
import { EXIT, EXIT_MEANINGS } from '../../../node-core/command/definition/exit-codes.ts'
import { RIVALS } from '../../../node-core/command/flags.ts'
import { commandHelp, exitCodesHelp, groupHelp, listOfCommands, overview } from '../../../node-core/command/help/help.ts'
import { groupsOf } from '../../../node-core/command/help/layout.ts'
import { readCommandLine } from '../../../node-core/command/reading/command-line.ts'
import { coloursOf } from '../../../node-core/command/terminal/colours.ts'

const context = { invocation: 'nodestead', colours: coloursOf(false) }
const SHOWN = COMMANDS.filter(({ hidden }) => hidden !== true)

function expectScreen(text: string): void {
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(24)
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
}

describe('help', () => {
  it('begins with a screen that names every command', () => {
    const text = overview(COMMANDS, context)
    expectScreen(text)
    const words = text.split(/[\s,[\]|]+/)
    for (const { name } of SHOWN) for (const word of name.split(' ')) expect(words).toContain(word)
    for (const { name, summary } of SHOWN) expect(listOfCommands(SHOWN)).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 10)}`, 'm'))
  })

  it.each(SHOWN.map((command) => [command.name, command] as const))('of %s fits a screen, and has an example', (_, command) => {
    const text = commandHelp(command, context)
    expectScreen(text)
    expect(text).toContain('Example  nodestead ')
    expect(text.split('\n')[1]).toMatch(/^[A-Z]/)
    for (const [group] of groupsOf(command.flags)) expectScreen(groupHelp(command, group, context))
  })

  it.each(SHOWN.flatMap(({ name, examples }) => examples.map(([line]) => [name, line] as const)))('of %s has an example that can be typed: %s', (name, line) => {
    const words = (line.split(/ [|<>] /)[0] ?? '').split(' ').filter((word) => word !== '')
    expect(readCommandLine(words, { commands: COMMANDS, rivals: RIVALS, env: {} }).command.name).toBe(name)
  })

  it('tells the exit codes, all of them', () => {
    expectScreen(exitCodesHelp())
    expect(EXIT_MEANINGS.map(([code]) => code)).toEqual(Object.values(EXIT))
  })
})

describe('the table of commands', () => {
  it('has each name once, and a flag of one name takes the same thing in every command', () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length)
    const seen = new Map<string, unknown>()
    for (const command of COMMANDS) {
      for (const [name, { type, short, multiple }] of Object.entries(flagsOf(command))) {
        const form = { type, short, multiple }
        expect([name, form]).toEqual([name, seen.get(name) ?? form])
        seen.set(name, form)
      }
    }
  })
})
