/** The headless entry of the package: `lib/nodestead.js`, with the worker threads beside it and the package's folders above. */
import { join } from 'node:path'
import { runCommand } from '../../node-core/command/entry.ts'

runCommand(process.argv.slice(2), {
  invocation: 'nodestead',
  folder: join(import.meta.dirname, '..'),
  workerUrls: {
    runtime: new URL('./runtime-worker.js', import.meta.url),
    crypto: new URL('./crypto-worker.js', import.meta.url),
    explorer: new URL('./explorer-worker.js', import.meta.url),
    genesis: new URL('./genesis-worker.js', import.meta.url),
    state: new URL('./state-worker.js', import.meta.url),
    ip: new URL('./ip-worker.js', import.meta.url),
  },
})
