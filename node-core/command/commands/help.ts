/** `help`: of the program, a command, a group of its flags, or the exit codes. */
import { defineCommand } from '../definition/command.ts'
import { invalid } from '../definition/errors.ts'
import { EXIT_MEANINGS } from '../definition/exit-codes.ts'
import { FLAG_GROUPS, type FlagGroup } from '../definition/flag.ts'
import { commandHelp, exitCodesHelp, groupHelp, listOfCommands, overview, wholeHelp } from '../help/help.ts'
import { closest } from '../reading/suggest.ts'

export const help = defineCommand({
  name: 'help',
  summary: 'tell about a command, its flags, or exit codes',
  part: 'program',
  words: [
    { name: 'command', help: 'the command, commands, exit-codes, or nothing', optional: true, several: true, completes: 'command', choices: ['commands', 'exit-codes'] },
  ],
  flags: {},
  examples: [['help run peers', 'The flags of a node about its peers.']],
  run: async ({ words, commands, installation, terminal }) => {
    const context = { invocation: installation.invocation, colours: terminal.colours }
    const show = async (text: string): Promise<undefined> => {
      await terminal.pages({ text }, text)
      return undefined
    }
    if (words.length === 0) return show(overview(commands, context))
    if (words[0] === 'commands') return show(listOfCommands(commands))
    if (words[0] === 'exit-codes') {
      terminal.result(EXIT_MEANINGS.map(([code, meaning]) => ({ code, meaning })), exitCodesHelp())
      return undefined
    }
    const command = commands.find(({ name }) => name === words.join(' ')) ?? commands.find(({ name }) => name === words.slice(0, -1).join(' '))
    if (command === undefined) {
      const members = commands.filter(({ name, hidden }) => hidden !== true && name.startsWith(`${words[0] ?? ''} `))
      if (members.length > 0 && words.length === 1) return show(listOfCommands(members))
      const near = closest(words.join(' '), commands.map(({ name }) => name))
      throw invalid(`"${words.join(' ')}" is not a command.${near === undefined ? '' : ` Did you mean ${near}?`}`)
    }
    if (command.name === words.join(' ')) return show(commandHelp(command, context))
    const group = words.at(-1) as string
    if (group === 'all') return show(wholeHelp(command, context))
    if (!Object.hasOwn(FLAG_GROUPS, group)) throw invalid(`"${group}" is no group of flags: there are ${Object.keys(FLAG_GROUPS).join(', ')}, all.`)
    return show(groupHelp(command, group as FlagGroup, context))
  },
})
