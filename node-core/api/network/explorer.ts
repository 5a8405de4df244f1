/** Blocks in detail: `explorer.*`. */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { requireChain, runningOfKind } from '../running.ts'
import { networkId, procedure, router } from '../trpc.ts'
import { watch } from '../watch.ts'
import { NodeError } from '../../base/errors.ts'
import type { Hash } from '../../base/bytes.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'

export type ExplorerApiErrorCode = 'API_BLOCK_UNKNOWN'

/** The drawing moves at most this often. */
const CHAIN_INTERVAL_MS = 250
const LONGEST_SEARCH = 200

type ChainPart = Awaited<ReturnType<ChainNode['explorer']['chain']>>

export interface ChainBatch extends ChainPart {
  /** Forget the blocks of before: the first batch, or another node. */
  readonly reset: boolean
}

const blockId = z.union([
  z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'not the hash of a block'),
  z.int().min(0).max(0xffff_ffff),
])

export const explorerRouter = router({
  /** The recent blocks with their forks, then what changes; nothing while the node does not run. */
  chain: procedure.input(z.strictObject({ network: networkId })).subscription(async function* ({ ctx, input: { network }, signal }) {
    let from = runningOfKind(ctx, network, 'chain')
    let cursor: number | undefined
    let stopListening = (): void => undefined
    let wakeUp = (): void => undefined
    const listen = (): void => {
      stopListening()
      stopListening = from?.explorer.events.on('changed', () => wakeUp()) ?? ((): void => undefined)
    }
    const changes = watch<true>({
      clock: ctx.clock,
      signal,
      intervalMs: CHAIN_INTERVAL_MS,
      open: (wake) => {
        wakeUp = wake
        listen()
        const dispose = ctx.manager.events.on('status', ({ id }) => {
          if (id !== network || runningOfKind(ctx, network, 'chain') === from) return
          from = runningOfKind(ctx, network, 'chain')
          cursor = undefined
          listen()
          wake()
        })
        return () => {
          dispose()
          stopListening()
        }
      },
      take: () => true,
    })
    for await (const _ of changes) {
      const node = from
      const part = await node?.explorer.chain(cursor)
      if (part === undefined || node !== from) continue
      yield { ...part, reset: cursor === undefined } satisfies ChainBatch
      cursor = part.cursor
    }
  }),

  /** By hash, or by its height on the best chain. */
  block: procedure.input(z.strictObject({ network: networkId, block: blockId })).query(async ({ ctx, input }) => {
    const { explorer } = requireChain(ctx, input.network)
    const hash = typeof input.block === 'number' ? explorer.hashByNumber(input.block) : (input.block.toLowerCase() as Hash)
    const found = hash === undefined ? undefined : await explorer.block(hash)
    if (found !== undefined) return found
    throw new TRPCError({
      code: 'NOT_FOUND',
      cause: new NodeError<ExplorerApiErrorCode>('API_BLOCK_UNKNOWN', 'This node does not have that block.', {
        hint: 'The block belongs to another network, was not synced yet, or was pruned with its fork.',
      }),
    })
  }),

  search: procedure
    .input(z.strictObject({ network: networkId, text: z.string().min(1).max(LONGEST_SEARCH) }))
    .query(({ ctx, input }) => requireChain(ctx, input.network).explorer.search(input.text)),
})
