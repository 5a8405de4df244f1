/** Makes a genesis in a thread of its own, which ends with it: compiling a runtime and calling it takes up to a second. */
import { systemClock, type Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { createLogger } from '../../../base/logger.ts'
import { beginThread, endThread } from '../../../base/threads.ts'
import type { RawGenesis } from '../raw-genesis.ts'
import { GenesisFault } from './builder.ts'
import { printExact } from './exact-json.ts'
import { writeRuntimeGenesis, type RuntimeGenesis } from './written.ts'

/** What the thread is given: `genesis.runtimeGenesis` as JSON, which keeps the digits of its numbers where structured cloning would not. */
export type GenesisTask = string
export type GenesisAnswer = { readonly storage: RawGenesis } | { readonly fault: string }

export interface GenesisThreadOptions {
  /** The thread's module. Bundled builds place it elsewhere. */
  readonly workerUrl?: URL | undefined
  readonly clock?: Clock
}

/** Made in less than a second; with many thousand accounts, on a slow computer, in many. */
export const GENESIS_LIMIT_MS = 120_000

const SILENT = createLogger([], { default: 'off' })

/** Throws a {@link GenesisFault}. */
export async function buildInThread(genesis: RuntimeGenesis, options: GenesisThreadOptions = {}): Promise<RawGenesis> {
  const { workerUrl = new URL('./worker.ts', import.meta.url), clock = systemClock } = options
  const { promise, resolve, reject } = Promise.withResolvers<RawGenesis>()
  const task: GenesisTask = printExact(writeRuntimeGenesis(genesis))
  const worker = beginThread(workerUrl, { name: 'genesis', workerData: task })
  const cancel = clock.schedule(GENESIS_LIMIT_MS, () => reject(new GenesisFault(`the runtime has not made it in ${GENESIS_LIMIT_MS / 1000} s`)))
  worker.on('message', (answer: GenesisAnswer) => ('storage' in answer ? resolve(answer.storage) : reject(new GenesisFault(answer.fault))))
  worker.on('error', (error) => reject(new GenesisFault(`the thread that makes it failed: ${errorMessage(error)}`)))
  worker.on('exit', () => reject(new GenesisFault('the thread that makes it ended without an answer')))
  try {
    return await promise
  } finally {
    cancel()
    await endThread(worker, 'genesis', { logger: SILENT })
  }
}
