/** The feeds that there are, each from its first client on: the status of networks, the log, and the blocks of each chain. */
import { Disposers, type Disposer } from '../../base/disposers.ts'
import type { LogRecord } from '../../base/logger.ts'
import type { BlockSummary, NodeView, Position } from '../../manager/kinds/kind.ts'
import type { NetworkSummary, NodeManagerView } from '../../manager/types.ts'
import type { PeerEvents } from '../../network/types.ts'
import { Feed, type FeedLimits } from './feed.ts'
import { LIMIT_OF_NAMES, RecentNames } from './recent-names.ts'

export type StatusEvent = { readonly kind: 'status'; readonly network: string } | { readonly kind: 'removed'; readonly network: string }

export type BlockEvent =
  | { readonly kind: 'imported'; readonly block: BlockSummary }
  | { readonly kind: 'best'; readonly position: Position }
  | { readonly kind: 'finalized'; readonly position: Position }

export class Feeds {
  readonly #manager: NodeManagerView
  readonly #limits: FeedLimits
  readonly #disposers = new Disposers()
  readonly #blocks = new Map<string, Feed<BlockEvent>>()
  readonly #peers = new Map<string, Feed<PeerEvents['changed']>>()
  #status: Feed<StatusEvent> | undefined
  #logs: Feed<LogRecord> | undefined

  constructor(manager: NodeManagerView, limits: FeedLimits) {
    this.#manager = manager
    this.#limits = limits
  }

  status(): Feed<StatusEvent> {
    if (this.#status !== undefined) return this.#status
    const feed = new Feed<StatusEvent>(this.#limits)
    const { events } = this.#manager
    this.#disposers.add(events.on('status', ({ id }) => feed.push({ kind: 'status', network: id })))
    this.#disposers.add(events.on('troubles', ({ network }) => feed.push({ kind: 'status', network })))
    this.#disposers.add(events.on('removed', ({ network }) => feed.push({ kind: 'removed', network })))
    return (this.#status = feed)
  }

  logs(): Feed<LogRecord> {
    if (this.#logs !== undefined) return this.#logs
    const feed = new Feed<LogRecord>(this.#limits)
    this.#disposers.add(this.#manager.events.on('log', (record) => feed.push(record)))
    return (this.#logs = feed)
  }

  blocks(network: string): Feed<BlockEvent> {
    const known = this.#blocks.get(network)
    if (known !== undefined) return known
    const feed = new Feed<BlockEvent>(this.#limits)
    this.#blocks.set(network, feed)
    const { events } = this.#manager
    // A block is told of again where more is known of it.
    const told = new RecentNames(LIMIT_OF_NAMES)
    this.#disposers.add(events.on('block', (event) => {
      if (event.network === network && told.add(event.block.hash)) feed.push({ kind: 'imported', block: event.block })
    }))
    let best: string | undefined
    const onStatus = ({ id, status: { newest } }: NetworkSummary): void => {
      if (id !== network || newest === undefined || newest.hash === best) return
      best = newest.hash
      feed.push({ kind: 'best', position: newest })
    }
    this.#disposers.add(events.on('status', onStatus))
    this.#disposers.add(events.on('finalized', (event) => {
      if (event.network === network) feed.push({ kind: 'finalized', position: event.head })
    }))
    return feed
  }

  /** Peers that take part, and no more, in this start of the node and the next ones. */
  peers(network: string): Feed<PeerEvents['changed']> {
    const known = this.#peers.get(network)
    if (known !== undefined) return known
    const feed = new Feed<PeerEvents['changed']>(this.#limits)
    this.#peers.set(network, feed)
    let node: NodeView | undefined
    let stopListening: Disposer | undefined
    const attach = (): void => {
      const present = this.#manager.node(network)
      if (present === node) return
      stopListening?.()
      node = present
      stopListening = present?.network.peerEvents.on('changed', (event) => feed.push(event))
    }
    attach()
    this.#disposers.add(this.#manager.events.on('status', ({ id }) => {
      if (id === network) attach()
    }))
    this.#disposers.add(() => stopListening?.())
    return feed
  }

  dispose(): void {
    this.#disposers.dispose()
    this.#blocks.clear()
    this.#peers.clear()
    this.#status = undefined
    this.#logs = undefined
  }
}
