/** The table of authorities: `authorities.*`. */
import { z } from 'zod'
import { changes, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

export type AuthorityReport = NonNullable<ReturnType<ChainNode['authorities']['report']>>
export type DayRecord = ReturnType<ChainNode['record']['days']>[number]
export type AuthorityRow = AuthorityReport['rows'][number]

export interface AuthoritiesBatch {
  /** Undefined while the node does not run or has not looked yet, and where there are too many for a table. */
  readonly report: AuthorityReport | undefined
  /** What this node did as an authority, the newest day first; empty where it never was one. */
  readonly days: readonly DayRecord[]
}

/** Days of the validator's record that a screen shows. */
const SHOWN_DAYS = 14

export const authoritiesRouter = router({
  /** How things are, and again when they have changed; looked at once a second. */
  watch: procedure.input(z.strictObject({ network: networkId })).subscription(({ ctx, input, signal }) => {
    const changed = changes<AuthoritiesBatch>()
    return sample<AuthoritiesBatch>(ctx, signal, () => {
      const node = runningOfKind(ctx, input.network, 'chain')
      return changed({ report: node?.authorities.report(), days: node?.record.days(SHOWN_DAYS) ?? [] })
    })
  }),
})
