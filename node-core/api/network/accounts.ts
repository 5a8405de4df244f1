/** Accounts that a node can sign for, and transfers from them: `accounts.*`, on development and private networks. */
import { z } from 'zod'
import { changes, requireChain, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

export type AccountsState = NonNullable<ReturnType<ChainNode['accounts']['state']>>
export type HeldAccount = AccountsState['accounts'][number]
export type Transfer = AccountsState['transfers'][number]

export interface AccountsBatch {
  /** Undefined while the node does not run, and on public networks. */
  readonly state: AccountsState | undefined
}

/** Longer than any SS58 address. */
const MAX_ADDRESS = 128
const networkInput = z.strictObject({ network: networkId })

export const accountsRouter = router({
  /** How things are, and again when they have changed; looked at once a second. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<AccountsBatch>()
    return sample<AccountsBatch>(ctx, signal, () => changed({ state: runningOfKind(ctx, input.network, 'chain')?.accounts.state() }))
  }),

  /** `amount` in units of the token, as decimal text. Answers when the pool has it. */
  send: procedure
    .input(networkInput.extend({ from: z.string().max(MAX_ADDRESS), to: z.string().max(MAX_ADDRESS), amount: z.string().max(64) }))
    .mutation(({ ctx, input: { network, ...request } }) => requireChain(ctx, network).accounts.send(request)),

  /** Transfers that have ended are not told any longer. */
  dismiss: procedure.input(networkInput).mutation(({ ctx, input }) => requireChain(ctx, input.network).accounts.dismiss()),
})
