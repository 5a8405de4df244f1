/** A chain of the runtime of our own networks, in memory: a genesis of choice, and block after block without a node. */
import { concatBytes, fromBinaryString, fromHex, toBinaryString, toHex, utf8 } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import type { KeyPair } from '../../node-core/crypto/keys/keypairs.ts'
import { blake2b128, twox128 } from '../../node-core/crypto/hashes/hashing.ts'
import { decodeVersion } from '../../node-core/chain/runtime/api/version.ts'
import type { RuntimeVersion } from '../../node-core/chain/runtime/types.ts'
import type { Extrinsic } from '../../node-core/chain/scale/block.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import type { ExactObject } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../node-core/chain/trie/trie.ts'
import { ScaleReader } from '../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { buildDevBlock, encodeBlock, type BuiltBlock } from './dev-blocks.ts'
import { signedExtrinsic } from './dev-extrinsic.ts'
import { ownSpec, type OwnSpecOptions } from './own-spec.ts'
import { runnerOn, specRunner, type GenesisRunner } from './runtime-state.ts'

/** Indices of pallets in the runtime. */
export const PALLET = { system: 0, balances: 4, authorities: 6, babe: 2, session: 9, grandpa: 10, sudo: 11, utility: 12, multisig: 13, scheduler: 18, channels: 20 } as const

/** A call: the indices of its pallet and of itself, and its encoded arguments. */
export function palletCall(pallet: keyof typeof PALLET, call: number, ...args: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(PALLET[pallet], call), ...args)
}

export function sudoCall(call: Uint8Array): Uint8Array {
  return palletCall('sudo', 0, call)
}

export class OwnChain {
  readonly network: GenesisRunner
  head: Header
  readonly #other: GenesisRunner['runner']
  readonly #nonces = new Map<string, number>()

  constructor(preset: NonNullable<OwnSpecOptions['preset']>, patch: ExactObject = {}) {
    this.network = specRunner(ownSpec({ preset, patch }))
    this.#other = runnerOn(this.network.nodes).runner
    this.head = this.network.genesis.header
  }

  get version(): RuntimeVersion {
    return decodeVersion(this.network.runner.version(this.head.stateRoot))
  }

  /** Builds a block, has it executed by a runner that did not build it, and goes on from it. Throws where it leaves something out. */
  block(...extrinsics: readonly Extrinsic[]): BuiltBlock {
    const block = buildDevBlock(this.network.runner, this.head, extrinsics)
    const left = block.outcomes.filter(({ kind }) => kind !== 'included')
    if (left.length > 0) throw new Error(`left out of block ${block.header.number}: ${JSON.stringify(left)}`)
    const executed = this.#other.executeBlock(this.head.stateRoot, encodeBlock(block.header, block.body), block.header.stateRoot)
    this.network.nodes.add(executed.nodes)
    this.head = block.header
    return block
  }

  blocks(count: number): void {
    for (let i = 0; i < count; i++) this.block()
  }

  /** Signed by a development account. */
  sign(path: string | KeyPair, call: Uint8Array): Extrinsic {
    const pair = typeof path === 'string' ? devAccount(path).sr25519 : path
    const key = toHex(pair.publicKey)
    const nonce = this.#nonces.get(key) ?? 0
    this.#nonces.set(key, nonce + 1)
    return signedExtrinsic(pair, call, nonce, { genesisHash: this.network.genesis.hash, version: this.version })
  }

  /** The value at a key of the newest state. */
  get(key: Uint8Array): Uint8Array | undefined {
    const store = new NodeStore(this.network.nodes)
    return new Trie(store, fromHex(this.head.stateRoot)).get(key)
  }

  item(pallet: string, name: string): Uint8Array | undefined {
    return this.get(itemKey(pallet, name))
  }

  accounts(pallet: string, name: string): string[] {
    const value = this.item(pallet, name)
    return value === undefined ? [] : new ScaleReader(value).vec((reader) => toHex(reader.raw(32)), 32)
  }

  /** Free and held. */
  balance(account: Uint8Array): { readonly free: bigint; readonly held: bigint } {
    const value = this.get(concatBytes(itemKey('System', 'Account'), blake2b128(account), account))
    if (value === undefined) return { free: 0n, held: 0n }
    const reader = new ScaleReader(value)
    reader.raw(16)
    return { free: reader.u128(), held: reader.u128() }
  }

  /** The keys of a map, without the part that all share. */
  keysOf(pallet: string, name: string): Uint8Array[] {
    const prefix = toBinaryString(itemKey(pallet, name))
    const trie = new Trie(new NodeStore(this.network.nodes), fromHex(this.head.stateRoot))
    const keys: Uint8Array[] = []
    for (let key = trie.nextKey(fromBinaryString(prefix)); key !== undefined && toBinaryString(key).startsWith(prefix); key = trie.nextKey(key)) keys.push(key.slice(prefix.length))
    return keys
  }

  call(method: string, args: Uint8Array = new Uint8Array()): Uint8Array {
    return this.network.runner.call(this.head.stateRoot, method, args)
  }
}

export function itemKey(pallet: string, name: string): Uint8Array {
  return concatBytes(twox128(utf8(pallet)), twox128(utf8(name)))
}

export function vec(items: readonly Uint8Array[]): Uint8Array {
  return new ScaleWriter().vec(items, (writer, item) => writer.raw(item)).finish()
}

