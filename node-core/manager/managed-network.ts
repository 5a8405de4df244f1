/**
 * One network of the app: its settings, its node while it runs, and its status. Start and stop are serialised; whoever
 * calls one while the same is under way waits for the same result.
 */
import type { Clock } from '../base/clock.ts'
import { Disposers } from '../base/disposers.ts'
import { errorMessage, isNodeError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { SerialQueue } from '../core/serial-queue.ts'
import { DiskMeter } from '../metrics/disk-use.ts'
import { MetricsHistory } from '../metrics/history.ts'
import { fileStore } from '../metrics/history-file.ts'
import type { NodeView } from '../node-view.ts'
import type { BlockRef } from '../state/types.ts'
import { BlockFeed } from './block-feed.ts'
import type { BlockSummary, NetworkSummary, NodeState, NodeStatus } from './types.ts'

/** A node as the manager handles it; node.ts has the real one. */
export interface ManagedNode extends NodeView {
  start(): Promise<void>
  stop(): Promise<void>
}

export interface NetworkDefinition {
  readonly id: string
  readonly name: string
  /** Where its data lies, for people. */
  readonly dataPath: string
}

export interface ManagedNetworkDependencies {
  readonly create: () => Promise<ManagedNode>
  readonly clock: Clock
  readonly logger: Logger
  readonly onStatus: (summary: NetworkSummary) => void
  readonly onBlock: (block: BlockSummary) => void
  readonly onFinalized: (head: BlockRef) => void
}

/** Status events are at least this far apart: ten a second. */
const STATUS_INTERVAL_MS = 100

export class ManagedNetwork {
  readonly definition: NetworkDefinition
  /** How its figures went, whether it runs or not. */
  readonly history: MetricsHistory
  readonly disk: DiskMeter
  readonly #dependencies: ManagedNetworkDependencies
  readonly #transitions = new SerialQueue(64)
  #node: ManagedNode | undefined
  #feed: BlockFeed | undefined
  #subscriptions = new Disposers()
  #state: NodeState = 'stopped'
  #failure: NodeStatus['failure']
  #startedAt: number | undefined
  #bestChangedAt: number | undefined
  #cancelStatus: (() => void) | undefined
  #lastStatusAt = -Infinity

  constructor(dependencies: ManagedNetworkDependencies, definition: NetworkDefinition) {
    this.#dependencies = dependencies
    this.definition = definition
    const { clock, logger } = dependencies
    this.disk = new DiskMeter(definition.dataPath, clock)
    this.history = new MetricsHistory({ store: fileStore(definition.dataPath), disk: this.disk, clock, logger: logger.child('metrics') })
  }

  start(): Promise<void> {
    return this.#transitions.run(() => this.#start())
  }

  stop(): Promise<void> {
    return this.#transitions.run(() => this.#stop())
  }

  restart(): Promise<void> {
    return this.#transitions.run(async () => {
      await this.#stop()
      await this.#start()
    })
  }

  /** While it runs. */
  get node(): NodeView | undefined {
    return this.#state === 'running' ? this.#node : undefined
  }

  latestBlocks(count: number): BlockSummary[] {
    return this.#feed?.latest(count) ?? []
  }

  summary(): NetworkSummary {
    const { node } = this
    const { id, name, dataPath } = this.definition
    const status: NodeStatus = {
      state: this.#state,
      failure: this.#failure,
      chainName: node?.chainName ?? name,
      genesisHash: node?.blocks.genesisHash,
      best: node?.blocks.best(),
      finalized: node?.blocks.finalized(),
      peers: node?.network.peers().length ?? 0,
      startedAt: this.#startedAt,
      bestChangedAt: this.#bestChangedAt,
      authoring: node?.authoring ?? false,
      slotDurationMs: node?.slotDurationMs,
      rpcAddress: node?.rpcAddress,
      dataPath,
    }
    return { id, name, status }
  }

  async #start(): Promise<void> {
    if (this.#state === 'running') return
    this.#enter('starting')
    this.#failure = undefined
    let node: ManagedNode | undefined
    try {
      node = await this.#dependencies.create()
      await node.start()
      await this.#attach(node)
    } catch (error) {
      await node?.stop().catch(() => undefined)
      this.#fail(error)
      throw error
    }
    this.#startedAt = this.#dependencies.clock.now()
    this.#enter('running')
  }

  async #stop(): Promise<void> {
    const node = this.#node
    if (node === undefined) {
      if (this.#state === 'failed') this.#enter('stopped')
      return
    }
    this.#enter('stopping')
    this.#detach()
    await this.history.stop()
    try {
      await node.stop()
    } finally {
      this.#enter('stopped')
    }
  }

  async #attach(node: ManagedNode): Promise<void> {
    const { clock, logger } = this.#dependencies
    const feed = new BlockFeed(node)
    await feed.load(clock.now())
    this.#node = node
    this.#feed = feed
    this.history.start(node.metrics)
    this.#subscriptions.add(
      node.blocks.events.on('imported', ({ block, header }) => {
        feed.add(block, header, clock.now()).then(this.#dependencies.onBlock, (error: unknown) =>
          logger.warn('a block could not be shown', { reason: errorMessage(error) }),
        )
      }),
    )
    this.#subscriptions.add(
      node.blocks.events.on('bestChanged', () => {
        this.#bestChangedAt = clock.now()
        this.#announce()
      }),
    )
    this.#subscriptions.add(
      node.blocks.events.on('finalized', ({ head }) => {
        this.#dependencies.onFinalized(head)
        this.#announce()
      }),
    )
    this.#subscriptions.add(node.onFailure((error) => void this.#transitions.run(() => this.#collapse(error))))
  }

  #detach(): void {
    this.#subscriptions.dispose()
    this.#node = undefined
    this.#startedAt = undefined
    this.#bestChangedAt = undefined
  }

  /** A running node failed: it is stopped, and the reason stays. */
  async #collapse(error: unknown): Promise<void> {
    const node = this.#node
    if (node === undefined) return
    this.#detach()
    await this.history.stop()
    await node.stop().catch((reason: unknown) => this.#dependencies.logger.error('the failed node did not stop', { reason: errorMessage(reason) }))
    this.#fail(error)
  }

  #fail(error: unknown): void {
    this.#failure = { code: isNodeError(error) ? error.code : 'INTERNAL', message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined }
    this.#dependencies.logger.error('the node failed', { network: this.definition.id, code: this.#failure.code, reason: this.#failure.message })
    this.#enter('failed')
  }

  #enter(state: NodeState): void {
    this.#state = state
    this.#cancelStatus?.()
    this.#emit()
  }

  /** A change of numbers: at most ten a second are told, the last one always. */
  #announce(): void {
    const { clock } = this.#dependencies
    if (this.#cancelStatus !== undefined) return
    const wait = this.#lastStatusAt + STATUS_INTERVAL_MS - clock.now()
    if (wait <= 0) this.#emit()
    else this.#cancelStatus = clock.schedule(wait, () => this.#emit())
  }

  #emit(): void {
    this.#cancelStatus = undefined
    this.#lastStatusAt = this.#dependencies.clock.now()
    this.#dependencies.onStatus(this.summary())
  }
}
