/** The threads that execute a chain's runtimes: its specification may put others in the place of some, by what its genesis state is. */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { RuntimeWorkers } from '../runtime/threads/executor.ts'
import type { ChainSpec } from '../spec/schema.ts'
import { readSubstitutes } from '../spec/substitutes.ts'
import type { BlockStateReader } from '../state/types.ts'
import type { WorkerUrls } from './options.ts'

export interface RuntimeThreadsDependencies {
  readonly blocks: BlockStateReader
  readonly logger: Logger
  readonly clock: Clock
}

/** Not started. */
export function createRuntime({ blocks, logger, clock }: RuntimeThreadsDependencies, { spec, dataPath, workerUrls }: { readonly spec: ChainSpec; readonly dataPath: string; readonly workerUrls: WorkerUrls | undefined }): RuntimeWorkers {
  const substitutes = readSubstitutes(spec)
  return new RuntimeWorkers(
    { logger, clock },
    { dataPath, substitution: () => ({ substitutes, genesisStateRoot: genesisStateRoot(blocks) }), ...(workerUrls === undefined ? {} : { workerUrl: workerUrls.runtime }) },
  )
}

function genesisStateRoot(blocks: BlockStateReader): Hash {
  const genesis = blocks.header(blocks.genesisHash)
  if (genesis === undefined) throw new Error('the state service has no genesis block')
  return genesis.stateRoot
}
