/** Nodes in a map, for tests. */
import { toBinaryString } from '../../../../node-core/base/bytes.ts'
import { NodeStore } from '../../../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../../../node-core/chain/trie/trie.ts'
import type { Entry, NodeSource, StateVersion } from '../../../../node-core/chain/trie/types.ts'

export class MapSource implements NodeSource {
  readonly nodes = new Map<string, Uint8Array>()
  /** How often something was read. */
  reads = 0

  get(hash: Uint8Array): Uint8Array | undefined {
    this.reads++
    return this.nodes.get(toBinaryString(hash))
  }

  /** An arrow function, so that it can be handed on as a sink. */
  readonly add = (hash: Uint8Array, node: Uint8Array): void => {
    this.nodes.set(toBinaryString(hash), node.slice())
  }

  /** Stores a trie with these entries and returns its root. */
  build(entries: readonly Entry[], version: StateVersion): Uint8Array {
    const trie = new Trie(new NodeStore(this))
    trie.apply(entries, version)
    trie.collect(this.add)
    return trie.root()
  }

  open(root: Uint8Array): Trie {
    return new Trie(new NodeStore(this), root)
  }
}
