/** The table of authorities: `authorities.*`. */
import { z } from 'zod'
import { changes, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

export type AuthorityReport = NonNullable<ReturnType<ChainNode['authorities']['report']>>
export type AuthorityRow = AuthorityReport['rows'][number]

export interface AuthoritiesBatch {
  /** Undefined while the node does not run or has not looked yet, and where there are too many for a table. */
  readonly report: AuthorityReport | undefined
}

export const authoritiesRouter = router({
  /** How things are, and again when they have changed; looked at once a second. */
  watch: procedure.input(z.strictObject({ network: networkId })).subscription(({ ctx, input, signal }) => {
    const changed = changes<AuthoritiesBatch>()
    return sample<AuthoritiesBatch>(ctx, signal, () => changed({ report: runningOfKind(ctx, input.network, 'chain')?.authorities.report() }))
  }),
})
