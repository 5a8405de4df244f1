/**
 * Completion scripts for shells, made of the commands' definitions: commands first, then flags of the command that is typed, and behind a
 * flag its words, files or folders. Each script is whole: no shell has to start the program to complete.
 */
import { flagsOf, type Command } from '../definition/command.ts'
import { bashScript } from './bash.ts'
import type { CompletedCommand } from './completed.ts'
import { fishScript } from './fish.ts'
import { powershellScript } from './powershell.ts'
import { zshScript } from './zsh.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

export function completionScript(shell: Shell, program: string, commands: readonly Command[]): string {
  const completed = commands.filter(({ hidden }) => hidden !== true).map((command) => completedCommand(command, commands))
  switch (shell) {
    case 'bash':
      return bashScript(program, completed)
    case 'zsh':
      return zshScript(program, completed)
    case 'fish':
      return fishScript(program, completed)
    case 'powershell':
      return powershellScript(program, completed)
  }
}

function completedCommand(command: Command, commands: readonly Command[]): CompletedCommand {
  const { completes, choices = [] } = command.words?.[0] ?? {}
  const names = [...new Set(commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name.split(' ')[0] as string))]
  return {
    words: command.name.split(' '),
    summary: command.summary,
    flags: Object.entries(flagsOf(command)).map(([name, { type, short, help, multiple, choices = [], completes }]) => ({ name, short, help, takesValue: type === 'string', multiple: multiple === true, choices, completes })),
    completes: completes === 'command' ? undefined : completes,
    choices: completes === 'command' ? [...names, ...choices] : choices,
  }
}
