/** What everybody is told of one network: what its node says while it runs, and what is known of it otherwise. */
import type { HostedNode } from './kinds/kind.ts'
import type { NodeStatus } from './types.ts'

/** What is known without the node; of the heights, what was seen last. */
type Known = Pick<NodeStatus, 'state' | 'preparing' | 'failure' | 'restartAt' | 'startedAt' | 'newestChangedAt' | 'dataPath' | 'newest' | 'settled'> & { readonly name: string }

/** `hosted` is undefined while no node runs. */
export function statusOf({ name, ...known }: Known, hosted: HostedNode | undefined): NodeStatus {
  const node = hosted?.node
  const progress = node?.progress()
  return {
    ...known,
    chainName: node?.chainName ?? name,
    newest: progress?.newest ?? known.newest,
    settled: progress?.settled ?? known.settled,
    peers: node?.network.peers().length ?? 0,
    catchingUp: progress?.catchingUp,
    producing: progress?.producing ?? false,
    intervalMs: progress?.intervalMs,
    details: hosted?.status(),
  }
}
