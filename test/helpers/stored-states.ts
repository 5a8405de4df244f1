/** States in a database without a state service, for whoever runs what reads it. */
import { fromHex, type Hash } from '../../node-core/base/bytes.ts'
import { META, hashKey, nodeKey } from '../../node-core/chain/state/buckets.ts'
import { encodeRoots } from '../../node-core/chain/state/state-roots.ts'
import { decodeNextNode, encodeNextNode, type Level } from '../../node-core/chain/state/trie-source.ts'
import type { NodeChanges } from '../../node-core/chain/state/types.ts'
import { copyState } from '../../node-core/chain/trie/copy.ts'
import { packedSource } from '../../node-core/chain/trie/nodes/packed-nodes.ts'
import { RecordPacker, forEachPackedRecord } from '../../node-core/chain/trie/nodes/packed-records.ts'
import { runSteps } from '../../node-core/chain/trie/steps.ts'
import type { PackedNodes } from '../../node-core/chain/trie/types.ts'

/** Stores a state of which all nodes are given, by hash. */
export async function storeState(level: Level, stateRoot: Hash, nodes: PackedNodes): Promise<void> {
  const mark = await level.get(META.nextNode)
  const packer = new RecordPacker({ next: mark === undefined ? 1 : decodeNextNode(mark) })
  const { id: root } = runSteps(copyState(packedSource(nodes), fromHex(stateRoot), packer))
  await storeChanges(level, stateRoot, { records: packer.finish(), first: packer.first, next: packer.next, root })
}

/** Stores what a block did. */
export async function storeChanges(level: Level, stateRoot: Hash, { records, first, next, root }: Omit<NodeChanges, 'ended'>): Promise<void> {
  const batch = level.batch()
  forEachPackedRecord(records, first, (id, record) => batch.put(nodeKey(id), record))
  batch.put(hashKey('stateRoot', stateRoot), encodeRoots([{ id: root, blocks: 1 }]))
  batch.put(META.nextNode, encodeNextNode(next))
  await batch.write()
}
