/** The headless entry in a clone of the project: `npm run -s node -- [flags]`. The package's own is build/headless/entry.ts. */
import { join } from 'node:path'
import { runCommand } from './command/run.ts'

runCommand(process.argv.slice(2), { invocation: 'npm run -s node --', folder: join(import.meta.dirname, '..', 'out'), workerUrls: undefined })
