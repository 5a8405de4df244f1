/**
 * Runs several command lines in one process, on the streams that it has: a terminal where it is started on one. Before each and behind it stands a
 * mark on both streams, so that what each said can be told apart: `\x1e<number>\n`, and at the end the exit code.
 *
 * Run: `node command-row.ts '[["help"], …]'`
 */
import { join } from 'node:path'
import { describeError } from '../../node-core/base/errors.ts'
import { COMMANDS } from '../../node-core/command/commands/table.ts'
import type { Call } from '../../node-core/command/definition/command.ts'
import { exitCodeOf } from '../../node-core/command/definition/exit-codes.ts'
import { RIVALS } from '../../node-core/command/flags.ts'
import { configEntries, configText } from '../../node-core/command/help/print-config.ts'
import { readCommandLine } from '../../node-core/command/reading/command-line.ts'
import { Terminal } from '../../node-core/command/terminal/terminal.ts'

const installation = { invocation: 'nodestead', folder: join(import.meta.dirname, '../../out'), workerUrls: undefined }

async function runOne(argv: readonly string[]): Promise<number> {
  try {
    const { command, values, words, origins } = readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: {} })
    const terminal = new Terminal({ input: process.stdin, output: process.stdout, errors: process.stderr }, { json: values['json'] === true, env: process.env })
    if (values['print-config'] === true) {
      terminal.result(configEntries(command, origins), configText(command, origins))
      return 0
    }
    return (await command.run({ values, words, installation, terminal, commands: COMMANDS, said: new Set(origins.keys()) } as Call)) ?? 0
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`)
    return exitCodeOf(error)
  }
}

const mark = (text: string | number): void => {
  process.stdout.write(`\x1e${text}\n`)
  process.stderr.write(`\x1e${text}\n`)
}

for (const argv of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
  mark('begin')
  mark(`code ${await runOne(argv)}`)
}
process.exit(0)
