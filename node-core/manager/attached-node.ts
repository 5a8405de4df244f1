/** A node that runs, with everything that follows it: the list of its blocks, its figures, and when it had something new. */
import type { Clock } from '../base/clock.ts'
import { Disposers } from '../base/disposers.ts'
import type { MetricsHistory } from '../metrics/history/history.ts'
import type { BlockList, BlockSummary, HostedNode, Position } from './kinds/kind.ts'

export interface AttachedNodeDependencies {
  readonly clock: Clock
  readonly history: MetricsHistory
  readonly onBlock: (block: BlockSummary) => void
  readonly onSettled: (head: Position) => void
  /** Its status changed. */
  readonly onChange: () => void
  readonly onFailure: (error: unknown) => void
}

export class AttachedNode {
  readonly hosted: HostedNode
  readonly blocks: BlockList
  readonly startedAt: number
  readonly #subscriptions: Disposers
  readonly #times: { newestChangedAt: number | undefined }

  /** To a node that has started. */
  static async follow(hosted: HostedNode, { clock, history, onBlock, onSettled, onChange, onFailure }: AttachedNodeDependencies): Promise<AttachedNode> {
    const times: { newestChangedAt: number | undefined } = { newestChangedAt: undefined }
    const subscriptions = new Disposers()
    const { node } = hosted
    const { blocks, dispose } = await hosted.follow({
      onBlock,
      onNewest: () => {
        times.newestChangedAt = clock.now()
        onChange()
      },
      onSettled: (head) => {
        onSettled(head)
        onChange()
      },
      onChange,
    })
    subscriptions.add(dispose)
    history.start(node.metrics)
    subscriptions.add(node.network.peerEvents.on('changed', onChange))
    subscriptions.add(node.onFailure(onFailure))
    return new AttachedNode(hosted, blocks, subscriptions, times, clock.now())
  }

  private constructor(hosted: HostedNode, blocks: BlockList, subscriptions: Disposers, times: { newestChangedAt: number | undefined }, startedAt: number) {
    this.hosted = hosted
    this.blocks = blocks
    this.startedAt = startedAt
    this.#subscriptions = subscriptions
    this.#times = times
  }

  /** When it had a new best block, in milliseconds since the Unix epoch. */
  get newestChangedAt(): number | undefined {
    return this.#times.newestChangedAt
  }

  detach(): void {
    this.#subscriptions.dispose()
  }
}
