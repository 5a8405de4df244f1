/** A chain without states: an account that has nothing, and a pool that takes what it is given. */
import type { Hash } from '../../node-core/base/bytes.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import type { ChainQueriesView, Submitted, TransactionStatus } from '../../node-core/chain/queries/types.ts'
import { versionOf } from './runtime-version.ts'

export class FakeQueries implements ChainQueriesView {
  /** What becomes of the next transaction. */
  statuses: TransactionStatus[] = [{ kind: 'ready' }]
  /** The next transaction is refused with this. */
  refusal: Error | undefined
  readonly pool: Uint8Array[] = []

  values = (_: Hash, keys: readonly Uint8Array[]): undefined[] => keys.map(() => undefined)
  keys = (): Uint8Array[] => []
  call = async (): Promise<Uint8Array> => new Uint8Array()
  version = async () => versionOf('nodestead')
  account = async (account: string) => ({
    address: account, publicKey: `0x${'00'.repeat(32)}` as const, name: undefined, at: { hash: `0x${'00'.repeat(32)}` as const, number: 0 }, exists: false, fields: [], undecodable: undefined, token: { symbol: 'UNIT', decimals: 12 },
  })
  nonce = async (): Promise<number> => this.pool.length
  parse = async (transaction: Uint8Array) => ({
    index: 0, hash: blake2Hash(transaction), size: transaction.length, hex: '0x' as const, call: undefined, signed: undefined, problem: undefined, succeeded: undefined, failure: undefined, fee: undefined, events: [],
  })
  fee = async () => ({ at: { hash: `0x${'00'.repeat(32)}` as const, number: 0 }, info: { weight: { refTime: 1, proofSize: 2 }, class: 'normal' as const, partialFee: 3n } })

  async submit(transaction: Uint8Array): Promise<Submitted> {
    if (this.refusal !== undefined) throw this.refusal
    this.pool.push(transaction)
    const { statuses } = this
    return { hash: blake2Hash(transaction), statuses: (async function* () { yield* statuses })() }
  }

  ready = (): readonly Uint8Array[] => this.pool
}
