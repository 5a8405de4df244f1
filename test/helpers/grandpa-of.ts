/** The GRANDPA driver of a running node, which the node's other parts know as an engine among others. */
import { GrandpaFinality } from '../../node-core/chain/core/engines/grandpa/driver.ts'
import type { Node } from '../../node-core/chain/node/node.ts'

export function grandpaOf({ core }: Pick<Node, 'core'>): GrandpaFinality {
  const { finality } = core.engine
  if (!(finality instanceof GrandpaFinality)) throw new Error('this node has no GRANDPA')
  return finality
}
