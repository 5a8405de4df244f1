/**
 * One network of the app: its settings, its node while it runs, and its status. Start and stop are serialised; whoever
 * calls one while the same is under way waits for the same result.
 */
import type { Clock } from '../base/clock.ts'
import { Disposers } from '../base/disposers.ts'
import { errorMessage, isNodeError } from '../base/errors.ts'
import type { Logger, LogFilter } from '../base/logger.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { DiskMeter } from '../metrics/disk-use.ts'
import { MetricsHistory } from '../metrics/history/history.ts'
import { fileStore } from '../metrics/history/history-file.ts'
import type { NodeView } from '../chain/node/view.ts'
import type { BlockRef } from '../chain/state/types.ts'
import { BlockFeed } from './block-feed.ts'
import { statusOf } from './node-status.ts'
import { Supervisor, type SupervisedNetwork } from './watch/supervisor.ts'
import type { DiskLimits, PortPurpose, Trouble } from './watch/troubles.ts'
import type { BlockSummary, NetworkSummary, NodeState, NodeStatus } from './types.ts'

/** A node as the manager handles it; node.ts has the real one. */
export interface ManagedNode extends NodeView {
  start(): Promise<void>
  stop(): Promise<void>
  /** The part that is being stopped now. */
  readonly stopping?: string | undefined
}

export interface NetworkDefinition {
  readonly id: string
  readonly name: string
  /** Where its data lies, for people. */
  readonly dataPath: string
  /** What its node logs; the manager's own filter where it is left out. */
  readonly logFilter?: LogFilter
}

export interface ManagedNetworkDependencies {
  readonly create: (definition: NetworkDefinition) => Promise<ManagedNode>
  readonly clock: Clock
  readonly logger: Logger
  readonly onStatus: (summary: NetworkSummary) => void
  readonly onBlock: (block: BlockSummary) => void
  readonly onFinalized: (head: BlockRef) => void
  readonly onTroubles: (troubles: readonly Trouble[]) => void
  /** See {@link Supervisor}. */
  readonly monotonic: () => number
  readonly changePort?: ((purpose: PortPurpose) => Promise<void>) | undefined
  readonly openTimeSettings?: (() => Promise<void>) | undefined
  readonly diskLimits?: DiskLimits | undefined
}

/** Status events are at least this far apart: ten a second. */
const STATUS_INTERVAL_MS = 100

export class ManagedNetwork {
  /** How its figures went, whether it runs or not. */
  readonly history: MetricsHistory
  readonly disk: DiskMeter
  readonly supervisor: Supervisor
  readonly #dependencies: ManagedNetworkDependencies
  readonly #transitions = new SerialQueue(64)
  #definition: NetworkDefinition
  #node: ManagedNode | undefined
  /** The node that is being stopped. */
  #leaving: ManagedNode | undefined
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
    this.#definition = definition
    const { clock, logger } = dependencies
    this.disk = new DiskMeter(definition.dataPath, clock)
    this.history = new MetricsHistory({ store: fileStore(definition.dataPath), disk: this.disk, clock, logger: logger.child('metrics') })
    this.supervisor = new Supervisor({
      clock,
      monotonic: dependencies.monotonic,
      logger,
      freeBytes: () => this.disk.free(),
      changePort: dependencies.changePort,
      openTimeSettings: dependencies.openTimeSettings,
      limits: dependencies.diskLimits,
      network: this.#supervised(),
      onChange: () => dependencies.onTroubles(this.supervisor.troubles),
      onHold: () => this.#announce(),
    })
  }

  get definition(): NetworkDefinition {
    return this.#definition
  }

  /** Another name, another log filter; its data stay where they are. */
  redefine(definition: NetworkDefinition): void {
    this.#definition = definition
  }

  start(): Promise<void> {
    return this.#transitions.run(() => this.#start(true))
  }

  stop(): Promise<void> {
    return this.#transitions.run(() => this.#stop())
  }

  restart(): Promise<void> {
    return this.#transitions.run(async () => {
      await this.#stop()
      await this.#start(true)
    })
  }

  /** While it runs. */
  get node(): NodeView | undefined {
    return this.#state === 'running' ? this.#node : undefined
  }

  /** `Development: state`, while its node stops; its name alone while a start is under way, which a stop waits for. */
  get stopping(): string | undefined {
    const stage = this.#leaving?.stopping
    if (stage !== undefined) return `${this.definition.name}: ${stage}`
    return this.#leaving === undefined && this.#state !== 'starting' ? undefined : this.definition.name
  }

  latestBlocks(count: number): BlockSummary[] {
    return this.#feed?.latest(count) ?? []
  }

  summary(): NetworkSummary {
    const { id, name, dataPath } = this.definition
    const known = { name, dataPath, state: this.#state, failure: this.#failure, restartAt: this.supervisor.restartAt, startedAt: this.#startedAt, bestChangedAt: this.#bestChangedAt }
    return { id, name, status: statusOf(known, this.node) }
  }

  /** The network as its supervisor sees it. */
  #supervised(): SupervisedNetwork {
    const network = (): this => this
    return {
      get dataPath() {
        return network().definition.dataPath
      },
      get state() {
        return network().#state
      },
      get node() {
        return network().node
      },
      start: () => this.start(),
      restart: () => this.restart(),
      startAgain: () => this.#transitions.run(async () => (this.#state === 'failed' ? this.#start(false) : undefined)),
      fail: (error) => void this.#transitions.run(() => this.#collapse(error)),
    }
  }

  async #start(byHand: boolean): Promise<void> {
    if (this.#state === 'running') return
    this.#enter('starting')
    this.#failure = undefined
    let node: ManagedNode | undefined
    try {
      await this.supervisor.beforeStart(byHand)
      node = await this.#dependencies.create(this.#definition)
      await node.start()
      await this.#attach(node)
    } catch (error) {
      if (node !== undefined) await this.#leave(node).catch(() => undefined)
      this.#fail(error, !byHand)
      throw error
    }
    this.#startedAt = this.#dependencies.clock.now()
    this.#enter('running')
    this.supervisor.started()
  }

  async #stop(): Promise<void> {
    const node = this.#node
    if (node === undefined) {
      if (this.#state === 'failed') this.#enter('stopped')
      this.supervisor.stopped()
      return
    }
    this.#enter('stopping')
    this.#detach()
    try {
      await this.#leave(node)
    } finally {
      this.#enter('stopped')
      this.supervisor.stopped()
    }
  }

  /** Stops a node that is, or was about to become, this network's. */
  async #leave(node: ManagedNode): Promise<void> {
    this.#leaving = node
    try {
      await this.history.stop()
      await node.stop()
    } finally {
      this.#leaving = undefined
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
    this.#subscriptions.add(node.network.peerEvents.on('changed', () => this.#announce()))
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
    await this.#leave(node).catch((reason: unknown) => this.#dependencies.logger.error('the failed node did not stop', { reason: errorMessage(reason) }))
    this.#fail(error, true)
  }

  /** `again`: it is started again by itself, as far as that may help. */
  #fail(error: unknown, again: boolean): void {
    this.#failure = { code: isNodeError(error) ? error.code : 'INTERNAL', message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined }
    this.#dependencies.logger.error('the node failed', { network: this.definition.id, code: this.#failure.code, reason: this.#failure.message })
    this.#enter('failed')
    this.supervisor.failed(error, again)
    // When it is started again belongs to the status.
    if (this.supervisor.restartAt !== undefined) this.#emit()
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
