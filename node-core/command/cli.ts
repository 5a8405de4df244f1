/**
 * The headless entry in a clone of the project: `npm run -s node -- [flags]`. The package's own is build/headless/entry.ts.
 *
 * Node.js takes the types out of each source file in each thread that loads it, by a compiler that takes some 20 MB in every one
 * of them. What comes of it is kept on disk for the next start, so nothing but this file is imported before that is asked for.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
// By the environment, because worker threads look there. A folder that cannot be written to leaves everything as it is.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'compiled')
enableCompileCache(process.env['NODE_COMPILE_CACHE'])

const { runCommand } = await import('./entry.ts')
runCommand(process.argv.slice(2), { invocation: 'npm run -s node --', folder: join(root, 'out'), workerUrls: undefined })
