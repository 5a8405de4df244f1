/** States in memory and runners on them, for tests of the runtime. */
import { fromBinaryString, toBinaryString, toHex, type Hash } from '../../node-core/base/bytes.ts'
import { buildGenesis, genesisCode, type Genesis } from '../../node-core/chain/spec/genesis.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import type { CodeSubstitution } from '../../node-core/chain/runtime/code/code-substitutes.ts'
import { readCodeVersion } from '../../node-core/chain/runtime/code/code-version.ts'
import { EMPTY_KEYSTORE } from '../../node-core/chain/runtime/host/keystore.ts'
import { createOffchainServices } from '../../node-core/chain/runtime/host/offchain-services.ts'
import { Runner } from '../../node-core/chain/runtime/runner.ts'
import { buildTrie } from '../../node-core/chain/trie/build.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { forEachPackedNode } from '../../node-core/chain/trie/nodes/packed-nodes.ts'
import type { Entry, NodeSource, PackedNodes, StateVersion } from '../../node-core/chain/trie/types.ts'
import { readChainFile } from './chain-files.ts'

/** A node source that can be added to. */
export class MemoryNodes implements NodeSource {
  readonly #nodes = new Map<string, Uint8Array>()

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.#nodes.get(toBinaryString(hash))
  }

  add(nodes: PackedNodes): void {
    forEachPackedNode(nodes, (hash, encoding) => this.#nodes.set(toBinaryString(hash), encoding.slice()))
  }
}

/** Builds a state and returns its root. Keys are binary strings. */
export function addState(nodes: MemoryNodes, state: Readonly<Record<string, Uint8Array>>, version: StateVersion = 0): Hash {
  const entries: Entry[] = Object.entries(state).map(([key, value]) => [fromBinaryString(key), value])
  const { root, nodes: packed } = buildTrie(entries, version)
  nodes.add(packed)
  return toHex(root)
}

export interface TestRunner {
  readonly runner: Runner
  readonly nodes: MemoryNodes
  readonly root: Hash
  readonly logs: string[]
}

/** A runner on a state with this code. */
export function testRunner(code: Uint8Array, state: Readonly<Record<string, Uint8Array>> = {}): TestRunner {
  const nodes = new MemoryNodes()
  const root = addState(nodes, { ...state, ':code': code })
  return { ...runnerOn(nodes), nodes, root }
}

/** A runner that has not seen these nodes before. */
export function runnerOn(nodes: MemoryNodes, substitution?: CodeSubstitution): Pick<TestRunner, 'runner' | 'logs'> {
  const logs: string[] = []
  const runner = new Runner(
    {
      store: new NodeStore(nodes),
      keystore: EMPTY_KEYSTORE,
      offchain: createOffchainServices(() => 1_234),
      log: (level, target, message) => logs.push(`${level} ${target} ${message}`),
    },
    { maxLogLevel: 3, ...(substitution === undefined ? {} : { substitution }) },
  )
  return { runner, logs }
}

/** A little-endian u64, as `:heappages` is stored. */
export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}


export interface GenesisRunner extends TestRunner {
  readonly genesis: Genesis
  readonly code: Uint8Array
}

/** A runner on the genesis of a published or development network. */
export function genesisRunner(name: Parameters<typeof readChainFile>[0]): GenesisRunner {
  return specRunner(readChainFile(name))
}

/** A runner on the genesis of a specification. */
export function specRunner(spec: ChainSpec): GenesisRunner {
  const code = genesisCode(spec)
  const genesis = buildGenesis(spec, readCodeVersion(code).stateVersion)
  const nodes = new MemoryNodes()
  nodes.add(genesis.nodes)
  return { ...runnerOn(nodes), nodes, root: genesis.header.stateRoot, genesis, code }
}
