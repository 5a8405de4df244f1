/** Valid messages, made by our own encoders of what a development chain holds: the material that is mutated. */
import { toBinaryString, toHex, type Hash } from '../../node-core/base/bytes.ts'
import { writeAuthorities } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import type { Block } from '../../node-core/chain/scale/block.ts'
import type { DigestItem, Header } from '../../node-core/chain/scale/header.ts'
import { decodeJustification, type GrandpaJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { trieRoot } from '../../node-core/chain/trie/build.ts'
import { generateChildProof, generateProof } from '../../node-core/chain/trie/proofs/proof.ts'
import type { Entry } from '../../node-core/chain/trie/types.ts'
import { DevNode } from '../helpers/dev-node.ts'

const SLOTS = 6
const KEYS = 60
/** Larger values (the runtime's code) would make every frame slow and no frame better. */
const MAX_VALUE = 600

export interface Material {
  readonly genesisHash: Hash
  readonly blocks: readonly (Block & { readonly hash: Hash })[]
  readonly justifications: readonly GrandpaJustification[]
  /** Of the state, without the large ones. */
  readonly entries: readonly Entry[]
  /** Proofs over a trie of {@link entries}. */
  readonly root: Uint8Array
  readonly nodes: readonly Uint8Array[]
  readonly proof: readonly Uint8Array[]
  readonly childKey: Uint8Array
  readonly childProof: readonly Uint8Array[]
}

export async function chainMaterial(): Promise<Material> {
  const dev = await DevNode.start()
  try {
    await dev.slots(SLOTS)
    const { blocks, storage } = dev.node
    const list: Material['blocks'][number][] = []
    const justifications: GrandpaJustification[] = []
    for (let number = 0; number <= blocks.best().number; number++) {
      const hash = blocks.hashByNumber(number) as Hash
      list.push({ hash, header: withEverything(blocks.header(hash) as Header, number), body: (await blocks.body(hash)) ?? [] })
      for (const { data } of (await blocks.justifications(hash)) ?? []) justifications.push(decodeJustification(data))
    }
    const root = blocks.header(blocks.best().hash)?.stateRoot as Hash
    const entries = storage
      .keys(root, new Uint8Array(0), KEYS)
      .map((key): Entry => [key, storage.get(root, key) ?? new Uint8Array(0)])
      .filter(([, value]) => value.length <= MAX_VALUE)
    return { genesisHash: blocks.genesisHash, blocks: list, justifications, entries, ...proofs(entries) }
  } finally {
    await dev.stop()
  }
}

/** Real headers have few kinds of digest items; one of ours has them all. */
function withEverything(header: Header, number: number): Header {
  if (number !== 1) return header
  const change = writeAuthorities(new ScaleWriter().u8(1), [{ key: `0x${'11'.repeat(32)}`, weight: 1 }]).u32(0).finish()
  const digest: DigestItem[] = [
    { type: 'consensus', engine: 'FRNK', data: change },
    { type: 'consensus', engine: 'FRNK', data: new ScaleWriter().u8(4).u32(7).finish() },
    { type: 'other', data: Uint8Array.of(1, 2, 3) },
    { type: 'runtimeEnvironmentUpdated' },
  ]
  return { ...header, digest: [...digest, ...header.digest] }
}

function proofs(entries: readonly Entry[]): Pick<Material, 'root' | 'nodes' | 'proof' | 'childKey' | 'childProof'> {
  const nodes = new Map<string, Uint8Array>()
  const sink = (hash: Uint8Array, node: Uint8Array): void => void nodes.set(toBinaryString(hash), node.slice())
  const source = { get: (hash: Uint8Array): Uint8Array | undefined => nodes.get(toBinaryString(hash)) }
  const childKey = new TextEncoder().encode('child')
  const childRoot = trieRoot(entries.slice(0, 20), 1, sink)
  const withChild = [...entries, [new TextEncoder().encode(':child_storage:default:child'), childRoot] as const]
  const root = trieRoot(withChild, 1, sink)
  const keys = entries.map(([key]) => key)
  const proof = generateProof(source, root, keys)
  const values = new Set(entries.map(([, value]) => toBinaryString(value)))
  // Large values are beside the nodes in a proof.
  const trieNodes = proof.filter((node) => !values.has(toBinaryString(node)))
  return { root, proof, nodes: trieNodes, childKey, childProof: generateChildProof(source, root, childKey, keys.slice(0, 5)) }
}

/** Any 32 bytes. */
export function someHash(text: string): Hash {
  return toHex(blake2b256(new TextEncoder().encode(text)))
}
