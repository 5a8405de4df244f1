/**
 * The command `nodestead`: reads the line, runs the command that it names, and ends as that says. Where its files are is told by the entry
 * that calls it.
 *
 * Standard output carries results alone; everything else goes to standard error.
 */
import { describeError, errorMessage, isNodeError } from '../base/errors.ts'
import { endProcess } from '../base/threads.ts'
import { defaultBasePath } from './base-path.ts'
import { COMMANDS } from './commands/table.ts'
import type { Call, Installation } from './definition/command.ts'
import { exitCodeOf, type ExitCode } from './definition/exit-codes.ts'
import { RIVALS } from './flags.ts'
import { readCommandLine, withPlace, type CommandLine } from './reading/command-line.ts'
import { Terminal } from './terminal/terminal.ts'

/** Ends with the process; an error becomes one readable line, or one of JSON, and the exit code of its kind. */
export function runCommand(argv: readonly string[], installation: Installation): void {
  let json = argv.includes('--json')
  // Whoever reads may have had enough: `… | head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' && process.exit(0))
  const terminalOf = (): Terminal => new Terminal({ input: process.stdin, output: process.stdout, errors: process.stderr }, { json, env: process.env })
  const perform = async (): Promise<ExitCode | undefined> => {
    const line = readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: process.env, defaultFolder: defaultBasePath() })
    json = line.values['json'] === true
    try {
      return await performLine(line, installation, terminalOf())
    } catch (error) {
      throw withPlace(error, line.origins)
    }
  }
  perform().then(
    // A node goes on; whatever else is done has nothing left that holds the process.
    (code = 0) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(json ? `${JSON.stringify({ error: errorForPrograms(error) })}\n` : `${describeError(error)}\n`)
      endProcess(() => (process.exitCode = exitCodeOf(error)))
    },
  )
}

async function performLine(line: CommandLine, installation: Installation, terminal: Terminal): Promise<ExitCode | undefined> {
  const { command, values, words, origins, saved } = line
  const call = { values, words, installation, terminal, commands: COMMANDS, said: new Set(origins.keys()), saved } as Call
  if (values['help'] === true) {
    const { commandHelp, overview } = await import('./help/help.ts')
    const context = { invocation: installation.invocation, colours: terminal.colours }
    const isBare = command.name === 'run' && origins.size === 1 && words.length === 0
    const text = isBare ? overview(COMMANDS, context) : commandHelp(command, context)
    await terminal.pages({ text }, text)
    return undefined
  }
  if (values['version'] === true) {
    const { readBuildInfo, versionLine } = await import('../base/build-info.ts')
    const text = versionLine(installation.workerUrls === undefined ? 'sources' : await readBuildInfo(installation.folder))
    terminal.result({ version: text }, text)
    return undefined
  }
  if (values['print-config'] === true) {
    const { configEntries, configText } = await import('./help/print-config.ts')
    terminal.result(configEntries(command, origins), configText(command, origins))
    return undefined
  }
  return command.run(call)
}

function errorForPrograms(error: unknown): unknown {
  const exitCode = exitCodeOf(error)
  return isNodeError(error) ? { code: error.code, message: error.message, hint: error.hint ?? null, exitCode } : { code: 'FAILED', message: errorMessage(error), hint: null, exitCode }
}
