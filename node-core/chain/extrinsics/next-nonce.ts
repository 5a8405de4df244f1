/** The nonce that an account's next transaction has to carry. */
import { concatBytes, toHex } from '../../base/bytes.ts'
import type { TransactionPool } from '../core/types.ts'
import { accountNonce } from '../runtime/api/account-nonce.ts'
import type { CallOptions, RuntimeExecutor } from '../runtime/types.ts'
import type { BlockStateReader } from '../state/types.ts'
import { ScaleWriter } from '../../scale/writer.ts'

export interface NextNonceDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'header'>
  readonly runtime: Pick<RuntimeExecutor, 'call'>
  readonly pool: Pick<TransactionPool, 'ready'>
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
