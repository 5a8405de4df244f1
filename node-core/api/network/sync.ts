/** How far the node of a chain has caught up, and with whom: `sync.*`. */
import { z } from 'zod'
import { following, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

type Sync = ChainNode['sync']

export interface SyncBatch {
  /** Undefined while the node does not run. */
  readonly status: ReturnType<Sync['status']>
  /** While the chain is joined; it is synced afterwards. */
  readonly joining: ReturnType<ChainNode['joining']['status']>
  /** How joining ended since the node started; undefined where nothing was joined. */
  readonly joined: ReturnType<ChainNode['joining']['outcome']>
}

export interface SyncDetailsBatch {
  /** Those who serve first. */
  readonly peers: ReturnType<Sync['peers']>
  /** The newest, oldest first. */
  readonly events: ReturnType<Sync['events']>
}

const networkInput = z.strictObject({ network: networkId })

export const syncRouter = router({
  status: procedure.input(networkInput).query(({ ctx, input }) => runningOfKind(ctx, input.network, 'chain')?.sync.status()),

  watch: procedure
    .input(networkInput)
    .subscription(({ ctx, input, signal }) => sample<SyncBatch>(ctx, signal, following(() => runningOfKind(ctx, input.network, 'chain'), () => (node) => ({ status: node?.sync.status(), joining: node?.joining.status(), joined: node?.joining.outcome() })))),

  /** Who serves blocks, and what happened: more than most screens want. */
  details: procedure
    .input(networkInput)
    .subscription(({ ctx, input, signal }) =>
      sample<SyncDetailsBatch>(ctx, signal, following(() => runningOfKind(ctx, input.network, 'chain'), () => (node) => ({ peers: node?.sync.peers() ?? [], events: node?.sync.events() ?? [] }))),
    ),
})
