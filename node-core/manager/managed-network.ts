/**
 * One network of the app: its settings, its node while it runs, and its status. Start and stop are serialised; whoever
 * calls one while the same is under way waits for the same result.
 */
import type { Clock } from '../base/clock.ts'
import { errorMessage, isNodeError, plainData } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { DiskMeter } from '../metrics/disk-use.ts'
import { MetricsHistory } from '../metrics/history/history.ts'
import { fileStore } from '../metrics/history/history-file.ts'
import { AttachedNode } from './attached-node.ts'
import { isFolderError } from './folders/folder-check.ts'
import { FolderGuard } from './folders/folder-guard.ts'
import type { FolderMemory } from './folders/folder-memory.ts'
import type { BeginAnew } from './folders/begin-anew.ts'
import { DataMending, type MendedNode } from './folders/data-mending.ts'
import type { BlockSummary, HostedNode, NetworkDefinition, NodeKind, NodeView, Position, SeenHeights } from './kinds/kind.ts'
import type { PortPurpose } from './kinds/trouble.ts'
import { statusOf } from './node-status.ts'
import { StatusTeller } from './status-teller.ts'
import type { NetworkDisk, NetworkSummary, NodeState, NodeStatus } from './types.ts'
import { Supervisor, type SupervisedNetwork } from './watch/supervisor.ts'
import type { DiskLimits, Trouble } from './watch/troubles.ts'

export interface ManagedNetworkDependencies {
  readonly kind: Pick<NodeKind, 'screens' | 'needsPerson' | 'explain' | 'setAside' | 'hasDatabase' | 'repair' | 'forgetPublicKeys'>
  readonly create: (definition: NetworkDefinition, seen: SeenHeights | undefined) => Promise<HostedNode>
  readonly clock: Clock
  readonly logger: Logger
  readonly onStatus: (summary: NetworkSummary) => void
  readonly onBlock: (block: BlockSummary) => void
  readonly onSettled: (head: Position) => void
  readonly onTroubles: (troubles: readonly Trouble[]) => void
  /** See {@link Supervisor}. */
  readonly monotonic: () => number
  readonly changePort?: ((purpose: PortPurpose) => Promise<void>) | undefined
  readonly portHolder?: ((port: number) => string | undefined) | undefined
  readonly openTimeSettings?: (() => Promise<void>) | undefined
  readonly diskLimits?: DiskLimits | undefined
  /** What was seen of data folders, outside of them; left out where nothing is kept. */
  readonly memory?: FolderMemory | undefined
  /** The keys of the data folder are others now, or gone: what was read of them counts no more. */
  readonly dropKeys?: (dataPath: string) => Promise<void>
}

export class ManagedNetwork {
  /** How its figures went, whether it runs or not. */
  readonly history: MetricsHistory
  readonly disk: DiskMeter
  readonly supervisor: Supervisor
  readonly #guard: FolderGuard
  readonly #dependencies: ManagedNetworkDependencies
  readonly #transitions = new SerialQueue(64)
  #definition: NetworkDefinition
  readonly #teller: StatusTeller
  readonly #mending: DataMending
  #attached: AttachedNode | undefined
  /** The node that is being stopped. */
  #leaving: HostedNode | undefined
  #state: NodeState = 'stopped'
  #failure: NodeStatus['failure']
  #preparing: number | undefined
  /** How far its node had come when it was stopped. */
  #reached: { readonly newest: Position; readonly settled: Position } | undefined

  constructor(dependencies: ManagedNetworkDependencies, definition: NetworkDefinition) {
    this.#dependencies = dependencies
    this.#definition = definition
    const { clock, logger } = dependencies
    this.#teller = new StatusTeller(clock, () => dependencies.onStatus(this.summary()))
    this.disk = new DiskMeter(definition.dataPath, clock)
    this.history = new MetricsHistory({ store: fileStore(definition.dataPath), disk: this.disk, clock, logger: logger.child('metrics') })
    const folder = { network: definition.id, dataPath: definition.dataPath }
    this.#guard = new FolderGuard({ clock, logger, kind: dependencies.kind, memory: dependencies.memory, onFault: (error) => void this.#transitions.run(() => this.#collapse(error)) }, folder)
    this.#mending = new DataMending({ kind: dependencies.kind, guard: this.#guard, node: this.#mended(), dropKeys: dependencies.dropKeys, clock, logger }, folder)
    this.supervisor = new Supervisor({
      clock,
      monotonic: dependencies.monotonic,
      logger,
      freeBytes: () => this.disk.free(),
      changePort: dependencies.changePort,
      portHolder: dependencies.portHolder,
      openTimeSettings: dependencies.openTimeSettings,
      limits: dependencies.diskLimits,
      kind: dependencies.kind,
      network: this.#supervised(),
      onChange: () => dependencies.onTroubles(this.supervisor.troubles),
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

  /** Resolves when every start, stop and failure so far has been dealt with. */
  idle(): Promise<void> {
    return this.#transitions.idle()
  }

  /** Puts what is there aside, and starts with an empty database. See {@link BeginAnew}. */
  beginAnew(options: BeginAnew = {}): Promise<void> {
    return this.#transitions.run(() => this.#mending.beginAnew(options))
  }

  /** Repairs the database and starts. Throws what the repair throws; then the node stays stopped for that reason. */
  repair(): Promise<void> {
    return this.#transitions.run(async () => {
      const news = await this.#mending.repair()
      if (news !== undefined) this.supervisor.repaired(news)
    })
  }

  /** Starts with the data folder as it is, whatever was seen before. */
  useAsItIs(): Promise<void> {
    return this.#transitions.run(() => this.#mending.useAsItIs())
  }

  /** While it runs. */
  get node(): NodeView | undefined {
    return this.#running?.node
  }

  get #running(): HostedNode | undefined {
    return this.#state === 'running' ? this.#attached?.hosted : undefined
  }

  /** `Development: state`, while its node stops; its name alone while a start is under way, which a stop waits for. */
  get stopping(): string | undefined {
    const stage = this.#leaving?.node.stopping
    if (stage !== undefined) return `${this.definition.name}: ${stage}`
    return this.#leaving === undefined && this.#state !== 'starting' ? undefined : this.definition.name
  }

  async diskUse(): Promise<NetworkDisk> {
    const [use, parts] = await Promise.all([this.disk.measure(), this.#running?.diskParts?.()])
    return { ...use, parts }
  }

  latestBlocks(count: number): BlockSummary[] {
    return this.#attached?.blocks.latest(count) ?? []
  }

  summary(): NetworkSummary {
    const { id, kind, name, dataPath } = this.definition
    const { newest, settled } = this.#reached ?? this.#guard.seen ?? {}
    const known = {
      newest, settled, name, dataPath, state: this.#state, preparing: this.#preparing, failure: this.#failure, restartAt: this.supervisor.restartAt,
      startedAt: this.#running && this.#attached?.startedAt, newestChangedAt: this.#attached?.newestChangedAt,
    }
    return { id, name, kind, screens: this.#dependencies.kind.screens, status: statusOf(known, this.#running) }
  }

  /** The network as its supervisor sees it. */
  #supervised(): SupervisedNetwork {
    const network = (): this => this
    return {
      get dataPath() { return network().definition.dataPath },
      get state() { return network().#state },
      get soleAuthority() { return network().#guard.seen?.soleAuthority === true },
      get hasRun() { return network().#guard.seen !== undefined },
      get hosted() { return network().#running },
      start: () => this.start(),
      beginAnew: () => this.beginAnew(),
      repair: () => this.repair(),
      restart: () => this.restart(),
      startAgain: () => this.#transitions.run(async () => (this.#state === 'failed' ? this.#start(false) : undefined)),
      fail: (error) => void this.#transitions.run(() => this.#collapse(error)),
    }
  }

  /** Within a transition. */
  #mended(): MendedNode {
    return { reached: () => this.#reached, forgetReached: () => (this.#reached = undefined), stop: () => this.#stop(), start: () => this.#start(true), fail: (error) => this.#fail(error, false) }
  }

  async #start(byHand: boolean): Promise<void> {
    if (this.#state === 'running') return
    this.#enter('starting')
    this.#failure = undefined
    let hosted: HostedNode | undefined
    try {
      await this.supervisor.beforeStart(byHand)
      const seen = await this.#guard.beforeStart()
      hosted = await this.#dependencies.create(this.#definition, seen)
      hosted.node.onPreparing?.((share) => {
        this.#preparing = share
        this.#teller.soon()
      })
      await hosted.node.start()
      await this.#attach(hosted)
      await this.#guard.started(hosted)
    } catch (error) {
      this.#detach()
      if (hosted !== undefined) await this.#leave(hosted).catch(() => undefined)
      await this.#forgetKeys(error)
      this.#fail(error, !byHand)
      throw error
    }
    this.#enter('running')
    this.supervisor.started()
  }

  async #stop(): Promise<void> {
    const hosted = this.#attached?.hosted
    if (hosted === undefined) {
      if (this.#state === 'failed') this.#enter('stopped')
      this.supervisor.stopped()
      return
    }
    this.#enter('stopping')
    this.#detach()
    try {
      await this.#leave(hosted)
    } finally {
      this.#enter('stopped')
      this.supervisor.stopped()
    }
  }

  /** Stops a node that is, or was about to become, this network's. */
  async #leave(hosted: HostedNode): Promise<void> {
    this.#leaving = hosted
    const remember = this.#guard.leave()
    if (remember !== undefined) this.#reached = hosted.node.progress()
    try {
      await this.history.stop()
      await hosted.node.stop()
      await remember?.()
    } finally {
      this.#leaving = undefined
    }
  }

  async #attach(hosted: HostedNode): Promise<void> {
    const { clock, onBlock, onSettled } = this.#dependencies
    this.#attached = await AttachedNode.follow(hosted, {
      clock, history: this.history, onBlock, onSettled, onChange: () => this.#teller.soon(), onFailure: (error) => void this.#transitions.run(() => this.#collapse(error)),
    })
  }

  #detach(): void {
    this.#attached?.detach()
    this.#attached = undefined
  }

  /** A running node failed: it is stopped, and the reason stays. */
  async #collapse(error: unknown): Promise<void> {
    const hosted = this.#attached?.hosted
    if (hosted === undefined) return
    // Where the folder is not what it was, everything else is a consequence.
    const cause = isNodeError(error) && isFolderError(error.code) ? error : ((await this.#guard.look()) ?? error)
    this.#detach()
    this.#enter('stopping')
    await this.#leave(hosted).catch((reason: unknown) => this.#dependencies.logger.error('the failed node did not stop', { reason: errorMessage(reason) }))
    await this.#forgetKeys(cause)
    this.#fail(cause, true)
  }

  async #forgetKeys(error: unknown): Promise<void> {
    if (isNodeError(error) && isFolderError(error.code)) await this.#dependencies.dropKeys?.(this.#definition.dataPath)
  }

  /** `again`: it is started again by itself, as far as that may help. */
  #fail(error: unknown, again: boolean): void {
    this.#failure = { code: isNodeError(error) ? error.code : 'INTERNAL', message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined, data: isNodeError(error) ? plainData(error) : undefined }
    this.#dependencies.logger.error('the node failed', { network: this.definition.id, code: this.#failure.code, reason: this.#failure.message })
    this.#enter('failed')
    this.supervisor.failed(error, again)
    // When it is started again belongs to the status.
    if (this.supervisor.restartAt !== undefined) this.#teller.now()
  }

  #enter(state: NodeState): void {
    this.#state = state
    this.#preparing = undefined
    this.#teller.now()
  }
}
