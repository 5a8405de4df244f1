/** The finality of a node of one authority on a chain of five blocks, whose disk and crypto thread can be made to fail. */
import { toHex } from '../../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../../../node-core/base/errors.ts'
import { Emitter } from '../../../../../../node-core/base/events.ts'
import { silentLogger } from '../../../../../../node-core/base/logger.ts'
import { GrandpaFinality } from '../../../../../../node-core/chain/core/engines/grandpa/driver.ts'
import { makeJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { signingPayload, type GrandpaMessage, type RoundRef, type SignedVote, type VoteKind } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519PublicKey, ed25519Sign } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import { inThreadBatchVerifier, type BatchVerifier } from '../../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { developmentKeystore } from '../../../../../../node-core/crypto/keys/keystore.ts'
import type { GrandpaAuthority } from '../../../../../../node-core/chain/core/engines/grandpa/runtime-api.ts'
import { type Header } from '../../../../../../node-core/chain/scale/header.ts'
import { encodeJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { BlockRef, Justification } from '../../../../../../node-core/chain/scale/block.ts'
import type { AuxEntry, BlockStateEvents, BlockStateReader, StateWriter } from '../../../../../../node-core/chain/state/types.ts'
import { FREE_GUARD } from '../../../../../helpers/free-guard.ts'
import { MapKeyMemory } from '../../../../../helpers/key-memory.ts'
import { Aux, Blocks, GENESIS, child, hashOf } from './world.ts'
import { GRANDPA_ENGINE } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { ENGINE_KEYS } from '../../../../../../node-core/chain/core/engines/table.ts'

export const key = toHex(devAccount('//Alice').ed25519.publicKey)

export class SmallNode {
  readonly clock = new FakeClock(1_000_000)
  readonly blocks = new Blocks()
  readonly events = new Emitter<BlockStateEvents>()
  readonly aux = new Aux()
  readonly signed = new MapKeyMemory()
  readonly heard: GrandpaMessage[] = []
  /** Signatures that the other thread was asked about. */
  checked = 0
  /** How often it was asked. */
  tasks = 0
  readonly finality: GrandpaFinality
  /** How many writes of each kind are yet to fail. */
  failing = { finalize: 0, store: 0 }
  tried = 0
  cryptoFails = false

  constructor(genesisAuthorities: readonly GrandpaAuthority[] = [{ key, weight: 1 }], vote = true) {
    let header: Header = GENESIS
    for (let number = 1; number <= 5; number++) this.blocks.import((header = child(header)))
    const blocks = Object.assign(this.blocks, { events: this.events }) as unknown as BlockStateReader
    const writer: StateWriter = {
      getAux: this.aux.getAux,
      importBlock: () => Promise.reject(new Error('not here')),
      putAux: async (entries) => this.#write('store', entries),
      finalize: async (hash, _justification, entries = []) => {
        this.tried++
        this.#write('finalize', entries)
        this.blocks.finalize({ hash, number: (this.blocks.header(hash) as Header).number })
      },
    }
    const { clock } = this
    const crypto: BatchVerifier = {
      verifyEd25519: (checks) => {
        this.checked += checks.length
        this.tasks++
        return this.cryptoFails ? Promise.reject(new NodeError('CRYPTO_STOPPED', 'stopped')) : inThreadBatchVerifier.verifyEd25519(checks)
      },
    }
    const keystore = developmentKeystore(['Alice'], ENGINE_KEYS)
    this.finality = new GrandpaFinality(
      { blocks, writer, keystore, signed: this.signed, guard: FREE_GUARD, crypto, clock, logger: silentLogger, exclusive: (task) => task(), onEquivocation: () => undefined, onVote: () => undefined, beside: () => [] },
      { genesisAuthorities, vote },
    )
    this.finality.gossip.on('message', ({ message }) => this.heard.push(message))
  }

  #write(kind: 'finalize' | 'store', entries: readonly AuxEntry[]): void {
    if (this.failing[kind] > 0) {
      this.failing[kind]--
      throw new Error('the disk is full')
    }
    this.aux.write(entries)
  }

  /** Another block, as the importer stores and tells it. */
  import(header: Header): BlockRef {
    const block = { hash: hashOf(header), number: header.number }
    this.aux.write(this.finality.blockAux(header, block.hash))
    this.blocks.import(header)
    this.events.emit('imported', { block, header, isBest: true })
    return block
  }

  /** The block of the chain at a height. */
  at(number: number): BlockRef {
    for (const [hash, header] of this.blocks.headers) if (header.number === number) return { hash, number }
    throw new Error('no such block')
  }

  async advance(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1000)
      await this.finality.idle()
    }
  }
}

export function seedOf(n: number): Uint8Array {
  return new Uint8Array(32).fill(n + 1)
}

export function signed(seed: Uint8Array, kind: VoteKind, target: BlockRef, position: RoundRef = { round: 1, setId: 0 }): SignedVote {
  const signature = ed25519Sign(seed, signingPayload(kind, target, position))
  return { kind, target, signature, authority: toHex(ed25519PublicKey(seed)) }
}

/** The precommits as a justification of `target`, of round 1. */
export function proof(node: SmallNode, target: BlockRef, votes: readonly SignedVote[]): Justification {
  const justification = makeJustification(1, target, votes, node.blocks.header)
  if (justification === undefined) throw new Error('the blocks are not here')
  return { engine: GRANDPA_ENGINE, data: encodeJustification(justification) }
}
