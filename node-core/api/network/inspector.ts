/**
 * The messages of one topic as they go by: `topics.inspect`. The network looks at them only while a subscription is open;
 * what a slow client does not take in time is pushed out and counted.
 */
import { z } from 'zod'
import { networkId, procedure, requireNetwork } from '../trpc.ts'
import { watch } from '../watch.ts'
import { errorMessage } from '../../base/errors.ts'
import { RingBuffer } from '../../base/ring-buffer.ts'
import type { NodeView } from '../../manager/kinds/kind.ts'
import type { InspectedMessage } from '../../network/topics/message-types.ts'

export interface InspectorBatch {
  /** The node runs: what goes by is shown. */
  readonly isLooking: boolean
  /** Oldest first. */
  readonly messages: readonly InspectedMessage[]
  /** Messages since the last batch that came too fast to be shown. */
  readonly skipped: number
}

/** What waits for a slow client. */
const QUEUE = 500
const INTERVAL_MS = 250
/** Topics are named by their owners, and counted by name. */
const topicName = z.string().min(1).max(72)

export const inspectTopic = procedure
  .input(z.strictObject({ network: networkId, topic: topicName }))
  .subscription(({ ctx, input: { network, topic }, signal }) => {
    requireNetwork(ctx, network)
    const queue = new RingBuffer<InspectedMessage>(QUEUE)
    let node: NodeView | undefined
    let skipped = 0
    let reported = 0
    /** The node has no such topic. */
    let refusal: Error | undefined
    return watch<InspectorBatch>({
      clock: ctx.clock,
      signal,
      intervalMs: INTERVAL_MS,
      open: (wake) => {
        let detach = (): void => undefined
        const attach = (present: NodeView | undefined): void => {
          if (present === node) return
          detach()
          node = present
          const onMessage = (message: InspectedMessage): void => {
            queue.push(message)
            wake()
          }
          const onSkipped = (count: number): void => {
            skipped += count
            wake()
          }
          try {
            detach = node?.network.inspectTopic(topic, { onMessage, onSkipped }) ?? (() => undefined)
          } catch (error) {
            // The node is not running yet when the subscription opens, perhaps: only now is it known what topics it has.
            detach = () => undefined
            refusal = error instanceof Error ? error : new Error(errorMessage(error))
          }
          wake()
        }
        attach(ctx.manager.node(network))
        // Another start is another node.
        const dispose = ctx.manager.events.on('status', ({ id, status }) => {
          if (id === network) attach(status.state === 'running' ? ctx.manager.node(network) : undefined)
        })
        return () => {
          dispose()
          detach()
        }
      },
      take: () => {
        if (refusal !== undefined) throw refusal
        const lost = queue.dropped - reported + skipped
        const batch: InspectorBatch = { isLooking: node !== undefined, messages: queue.toArray(), skipped: lost }
        reported = queue.dropped
        skipped = 0
        queue.clear()
        return batch
      },
    })
  })
