/** `babe_epochAuthorship`: in which slots of the current epoch the keys of this node may author. Its owner's business, and costly: unsafe. */
import { fromHex } from '../../../base/bytes.ts'
import { isNodeError } from '../../../base/errors.ts'
import { encodeSs58 } from '../../../crypto/keys/ss58.ts'
import { CODE, RpcError } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import type { RpcConsensus } from '../types.ts'

export function babeMethods({ authorship }: RpcConsensus, addressPrefix: number): Method[] {
  return [
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
          if (isNodeError(error) && error.code.startsWith('BABE_')) throw new RpcError(CODE.fetchEpoch, 'Failed to fetch epoch data', error.message)
          throw error
        }
      },
    }),
  ]
}
