/**
 * A node manager without a node, for tests of what lies above it: two networks; started ones make a block when told
 * to, or at an interval where they are given a clock to do so. Finality follows two blocks behind.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Emitter } from '../../node-core/base/events.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import type { Disposer } from '../../node-core/base/disposers.ts'
import { Keyrings, USUAL_SESSION_KEYS, type KeyKind, type NetworkKeys } from '../../node-core/keystore/network-keys.ts'
import type { PassphraseVault } from '../../node-core/keystore/vault.ts'
import type { MetricsHistory } from '../../node-core/metrics/history/history.ts'
import type { MetricFamily } from '../../node-core/metrics/registry.ts'
import type { SyncEvent, SyncPeerDetails, SyncStatus } from '../../node-core/chain/sync/types.ts'
import { fakeHistory, seededImage } from './fake-history.ts'
import { FakeAccounts, NO_AUTHORITY_CHANGES } from './fake-accounts.ts'
import { FakeExplorer } from './fake-explorer.ts'
import { FakeQueries } from './fake-queries.ts'
import { FakeNetwork } from './fake-network.ts'
import type { AuthorityReport, DayRecord } from '../../node-core/chain/authorities/types.ts'
import { FakeSurroundings } from './fake-surroundings.ts'
import { FakeUpgrades } from './fake-upgrades.ts'
import type { JoiningStatus, JoinOutcome } from '../../node-core/chain/joining/types.ts'
import { BlockChain } from './block-chain.ts'
import { createLogger, type LogLevel, type LogRecord } from '../../node-core/base/logger.ts'
import type { Trouble } from '../../node-core/manager/watch/troubles.ts'
import type { TroubleAction, TroubleCode } from '../../node-core/manager/kinds/trouble.ts'
import { progressOf } from '../../node-core/chain/node/progress.ts'
import { CHAIN } from '../../node-core/manager/kinds/chain/chain.ts'
import type { ChainNode } from '../../node-core/manager/kinds/chain/hosted.ts'
import type { BlockSummary, Progress } from '../../node-core/manager/kinds/kind.ts'
import type { NetView } from '../../node-core/manager/kinds/net-view.ts'
import type { RuntimeVersion } from '../../node-core/chain/runtime/types.ts'
import { chainDetails } from './chain-status.ts'
import { versionOf } from './runtime-version.ts'
import type { ManagerEvents, NetworkDisk, NetworkSummary, NodeManagerView, NodeStatus } from '../../node-core/manager/types.ts'

const FINALITY_LAG = 2
const KEPT_LOGS = 2000

export function fakeHash(number: number, salt = 0): Hash {
  return `0x${(number * 1000 + salt).toString(16).padStart(64, 'a')}`
}

const STOPPED: NodeStatus = {
  state: 'stopped',
  failure: undefined,
  chainName: 'Development',
  newest: undefined,
  settled: undefined,
  peers: 0,
  startedAt: undefined,
  newestChangedAt: undefined,
  producing: true,
  intervalMs: 6000,
  dataPath: '/tmp/nodestead/dev',
  details: chainDetails({ genesisHash: fakeHash(0) }),
}

/** Session keys without a runtime: a rotation makes keys of random words. */
export class FakeSessionKeys {
  readonly #keys: NetworkKeys | undefined
  used = new Set<string>()

  constructor(keys: NetworkKeys | undefined) {
    this.#keys = keys
  }

  kinds = async () => USUAL_SESSION_KEYS
  development = (): (KeyKind & { readonly publicKey: Hash })[] => []
  inUse = () => ({ keys: this.used, types: new Set(['babe', 'gran']) })
  refresh = async () => this.inUse()
  developmentAuthors = async () => []
  rotate = async (): Promise<Hash> => {
    const records = await this.#keys?.importSession(USUAL_SESSION_KEYS, `0x${randomBytes(32).toString('hex')}`)
    return `0x${(records ?? []).map(({ publicKey }) => publicKey.slice(2)).join('')}`
  }
  /** The owner itself in the place of a proof. */
  rotateFor = async (owner: Uint8Array) => ({ keys: await this.rotate(), proof: toHex(owner) })
}

/** What a test sets of a running node. */
export class FakeRunningNode implements ChainNode {
  readonly kind = 'chain'
  readonly chainName = 'Development'
  readonly dataPath = '/tmp/nodestead/dev'
  readonly authoring = true
  readonly slotDurationMs = 6000
  readonly rpcAddress = 'ws://127.0.0.1:9944'
  readonly validatorRefused = false
  readonly surroundings = new FakeSurroundings()
  readonly upgrades = new FakeUpgrades()
  readonly accounts = new FakeAccounts()
  readonly authorityChanges = NO_AUTHORITY_CHANGES
  sealing: ChainNode['sealing']
  readonly blocks = new BlockChain()
  readonly network = new FakeNetwork()
  readonly peerActions = this.network
  /** Set where a test opens the network to services and programs. */
  net: NetView | undefined
  syncStatus: SyncStatus | undefined
  families: MetricFamily[] = []
  syncPeers: SyncPeerDetails[] = []
  syncEvents: SyncEvent[] = []
  readonly sync = { status: () => this.syncStatus, peers: () => this.syncPeers, events: () => this.syncEvents }
  joiningStatus: JoiningStatus | undefined
  joinOutcome: JoinOutcome | undefined
  readonly joining = { status: () => this.joiningStatus, outcome: () => this.joinOutcome }
  readonly metrics = { text: async () => '', read: () => this.families }
  readonly explorer = new FakeExplorer({ hash: fakeHash(0), number: 0 })
  readonly queries = new FakeQueries()
  readonly sessionKeys: FakeSessionKeys

  constructor(keys?: NetworkKeys) {
    this.sessionKeys = new FakeSessionKeys(keys)
  }

  progress(): Progress {
    return progressOf(this)
  }

  async diskParts(): Promise<{ state: number; blocks: number }> {
    return { state: 1_100_000_000, blocks: 40_000_000 }
  }

  async runtimeVersion(): Promise<RuntimeVersion> {
    return versionOf('nodestead')
  }

  /** What its table of authorities shows. */
  authorityReport: AuthorityReport | undefined
  days: readonly DayRecord[] = []
  readonly record = { days: () => this.days, silence: () => undefined }
  readonly authorities = { report: () => this.authorityReport }
  async lookUpAuthor(): Promise<string> {
    return this.authorOf()
  }
  timeOf(): undefined {
    return undefined
  }
  authorOf(): string {
    return 'Alice'
  }

  onFailure(): () => void {
    return () => undefined
  }
}

interface FakeNode {
  readonly history: MetricsHistory
  summary: NetworkSummary
  running: FakeRunningNode | undefined
  blocks: BlockSummary[]
  cancel: Disposer | undefined
}

export interface FakeManagerOptions {
  /** The first network has a week of figures behind it. */
  readonly seedHistory?: boolean
  readonly vault?: PassphraseVault | undefined
  readonly clock: Clock
  /** Milliseconds between blocks of a running network; without it blocks come from `produce` alone. */
  readonly blockEveryMs?: number
  /** How long a start or a stop takes. */
  readonly transitionMs?: number
}

export class FakeManager implements NodeManagerView {
  readonly events = new Emitter<ManagerEvents>()
  readonly logger = createLogger([(record) => this.#keep(record)])
  readonly #options: FakeManagerOptions
  readonly #nodes = new Map<string, FakeNode>()
  readonly #logs: LogRecord[] = []
  readonly keyrings: Keyrings
  #keysFolder: string | undefined
  diskUse: NetworkDisk = { dataBytes: 1_200_000_000, freeBytes: 64_000_000_000, totalBytes: 256_000_000_000, parts: { state: 1_100_000_000, blocks: 40_000_000 } }
  /** `<network> <code> <action>` of each call. */
  readonly mended: string[] = []
  readonly #troubles = new Map<string, readonly Trouble[]>()
  /** The next start fails with this. */
  failNextStart: NodeError | undefined

  constructor(options: FakeManagerOptions) {
    this.#options = options
    const cheap = { n: 1024, r: 8, p: 1 }
    this.keyrings = new Keyrings({ logger: this.logger, clock: options.clock, vault: options.vault }, { cost: cheap })
    for (const [id, name] of [['dev', 'Development'], ['local', 'Local']] as const) {
      const history = fakeHistory(options.clock, options.seedHistory === true && id === 'dev' ? seededImage(options.clock.now()) : undefined)
      this.#nodes.set(id, { history, summary: { id, name, kind: 'chain', screens: CHAIN.screens, status: { ...STOPPED, chainName: name } }, running: undefined, blocks: [], cancel: undefined })
    }
  }

  networks(): readonly NetworkSummary[] {
    return [...this.#nodes.values()].map(({ summary }) => summary)
  }

  async start(network: string): Promise<void> {
    const node = this.#node(network)
    if (node.summary.status.state === 'running') return
    this.#update(node, { state: 'starting', failure: undefined })
    await this.#pause()
    const failure = this.failNextStart
    if (failure !== undefined) {
      this.failNextStart = undefined
      this.#update(node, { state: 'failed', failure: { code: failure.code, message: failure.message, hint: failure.hint } })
      throw failure
    }
    node.running = new FakeRunningNode(this.keys(network))
    const now = this.#options.clock.now()
    const best = node.summary.status.newest ?? { hash: fakeHash(0), number: 0 }
    this.#update(node, {
      state: 'running',
      startedAt: now,
      newestChangedAt: now,
      newest: best,
      settled: node.summary.status.settled ?? best,
      details: chainDetails({ genesisHash: fakeHash(0), rpcAddress: 'ws://127.0.0.1:9944' }),
    })
    this.log('info', 'manager', `${node.summary.name} started`)
    if (this.#options.blockEveryMs !== undefined) this.#produceLater(node)
  }

  async stop(network: string): Promise<void> {
    const node = this.#node(network)
    if (node.summary.status.state === 'stopped') return
    node.cancel?.()
    node.running = undefined
    this.#update(node, { state: 'stopping' })
    await this.#pause()
    this.#update(node, { state: 'stopped', startedAt: undefined, details: chainDetails({ genesisHash: fakeHash(0) }) })
    this.log('info', 'manager', `${node.summary.name} stopped`)
  }

  async restart(network: string): Promise<void> {
    await this.stop(network)
    await this.start(network)
  }

  async stopAll(): Promise<void> {
    for (const id of this.#nodes.keys()) await this.stop(id)
    await this.keyrings.lockAll()
    if (this.#keysFolder !== undefined) rmSync(this.#keysFolder, { recursive: true, force: true })
    this.#keysFolder = undefined
  }

  /** As it began, but for keys and figures. */
  async forget(): Promise<void> {
    for (const [id, node] of this.#nodes) {
      await this.stop(id)
      node.blocks = []
      node.summary = { ...node.summary, status: { ...STOPPED, chainName: node.summary.name } }
      this.setTroubles(id, [])
    }
    this.#logs.length = 0
    this.mended.length = 0
    this.failNextStart = undefined
  }

  node(network: string): FakeRunningNode | undefined {
    return this.#node(network).running
  }

  keys(network: string): NetworkKeys {
    return this.keyrings.at(join(this.#folder(), this.#node(network).summary.id))
  }

  history(network: string): MetricsHistory {
    return this.#node(network).history
  }

  async disk(network: string): Promise<NetworkDisk> {
    this.#node(network)
    return this.diskUse
  }

  troubles(network: string): readonly Trouble[] {
    return this.#troubles.get(this.#node(network).summary.id) ?? []
  }

  /** How often it heard that the computer woke up. */
  woken = 0

  wake(): void {
    this.woken++
  }

  stopping(): readonly string[] {
    return this.networks().flatMap(({ name, status }) => (status.state === 'stopping' ? [name] : []))
  }

  /** What is wrong from now on. */
  setTroubles(network: string, troubles: readonly Trouble[]): void {
    this.#troubles.set(network, troubles)
    this.events.emit('troubles', { network, troubles })
  }

  /** Writes down what was asked for; the trouble is over, and a node that was to run runs. */
  async mend(network: string, code: TroubleCode, action: TroubleAction): Promise<void> {
    this.mended.push(`${network} ${code} ${action}`)
    if (['start', 'free-port', 'set-aside'].includes(action)) await this.start(network)
    if (action === 'restart') await this.restart(network)
    this.setTroubles(network, this.troubles(network).filter((trouble) => trouble.code !== code))
  }

  latestBlocks(network: string, count: number): readonly BlockSummary[] {
    return this.#node(network).blocks.slice(0, count)
  }

  recentLogs(count: number): readonly LogRecord[] {
    return this.#logs.slice(-count)
  }

  /** Makes the next block of a network. */
  produce(network: string): BlockSummary {
    const node = this.#node(network)
    const number = (node.summary.status.newest?.number ?? 0) + 1
    const block: BlockSummary = {
      number,
      hash: fakeHash(number),
      parentHash: fakeHash(number - 1),
      author: 'Alice',
      extrinsics: 2,
      time: this.#options.clock.now(),
      finalized: false,
    }
    node.blocks.unshift(block)
    node.blocks.length = Math.min(node.blocks.length, 200)
    this.events.emit('block', { network, block })
    const finalized = Math.max(0, number - FINALITY_LAG)
    node.blocks = node.blocks.map((known) => (known.number <= finalized ? { ...known, finalized: true } : known))
    const head = { hash: fakeHash(finalized), number: finalized }
    node.running?.explorer.add(block, head)
    this.events.emit('finalized', { network, head })
    this.#update(node, { newest: { hash: block.hash, number }, newestChangedAt: block.time, settled: head })
    this.log('info', 'core', 'imported a block', { number, hash: block.hash })
    return block
  }

  /** Changes a status, as an event of the node would. */
  setStatus(network: string, change: Partial<NodeStatus>): void {
    this.#update(this.#node(network), change)
  }

  log(level: LogLevel, module: string, message: string, fields?: Record<string, unknown>): void {
    this.#keep({ time: this.#options.clock.now(), level, module, message, fields })
  }

  /** Made when the first key is asked for. */
  #folder(): string {
    return (this.#keysFolder ??= mkdtempSync(join(tmpdir(), 'nodestead-keys-')))
  }

  #keep(record: LogRecord): void {
    this.#logs.push(record)
    if (this.#logs.length > KEPT_LOGS) this.#logs.shift()
    this.events.emit('log', record)
  }

  #node(network: string): FakeNode {
    const node = this.#nodes.get(network)
    if (node === undefined) throw new NodeError('MANAGER_UNKNOWN_NETWORK', `There is no network "${network}".`)
    return node
  }

  #update(node: FakeNode, change: Partial<NodeStatus>): void {
    node.summary = { ...node.summary, status: { ...node.summary.status, ...change } }
    this.events.emit('status', node.summary)
  }

  #pause(): Promise<void> {
    const { clock, transitionMs = 0 } = this.#options
    return transitionMs === 0 ? Promise.resolve() : new Promise((resolve) => clock.schedule(transitionMs, resolve))
  }

  #produceLater(node: FakeNode): void {
    node.cancel = this.#options.clock.schedule(this.#options.blockEveryMs as number, () => {
      this.produce(node.summary.id)
      this.#produceLater(node)
    })
  }
}
