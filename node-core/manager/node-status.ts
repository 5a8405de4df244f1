/** What everybody is told of one network: what its node says while it runs, and what is known of it otherwise. */
import type { NodeView } from '../chain/node/view.ts'
import type { SyncStatus } from '../chain/sync/types.ts'
import type { NodeStatus } from './types.ts'

/** What is known without the node. */
type Known = Pick<NodeStatus, 'state' | 'failure' | 'restartAt' | 'startedAt' | 'bestChangedAt' | 'dataPath'> & { readonly name: string }

/** `node` is undefined while none runs. */
export function statusOf({ name, ...known }: Known, node: NodeView | undefined): NodeStatus {
  return {
    ...known,
    chainName: node?.chainName ?? name,
    genesisHash: node?.blocks.genesisHash,
    best: node?.blocks.best(),
    finalized: node?.blocks.finalized(),
    peers: node?.network.peers().length ?? 0,
    catchingUp: catchingUp(node?.sync.status()),
    authoring: node?.authoring ?? false,
    authoringHold: node?.surroundings.authoringHold(),
    slotDurationMs: node?.slotDurationMs,
    rpcAddress: node?.rpcAddress,
  }
}

function catchingUp(status: SyncStatus | undefined): NodeStatus['catchingUp'] {
  if (status?.state !== 'major-sync') return undefined
  return { highest: status.highestBlock, msLeft: status.secondsLeft === undefined ? undefined : Math.round(status.secondsLeft * 1000) }
}
