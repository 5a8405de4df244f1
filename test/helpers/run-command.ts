/** A command of the command line in this process: what it says, and how it would end. For what does not need a process of its own. */
import { join } from 'node:path'
import { describeError } from '../../node-core/base/errors.ts'
import { COMMANDS } from '../../node-core/command/commands/table.ts'
import type { Call } from '../../node-core/command/definition/command.ts'
import { exitCodeOf } from '../../node-core/command/definition/exit-codes.ts'
import { RIVALS } from '../../node-core/command/flags.ts'
import { readCommandLine } from '../../node-core/command/reading/command-line.ts'
import { capturedTerminal } from './captured-terminal.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What was thrown. */
  readonly error: unknown
}

export interface Person {
  /** There is a screen, and somebody who types these lines. */
  readonly typed?: readonly string[]
}

/** Piped, unless somebody sits there. */
export async function runCommand(argv: readonly string[], { typed }: Person = {}): Promise<Ran> {
  const { command, values, words, origins } = readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: {} })
  const { terminal, stdout, stderr } = capturedTerminal({ json: values['json'] === true, screen: typed !== undefined, typed: typed ?? [] })
  const installation = { invocation: 'nodestead', folder: join(import.meta.dirname, '../../out'), workerUrls: undefined }
  const call = { values, words, installation, terminal, commands: COMMANDS, said: new Set(origins.keys()) } as Call
  try {
    return { code: (await command.run(call)) ?? 0, stdout: stdout(), stderr: stderr(), error: undefined }
  } catch (error) {
    return { code: exitCodeOf(error), stdout: stdout(), stderr: `${stderr()}${describeError(error)}\n`, error }
  }
}
