/** `babe_epochAuthorship`: in which slots of the current epoch the keys of this node may author. Its owner's business, and costly: unsafe. */
import { fromHex, type Hash } from '../../../../base/bytes.ts'
import { encodeSs58 } from '../../../../crypto/keys/ss58.ts'
import { engineCall, EngineMethodError, type EngineMethods } from '../methods.ts'
import type { EpochAuthorship } from './authorship.ts'
import { BabeError } from './errors.ts'

/** The number of Substrate's nodes: what an epoch is cannot be told. */
const FETCH_EPOCH = 9002

/** `authorship` answers by public key. */
export function babeMethods(authorship: () => Promise<ReadonlyMap<Hash, EpochAuthorship>>): EngineMethods {
  return ({ addressPrefix }) => [
    engineCall({
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
          if (error instanceof BabeError) throw new EngineMethodError(FETCH_EPOCH, 'Failed to fetch epoch data', error.message)
          throw error
        }
      },
    }),
  ]
}
