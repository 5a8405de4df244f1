/** Questions about a chain that are not answered by its blocks alone. It reads states, asks the runtime, and hands transactions to the pool. */
import { concatBytes, fromHex, type Hash } from '../../base/bytes.ts'
import { errorMessage, isNodeError, NodeError } from '../../base/errors.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { AccountState, ExtrinsicDetails } from '../explorer/types.ts'
import { nextNonce } from '../runtime/api/next-nonce.ts'
import { PaymentQueries } from '../runtime/api/payment.ts'
import type { RuntimeExecutor, RuntimeVersion } from '../runtime/types.ts'
import { readExtrinsic, type BlockRef, type Extrinsic } from '../scale/block.ts'
import type { Header } from '../scale/header.ts'
import type { ChainQueriesView, QueryErrorCode, Submitted } from './types.ts'

/** Of a call that somebody waits for. */
const CALL_TIMEOUT_MS = 10_000

export interface QueriesDependencies {
  readonly blocks: { best(): BlockRef; header(hash: Hash): Header | undefined }
  readonly storage: {
    get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined
    keys(stateRoot: Hash, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[]
  }
  readonly runtime: Pick<RuntimeExecutor, 'call' | 'version'>
  readonly pool: {
    submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal): Promise<Submitted>
    ready(): readonly { readonly extrinsic: Extrinsic; readonly provides: readonly string[] }[]
  }
  readonly explorer: { account(publicKey: Uint8Array): Promise<AccountState>; extrinsic(encoded: Extrinsic): Promise<ExtrinsicDetails> }
}

export class ChainQueries implements ChainQueriesView {
  readonly #deps: QueriesDependencies
  readonly #payment: PaymentQueries

  constructor(dependencies: QueriesDependencies) {
    this.#deps = dependencies
    this.#payment = new PaymentQueries(dependencies.runtime)
  }

  values(at: Hash, keys: readonly Uint8Array[]): readonly (Uint8Array | undefined)[] {
    const { stateRoot } = this.#header(at)
    return keys.map((key) => this.#deps.storage.get(stateRoot, key))
  }

  keys(at: Hash, prefix: Uint8Array, count: number, after?: Uint8Array): readonly Uint8Array[] {
    return this.#deps.storage.keys(this.#header(at).stateRoot, prefix, count, after)
  }

  call(at: Hash, name: string, args: Uint8Array): Promise<Uint8Array> {
    return this.#deps.runtime.call(this.#header(at).stateRoot, name, args, { timeoutMs: CALL_TIMEOUT_MS })
  }

  version(at: Hash): Promise<RuntimeVersion> {
    return this.#deps.runtime.version(this.#header(at).stateRoot)
  }

  async account(account: string): Promise<AccountState> {
    return this.#deps.explorer.account(publicKeyOf(account))
  }

  async nonce(account: string): Promise<number> {
    return nextNonce(this.#deps, publicKeyOf(account), { timeoutMs: CALL_TIMEOUT_MS })
  }

  async parse(transaction: Uint8Array): Promise<ExtrinsicDetails> {
    return this.#deps.explorer.extrinsic(extrinsicIn(transaction))
  }

  async fee(transaction: Uint8Array): ReturnType<ChainQueriesView['fee']> {
    const extrinsic = extrinsicIn(transaction)
    const at = this.#deps.blocks.best()
    const args = concatBytes(extrinsic, new ScaleWriter(4).u32(extrinsic.length).finish())
    return { at, info: await this.#payment.info(this.#header(at.hash).stateRoot, args, { timeoutMs: CALL_TIMEOUT_MS }) }
  }

  async submit(transaction: Uint8Array, signal: AbortSignal): Promise<Submitted> {
    return this.#deps.pool.submitAndWatch(extrinsicIn(transaction), signal)
  }

  ready(): readonly Extrinsic[] {
    return this.#deps.pool.ready().map(({ extrinsic }) => extrinsic)
  }

  #header(hash: Hash): Header {
    const header = this.#deps.blocks.header(hash)
    if (header === undefined) throw new NodeError<QueryErrorCode>('QUERY_BLOCK_UNKNOWN', 'This node does not have that block.', { hint: 'It was not synced yet, or was pruned with its fork.' })
    return header
  }
}

/** Throws QUERY_ACCOUNT_INVALID. */
function publicKeyOf(account: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64}$/.test(account)) return fromHex(account)
  try {
    return decodeSs58(account).publicKey
  } catch (error) {
    throw new NodeError<QueryErrorCode>('QUERY_ACCOUNT_INVALID', `This is no account: ${errorMessage(error)}`, { hint: 'Write an SS58 address, or 0x and 64 hexadecimal digits.', cause: error })
  }
}

/** The transaction, which is all of the bytes. Throws QUERY_TRANSACTION_MALFORMED. */
function extrinsicIn(bytes: Uint8Array): Extrinsic {
  try {
    const reader = new ScaleReader(bytes)
    const extrinsic = readExtrinsic(reader)
    reader.end('the transaction')
    return extrinsic
  } catch (error) {
    if (!isNodeError(error)) throw error
    throw new NodeError<QueryErrorCode>('QUERY_TRANSACTION_MALFORMED', `These bytes are no transaction: ${error.message}`, { hint: 'Send it as wallets do: its length as a compact integer, and as many bytes.', cause: error })
  }
}
