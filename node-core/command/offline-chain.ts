/** An offline chain (chain/node/offline.ts) for the time of one command, and Ctrl-C meanwhile: work stops at the next block, and data are closed. */
import { silentLogger, type Logger } from '../base/logger.ts'
import { OfflineChain } from '../chain/node/offline.ts'
import type { ChainSpec } from '../chain/spec/schema.ts'
import { chainSpecOf, type ChainValues } from './chain-folder.ts'
import type { Installation } from './definition/command.ts'
import { CommandError } from './definition/errors.ts'

export interface OfflineOptions {
  readonly logger?: Logger
  /** See {@link OfflineChain}; asked once the specification is known. */
  readonly sealed?: ((spec: ChainSpec) => boolean) | undefined
}

/** `work` looks at the signal between two steps. Throws STATE_DB_LOCKED where a node uses the data, INTERRUPTED after Ctrl-C. */
export async function withOfflineChain<T>(
  values: ChainValues, installation: Installation, work: (chain: OfflineChain, signal: AbortSignal, spec: ChainSpec) => Promise<T>, { logger = silentLogger, sealed }: OfflineOptions = {},
): Promise<T> {
  const { spec, basePath } = await chainSpecOf(values, installation)
  const stopping = new AbortController()
  const interrupt = (): void => stopping.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const chain = new OfflineChain({ spec, basePath, logger, workerUrls: installation.workerUrls, sealed: sealed?.(spec) })
  try {
    await chain.start()
    return await work(chain, stopping.signal, spec)
  } finally {
    await chain.stop()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** Throws INTERRUPTED. */
export function requireGoing(signal: AbortSignal, what: string): void {
  if (signal.aborted) throw new CommandError('INTERRUPTED', `Interrupted: ${what}`, { hint: 'The same command again goes on.' })
}
