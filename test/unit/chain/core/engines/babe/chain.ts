/** A small block tree with real BABE headers, for the tests beside it. */
import { toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { BabeAuthor } from '../../../../../../node-core/chain/core/engines/babe/author.ts'
import { writeAuthority, type Authority, type SecondarySlots } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import { BabeEpochs } from '../../../../../../node-core/chain/core/engines/babe/epochs.ts'
import type { SlotEquivocation } from '../../../../../../node-core/chain/core/engines/slots/equivocation.ts'
import { SlotClaims } from '../../../../../../node-core/chain/core/engines/slots/slot-claims.ts'
import { BabeVerifier } from '../../../../../../node-core/chain/core/engines/babe/verifier.ts'
import type { VerifiedHeader } from '../../../../../../node-core/chain/core/engines/engine.ts'
import type { SlotClaim } from '../../../../../../node-core/chain/core/engines/slots/author.ts'
import { devAccount, type DevAccountName } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import { developmentKeystore, type Keystore } from '../../../../../../node-core/crypto/keys/keystore.ts'
import { inThreadSlotCrypto } from '../../../../../../node-core/crypto/worker/slot-crypto.ts'
import type { BabeConfiguration } from '../../../../../../node-core/chain/core/engines/babe/runtime-api.ts'
import { encodeHeader, type DigestItem, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import type { AuxEntry, AuxStore } from '../../../../../../node-core/chain/state/types.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'
import { ENGINE_KEYS } from '../../../../../../node-core/chain/core/engines/table.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
export const GENESIS: Header = { parentHash: ZERO, number: 0, stateRoot: ZERO, extrinsicsRoot: ZERO, digest: [] }
export const GENESIS_HASH = blake2Hash(encodeHeader(GENESIS))

export const authorityOf = (name: DevAccountName): Authority => ({ key: toHex(devAccount(`//${name}`).sr25519.publicKey), weight: 1 })

export function configurationOf(
  names: readonly DevAccountName[], secondarySlots: SecondarySlots, c: readonly [number, number] = [1, 4],
): BabeConfiguration {
  return { slotDuration: 6000, epochLength: 10, c, authorities: names.map(authorityOf), randomness: ZERO, secondarySlots }
}

export class MapAux implements AuxStore {
  readonly entries = new Map<string, Uint8Array>()

  getAux(key: string): Uint8Array | undefined {
    return this.entries.get(key)
  }

  apply(entries: readonly AuxEntry[]): void {
    for (const [key, value] of entries) {
      if (value === undefined) this.entries.delete(key)
      else this.entries.set(key, value)
    }
  }
}

/** `0x` of 32 bytes of one value. */
export const bytes32 = (value: number): Hash => `0x${value.toString(16).padStart(2, '0').repeat(32)}`

export function epochLog(authorities: readonly Authority[], randomness: Hash): DigestItem {
  return { type: 'consensus', engine: 'BABE', data: new ScaleWriter().u8(1).vec(authorities, writeAuthority).hash(randomness).finish() }
}

export function configurationLog(c: readonly [number, number], secondarySlots: SecondarySlots): DigestItem {
  const kind = ['none', 'plain', 'vrf'].indexOf(secondarySlots)
  return { type: 'consensus', engine: 'BABE', data: new ScaleWriter().u8(3).u8(1).u64(c[0]).u64(c[1]).u8(kind).finish() }
}

export class TestChain {
  readonly headers = new Map<Hash, Header>([[GENESIS_HASH, GENESIS]])
  readonly aux = new MapAux()
  readonly equivocations: SlotEquivocation[] = []
  /** Blocks that the runtime was asked about. */
  readonly asked: Hash[] = []
  readonly configuration: BabeConfiguration
  epochs: BabeEpochs
  verifier: BabeVerifier
  finalizedRef: BlockRef = { hash: GENESIS_HASH, number: 0 }

  constructor(configuration: BabeConfiguration) {
    this.configuration = configuration
    this.epochs = this.#newEpochs()
    this.verifier = this.#newVerifier()
  }

  /** Forgets what is in memory. */
  restart(): void {
    this.epochs = this.#newEpochs()
    this.verifier = this.#newVerifier()
  }

  /** By default it remembers no slot: tests make many blocks for one. */
  author(keys: Keystore | readonly DevAccountName[], memory = new MapKeyMemory()): BabeAuthor {
    const keystore = Array.isArray(keys) ? developmentKeystore(keys as DevAccountName[], ENGINE_KEYS) : (keys as Keystore)
    return new BabeAuthor({ epochs: this.epochs, keystore, claims: new SlotClaims(memory, 'babe'), crypto: inThreadSlotCrypto }, this.configuration)
  }

  readonly reader = { header: (hash: Hash): Header | undefined => this.headers.get(hash) }

  /** A sealed header of `names` on `parentHash` in `slot`, or undefined where none may author. `extra` goes behind the pre-digest. */
  async build(
    names: readonly DevAccountName[], parentHash: Hash, slot: number, extra: readonly DigestItem[] = [],
  ): Promise<Header | undefined> {
    const author = this.author(names)
    const parent = this.headers.get(parentHash) as Header
    const claim = await author.claimSlot(parent, parentHash, slot)
    return claim === undefined ? undefined : this.sealed(author, claim, parentHash, extra)
  }

  async sealed(author: BabeAuthor, claim: SlotClaim, parentHash: Hash, extra: readonly DigestItem[]): Promise<Header> {
    const parent = this.headers.get(parentHash) as Header
    const { isFirst } = await this.epochs.forChild(parent, parentHash, claim.slot)
    const announced = isFirst && !extra.some(isEpochLog) ? [epochLog(this.configuration.authorities, bytes32(claim.slot % 256))] : []
    const header: Header = {
      parentHash, number: parent.number + 1, stateRoot: ZERO, extrinsicsRoot: bytes32(7), digest: [claim.preDigest, ...announced, ...extra],
    }
    return author.seal(header, claim)
  }

  /** Verifies and stores. */
  async import(header: Header, nowMs = Number.MAX_SAFE_INTEGER): Promise<VerifiedHeader> {
    const verified = await this.verifier.verify(header, nowMs)
    this.headers.set(verified.hash, header)
    this.aux.apply(verified.aux)
    return verified
  }

  /** The block-tree view that pruning takes. */
  readonly view = {
    finalized: (): BlockRef => this.finalizedRef,
    leaves: (): BlockRef[] => {
      const parents = new Set([...this.headers.values()].map((header) => header.parentHash))
      return [...this.headers].filter(([hash]) => !parents.has(hash)).map(([hash, header]) => ({ hash, number: header.number }))
    },
    header: (hash: Hash): Header | undefined => this.headers.get(hash),
    isAncestor: (ancestor: Hash, descendant: Hash): boolean => {
      for (let hash: Hash | undefined = descendant; hash !== undefined; hash = this.headers.get(hash)?.parentHash) {
        if (hash === ancestor) return true
      }
      return false
    },
    route: (from: Hash, to: Hash): BlockRef[] => {
      const out: BlockRef[] = []
      for (let hash = to; hash !== from; hash = (this.headers.get(hash) as Header).parentHash) {
        out.unshift({ hash, number: (this.headers.get(hash) as Header).number })
      }
      return out
    },
  }

  /** What `BabeApi_current_epoch_start` says after a block: by default nothing, as a runtime that lacks it. */
  runtimeEpochStart: (block: Header) => number | undefined = () => undefined

  #newEpochs(): BabeEpochs {
    const currentStart = async (block: Header, hash: Hash): Promise<number | undefined> => {
      this.asked.push(hash)
      return this.runtimeEpochStart(block)
    }
    return new BabeEpochs({ aux: this.aux, runtime: { currentStart } }, this.configuration)
  }

  #newVerifier(): BabeVerifier {
    return new BabeVerifier(
      { headers: this.reader, epochs: this.epochs, crypto: inThreadSlotCrypto, onEquivocation: (e) => this.equivocations.push(e) },
      this.configuration,
    )
  }
}

function isEpochLog(item: DigestItem): boolean {
  return item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1
}

