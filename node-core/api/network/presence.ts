/** `networks.presence`: who of a network's members answers, while a person looks at its invitation. Called off when nobody looks any more. */
import { z } from 'zod'
import { admin } from './network-admin.ts'
import { procedure } from '../trpc.ts'
import { watch } from '../watch.ts'
import type { Hash } from '../../base/bytes.ts'
import { whoIsOnline } from '../../manager/kinds/chain/presence.ts'

export interface PresenceBatch {
  /** Some may still answer. Once it is over, whoever is not online could not be reached. */
  readonly asking: boolean
  /** Peer ids of those that answered. */
  readonly online: readonly string[]
}

const MAX_ADDRESSES = 16
const MAX_PEERS = 32
const peerId = z.string().regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, 'not a peer id')
const question = z.strictObject({
  genesisHash: z.string().regex(/^0x[0-9a-f]{64}$/, 'not a genesis hash').transform((hash) => hash as Hash),
  forkId: z.string().max(64).optional(),
  addresses: z.array(z.string().max(1024)).max(MAX_ADDRESSES, 'too many addresses'),
  peerIds: z.array(peerId).max(MAX_PEERS, 'too many peers'),
})

export const presenceProcedure = procedure.input(question).subscription(({ ctx, input, signal }) => {
  // Only where networks can be added.
  admin(ctx)
  const online: string[] = []
  let asking = true
  return watch<PresenceBatch>({
    clock: ctx.clock,
    signal,
    open: (wake) => {
      const end = new AbortController()
      const over = (): void => {
        asking = false
        wake()
      }
      whoIsOnline(input, end.signal, (found) => {
        online.push(found)
        wake()
      }).then(over, over)
      return () => end.abort()
    },
    take: () => ({ asking, online: [...online] }),
  })
})
