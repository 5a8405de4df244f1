/** `babe_epochAuthorship`: in which slots of the current epoch the keys of this node may author. Its owner's business, and costly: unsafe. */
import { fromHex, type Hash } from '../../../../base/bytes.ts'
import { encodeSs58 } from '../../../../crypto/keys/ss58.ts'
import { CODE, RpcError } from '../../../rpc/errors.ts'
import { defineCall } from '../../../rpc/method.ts'
import type { EngineMethods } from '../../../rpc/types.ts'
import type { EpochAuthorship } from './authorship.ts'
import { BabeError } from './errors.ts'

/** `authorship` answers by public key. */
export function babeMethods(authorship: () => Promise<ReadonlyMap<Hash, EpochAuthorship>>): EngineMethods {
  return ({ addressPrefix }) => [
    defineCall({
      name: 'babe_epochAuthorship',
      params: {},
      unsafe: true,
      async handle() {
        try {
          const claims = await authorship()
          return Object.fromEntries(
            [...claims].map(([key, { primary, secondary, secondaryVrf }]) => [encodeSs58(fromHex(key), addressPrefix), { primary, secondary, secondary_vrf: secondaryVrf }]),
          )
        } catch (error) {
          if (error instanceof BabeError) throw new RpcError(CODE.fetchEpoch, 'Failed to fetch epoch data', error.message)
          throw error
        }
      },
    }),
  ]
}
