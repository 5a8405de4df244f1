/**
 * What is answered while a node still joins its chain: what the node, its network and its specification are, and how far it is. Whoever asks for
 * anything else is told why there is no answer yet.
 */
import type { Logger } from '../../base/logger.ts'
import { CODE, RpcError } from './errors.ts'
import type { Method } from './method.ts'
import { chainSpecMethods } from './methods/chain-spec.ts'
import { logFilterMethods } from './methods/log-filter.ts'
import { systemMethods } from './methods/system.ts'
import type { ChainJoiner, MethodDeps, RpcJoining, SyncProgress } from './types.ts'

type Deps = Pick<MethodDeps, 'blocks' | 'chain' | 'network' | 'node' | 'peerActions'>

export function methodsBeforeChain(deps: Deps, sync: MethodDeps['sync'], logger: Logger): Method[] {
  return [...systemMethods({ ...deps, sync }), ...chainSpecMethods(deps.chain), ...logFilterMethods(logger.levels)]
}

/** A node that joins is far behind, and has no more than where the others are. */
export function syncBeforeChain({ blocks, network }: Pick<Deps, 'blocks' | 'network'>, joiner: ChainJoiner): MethodDeps['sync'] {
  return {
    status(): SyncProgress {
      const currentBlock = blocks.best().number
      const told = network.peers().map(({ status }) => status?.best.number ?? 0)
      const highestBlock = told.reduce((highest, number) => Math.max(highest, number), Math.max(currentBlock, joiner()?.highest ?? 0))
      return { state: 'major-sync', startingBlock: 0, currentBlock, highestBlock }
    },
  }
}

/** The answer to any other method. Undefined: nothing is joined any more, and the last services are about to start. */
export function joiningRefusal(joining: RpcJoining | undefined): RpcError {
  const how = joining === undefined ? 'its last services are about to start' : joining.how
  const message = `This cannot be answered yet: the node is still joining its chain, and ${how}. Wait until it has joined; system_health and system_syncState tell how it goes.`
  return new RpcError(CODE.joining, message, joining === undefined ? { stage: 'starting' } : { stage: joining.stage, ...joining.figures })
}
