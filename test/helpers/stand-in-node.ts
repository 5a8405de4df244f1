/** A node without parts, for tests of the manager above it. */
import type { ChainView } from '../../node-core/chain/node/view.ts'
import type { ManagedNode, Progress } from '../../node-core/manager/kinds/kind.ts'
import type { JoiningStatus } from '../../node-core/chain/joining/types.ts'
import type { SyncStatus } from '../../node-core/chain/sync/types.ts'
import type { RuntimeVersion } from '../../node-core/chain/runtime/types.ts'
import { progressOf } from '../../node-core/chain/node/progress.ts'
import { BlockChain } from './block-chain.ts'
import { FakeAccounts, NO_AUTHORITY_CHANGES } from './fake-accounts.ts'
import { FakeExplorer } from './fake-explorer.ts'
import { FakeNetwork } from './fake-network.ts'
import type { Silence } from '../../node-core/chain/authorities/types.ts'
import { FakeSurroundings } from './fake-surroundings.ts'
import { FakeUpgrades } from './fake-upgrades.ts'
import { versionOf } from './runtime-version.ts'
import { FakeQueries } from './fake-queries.ts'

/** A node over a chain in memory that counts its starts and stops and fails on demand. */
export class StandInNode implements ManagedNode, ChainView {
  readonly queries = new FakeQueries()
  readonly kind = 'chain'
  readonly chainName = 'Development'
  readonly dataPath = '/data'
  readonly blocks = new BlockChain()
  readonly network = new FakeNetwork()
  readonly peerActions = this.network
  syncStatus: SyncStatus | undefined
  readonly sync = { status: () => this.syncStatus, peers: () => [], events: () => [] }
  joiningStatus: JoiningStatus | undefined
  readonly joining = { status: () => this.joiningStatus, outcome: () => undefined }
  readonly metrics = { text: async () => '', read: () => [] }
  readonly explorer = new FakeExplorer({ hash: '0x00', number: 0 })
  readonly sessionKeys = { kinds: async () => [], inUse: () => ({ keys: new Set<string>(), types: new Set<string>() }), refresh: async () => ({ keys: new Set<string>(), types: new Set<string>() }), rotate: async () => '0x' as const, rotateFor: async () => ({ keys: '0x', proof: undefined }) as const, development: () => [], developmentAuthors: async () => [] }
  readonly surroundings = new FakeSurroundings()
  readonly upgrades = new FakeUpgrades()
  readonly accounts = new FakeAccounts()
  readonly authorityChanges = NO_AUTHORITY_CHANGES
  readonly sealing = undefined
  readonly authoring = true
  validatorRefused = false
  readonly slotDurationMs = 6000
  rpcAddress: string | undefined = '127.0.0.1:9944'
  readonly calls: string[] = []
  startError: Error | undefined
  fail: (error: unknown) => void = () => undefined

  async start(): Promise<void> {
    this.calls.push('start')
    if (this.startError !== undefined) throw this.startError
  }

  async stop(): Promise<void> {
    this.calls.push('stop')
  }

  progress(): Progress {
    return progressOf(this)
  }

  async diskParts(): Promise<{ state: number; blocks: number }> {
    return { state: 1_100_000_000, blocks: 40_000_000 }
  }

  prepare: (share: number) => void = () => undefined
  onPreparing(listener: (share: number) => void): () => void {
    this.prepare = listener
    return () => undefined
  }

  runtimeName = 'nodestead'

  async runtimeVersion(): Promise<RuntimeVersion> {
    return versionOf(this.runtimeName)
  }

  /** Turns that it missed in a row. */
  silent: Silence | undefined
  readonly record = { days: () => [], silence: () => this.silent }
  readonly authorities = { report: () => undefined }
  async lookUpAuthor(): Promise<string> {
    return this.authorOf()
  }
  timeOf(): undefined {
    return undefined
  }
  authorOf(): string {
    return 'Alice'
  }

  onFailure(listener: (error: unknown) => void): () => void {
    this.fail = listener
    return () => {
      this.fail = () => undefined
    }
  }
}
