/** Newer versions of a chain's runtime: `upgrade.*`. */
import { z } from 'zod'
import { changes, requireChain, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

type Upgrades = ChainNode['upgrades']
export type UpgradeState = NonNullable<ReturnType<Upgrades['state']>>
export type UpgradeDetails = Awaited<ReturnType<Upgrades['details']>>

export interface UpgradeBatch {
  /** Undefined while the node does not run, and on chains of other runtimes than ours. */
  readonly state: UpgradeState | undefined
}

const networkInput = z.strictObject({ network: networkId })
/** The version that the person agreed to. */
const versionInput = networkInput.extend({ version: z.int().min(0).max(0xffff_ffff) })

export const upgradeRouter = router({
  /** How things are, and again when they have changed; looked at once a second. */
  watch: procedure.input(networkInput).subscription(({ ctx, input, signal }) => {
    const changed = changes<UpgradeBatch>()
    return sample<UpgradeBatch>(ctx, signal, () => changed({ state: runningOfKind(ctx, input.network, 'chain')?.upgrades.state() }))
  }),

  /** What changes, and the call by which root authorizes it. */
  details: procedure.input(networkInput).query(({ ctx, input }) => requireChain(ctx, input.network).upgrades.details()),

  begin: procedure.input(versionInput).mutation(async ({ ctx, input }) => {
    await requireChain(ctx, input.network).upgrades.begin(input.version)
  }),
  /** Brings code that root authorized. */
  bring: procedure.input(versionInput).mutation(async ({ ctx, input }) => {
    await requireChain(ctx, input.network).upgrades.apply(input.version)
  }),

  /** What failed is not told any longer. */
  dismiss: procedure.input(networkInput).mutation(({ ctx, input }) => {
    requireChain(ctx, input.network).upgrades.dismiss()
  }),
})
