/** A chain of accounts with nonces, for the pool's tests: its runtime answers by what the blocks up to `at` hold, as a real one does. */
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import type { PoolOptions } from '../../../../../node-core/chain/core/tx-pool/options.ts'
import { Pool } from '../../../../../node-core/chain/core/tx-pool/pool.ts'
import type { TransactionValidity } from '../../../../../node-core/chain/core/tx-pool/transaction.ts'
import type { TransactionStatus } from '../../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { Extrinsic, BlockRef } from '../../../../../node-core/chain/scale/block.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { BlockChain } from '../../../../helpers/block-chain.ts'

/** The encoding is account, nonce, priority and salt. */
export function transaction(account: number, nonce: number, priority = 1, salt = 0): Extrinsic {
  return new ScaleWriter().bytes(Uint8Array.of(account, nonce, priority, salt)).finish()
}

export const tagOf = (account: number, nonce: number): Uint8Array => Uint8Array.of(account, nonce)

/** An extrinsic that only a block may bring: no account, nothing but a moment. */
export const inherent = (moment: number): Extrinsic => new ScaleWriter().bytes(Uint8Array.of(0, moment)).finish()

export class NonceChain {
  readonly blocks = new BlockChain()
  readonly clock = new FakeClock(0)
  /** Accounts that cannot pay. */
  readonly poor = new Set<number>()
  longevity = 64n
  propagate = true
  /** `block number/account/nonce`, of each time the runtime was asked. */
  readonly asked: string[] = []

  pool(options: Partial<PoolOptions> = {}): Pool {
    return new Pool({ blocks: this.blocks, validate: (at, extrinsic) => this.validate(at, extrinsic), clock: this.clock, logger: silentLogger }, options)
  }

  nonceAt(at: Hash, account: number): number {
    let nonce = 0
    for (const { hash } of this.blocks.route(this.blocks.genesisHash, at)) {
      for (const [, of = 0, used = 0] of this.blocks.bodyNow(hash)) if (of === account) nonce = used + 1
    }
    return nonce
  }

  async validate(at: BlockRef, extrinsic: Extrinsic): Promise<TransactionValidity> {
    const [, account = 0, nonce = 0, priority = 0] = extrinsic
    this.asked.push(`${at.number}/${account}/${nonce}`)
    await Promise.resolve()
    if (account === 0) return { kind: 'unknown', reason: 'NoUnsignedValidator' }
    if (this.poor.has(account)) return { kind: 'invalid', reason: 'Payment' }
    const expected = this.nonceAt(at.hash, account)
    if (nonce < expected) return { kind: 'invalid', reason: 'Stale' }
    const requires = nonce > expected ? [tagOf(account, nonce - 1)] : []
    const provides = [tagOf(account, nonce)]
    return { kind: 'valid', priority: BigInt(priority), requires, provides, longevity: this.longevity, propagate: this.propagate }
  }

  /** Puts a body on top of `parent` (the best block), makes it the best, and lets the pool follow. */
  async include(pool: Pool, body: readonly Extrinsic[] = [], parent: Hash = this.blocks.best().hash): Promise<BlockRef> {
    const block = this.blocks.add(parent, body)
    await pool.onBestChanged(this.blocks.setBest(block.hash))
    return block
  }
}

/** `account/nonce/priority` of the ready ones, in the order of a block. */
export const readyOf = (pool: Pool): string[] => pool.ready().map(({ extrinsic }) => `${extrinsic[1]}/${extrinsic[2]}/${extrinsic[3]}`)

/** Kinds of status by transaction, as they happen. */
export function statusesOf(pool: Pool): (extrinsic: Extrinsic) => TransactionStatus['kind'][] {
  const seen = new Map<Hash, TransactionStatus['kind'][]>()
  pool.events.on('status', ({ hash, status }) => seen.set(hash, [...(seen.get(hash) ?? []), status.kind]))
  return (extrinsic) => seen.get(blake2Hash(extrinsic)) ?? []
}
