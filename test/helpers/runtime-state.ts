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
import type { NodeChanges, StateChanges } from '../../node-core/chain/state/types.ts'
import { unpackIds } from '../../node-core/chain/trie/nodes/id-list.ts'
import { HASH_SIZE, VALUE, decodeNode, type TrieNode } from '../../node-core/chain/trie/nodes/node.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { forEachPackedNode } from '../../node-core/chain/trie/nodes/packed-nodes.ts'
import { forEachPackedRecord, type NodeCounter } from '../../node-core/chain/trie/nodes/packed-records.ts'
import { encodingOf, suffixSize, writeSuffix } from '../../node-core/chain/trie/nodes/record.ts'
import type { Entry, NodeSource, PackedNodes, RecordSource, StateVersion } from '../../node-core/chain/trie/types.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { readChainFile } from './chain-files.ts'

/** Nodes in memory that can be added to: by hash, and as records, which what came by hash is shown as when it is asked for. */
export class MemoryNodes implements NodeSource, RecordSource {
  /** For runners on these nodes. */
  readonly counter: NodeCounter = { next: 1 }
  readonly #nodes = new Map<string, Uint8Array>()
  readonly #records = new Map<number, Uint8Array>()
  readonly #roots = new Map<string, number>()
  /** Numbers that stand for hashes; they are far from those that runners give out. */
  readonly #hashes = new Map<number, Uint8Array>()
  #lastOfHash = 2 ** 40

  get(hash: Uint8Array): Uint8Array | undefined {
    return this.#nodes.get(toBinaryString(hash))
  }

  node(id: number): Uint8Array | undefined {
    const hash = this.#hashes.get(id)
    if (hash === undefined) return this.#records.get(id)
    const encoding = this.get(hash)
    if (encoding === undefined) return undefined
    const { kind, valueHash, children = [] } = decodeNode(encoding) as TrieNode
    const hashes = kind === VALUE.hashed ? [valueHash as Uint8Array] : []
    for (const child of children) if (typeof child === 'number' && child !== 0) hashes.push(encoding.slice(child, child + HASH_SIZE))
    const references = hashes.map((reference) => this.#stand(reference))
    const record = new Uint8Array(encoding.length + suffixSize(references))
    record.set(encoding)
    writeSuffix(references, record, encoding.length)
    this.#records.set(id, record)
    this.#hashes.delete(id)
    return record
  }

  value(id: number): Uint8Array | undefined {
    const hash = this.#hashes.get(id)
    return hash === undefined ? this.#records.get(id) : this.get(hash)
  }

  rootId(hash: Uint8Array): number | undefined {
    const name = toBinaryString(hash)
    if (!this.#roots.has(name) && this.#nodes.has(name)) this.#roots.set(name, this.#stand(hash))
    return this.#roots.get(name)
  }

  /** Nodes by hash, or what a block wrote. */
  add(nodes: PackedNodes | NodeChanges): void {
    if (nodes instanceof Uint8Array) {
      forEachPackedNode(nodes, (hash, encoding) => this.#nodes.set(toBinaryString(hash), encoding.slice()))
      return
    }
    forEachPackedRecord(nodes.records, nodes.first, (id, record) => this.#records.set(id, record.slice()))
    const root = this.#records.get(nodes.root)
    if (root !== undefined) this.#roots.set(toBinaryString(blake2b256(encodingOf(root))), nodes.root)
  }

  #stand(hash: Uint8Array): number {
    this.#hashes.set(++this.#lastOfHash, hash)
    return this.#lastOfHash
  }
}

/** Changes without the numbers of records, which differ from one execution to the next: how large the records are, and how many ended. */
export function unnumbered({ nodes, ...changes }: StateChanges): unknown {
  const written: number[] = []
  forEachPackedRecord(nodes.records, nodes.first, (_, record) => written.push(record.length))
  return { ...changes, written, ended: unpackIds(nodes.ended).length }
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
      counter: nodes.counter,
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
