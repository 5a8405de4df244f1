/** `system_accountNextIndex`: the next nonce of an account, transactions in the pool counted. */
import { z } from 'zod'
import { fromHex } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import { decodeSs58 } from '../../../crypto/keys/ss58.ts'
import { nextNonce } from '../../runtime/api/next-nonce.ts'
import { CODE, RpcError, invalidParams, runtimeFailure } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import type { MethodDeps } from '../types.ts'

function accountId(text: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return fromHex(text)
  try {
    return decodeSs58(text).publicKey
  } catch (error) {
    throw invalidParams(`account: expected an SS58 address or a 32-byte account id. ${errorMessage(error)}`)
  }
}

export function nonceMethods(deps: Pick<MethodDeps, 'blocks' | 'runtime' | 'pool'>, options: { readonly callTimeoutMs: number }): Method[] {
  async function nextIndex(account: Uint8Array): Promise<number> {
    try {
      return await nextNonce(deps, account, { timeoutMs: options.callTimeoutMs })
    } catch (error) {
      const why = runtimeFailure(error)
      if (why === undefined) throw error
      throw new RpcError(CODE.runtimeQuery, 'Unable to query nonce.', why)
    }
  }

  return [
    defineCall({
      name: 'system_accountNextIndex',
      aliases: ['account_nextIndex'],
      params: { account: z.string() },
      handle: ({ account }) => nextIndex(accountId(account)),
    }),
  ]
}
