/** The nonce that an account's next transaction has to carry. */
import { concatBytes, toHex, type Hash } from '../../../base/bytes.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { Header } from '../../scale/header.ts'
import type { CallOptions } from '../types.ts'
import { accountNonce } from './account-nonce.ts'
import type { ApiCaller } from './by-version.ts'

export interface NextNonceDependencies {
  readonly blocks: { best(): { readonly hash: Hash }; header(hash: Hash): Header | undefined }
  readonly runtime: Pick<ApiCaller, 'call'>
  /** Transactions that wait for a block, with the tags that they provide as `0x…`. */
  readonly pool: { ready(): readonly { readonly provides: readonly string[] }[] }
}

/**
 * The one in the best block's state, moved past the account's own ready transactions. A FRAME runtime tags each with the SCALE
 * encoding of (account, nonce). Throws what the runtime call throws.
 */
export async function nextNonce({ blocks, runtime, pool }: NextNonceDependencies, account: Uint8Array, options?: CallOptions): Promise<number> {
  const header = blocks.header(blocks.best().hash)
  if (header === undefined) throw new Error('the best block has no header')
  let nonce = await accountNonce(runtime, header.stateRoot, account, options)
  const provided = new Set(pool.ready().flatMap(({ provides }) => provides))
  const tag = (index: number): string => toHex(concatBytes(account, new ScaleWriter(4).u32(index).finish()))
  while (provided.has(tag(nonce))) nonce++
  return nonce
}
