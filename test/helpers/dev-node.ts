/** A whole node on the development network, in this process, with a clock that the test turns. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../node-core/base/clock.ts'
import type { Disposer } from '../../node-core/base/disposers.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema, type NodeOptions, type WellKnownAccount } from '../../node-core/chain/node/options.ts'
import { RuntimeWorkers } from '../../node-core/chain/runtime/threads/executor.ts'
import type { CarriedRuntime } from '../../node-core/chain/upgrades/carried.ts'
import type { NetworkKeys } from '../../node-core/keystore/network-keys.ts'
import { livesBy, pass, reach, type Settling } from './passing-time.ts'

const CHAINS = join(import.meta.dirname, '../../out/chains')

/** Any moment will do; the middle of a slot keeps its two ends apart. */
const START_MS = 1_700_000_001_000

export interface DevNodeOptions {
  readonly chain?: string
  readonly account?: WellKnownAccount | undefined
  readonly validator?: boolean
  readonly basePath?: string
  readonly clock?: FakeClock
  readonly spec?: ChainSpec
  readonly bootnodes?: readonly string[]
  /** It speaks with these alone. */
  readonly reservedNodes?: readonly string[]
  /** Authors though the other authorities of its network are not there. */
  readonly forceAuthoring?: boolean
  /** Seals on request in place of consensus. */
  readonly sealing?: NodeOptions['sealing']
  readonly finalizeDelaySec?: number
  readonly forceSealing?: boolean
  /** How it catches up. */
  readonly sync?: NodeOptions['sync']
  /** Whose bodies it keeps. */
  readonly blocksPruning?: NodeOptions['blocksPruning']
  /** What its data have reached before. */
  readonly seen?: { readonly newest: number; readonly settled: number }
  /** The runtime that its installation has. */
  readonly carried?: CarriedRuntime
  /** From 0 to 1: how much longer than they must its keys listen. */
  readonly random?: () => number
  /** Of JSON-RPC; a free one where it is left out. */
  readonly rpcPort?: number
  /** Keys beside those of its account. */
  readonly keys?: NetworkKeys
}

export class DevNode implements Settling {
  readonly node: Node
  readonly clock: FakeClock
  readonly basePath: string
  readonly logs: readonly LogRecord[]
  readonly #ownsFolder: boolean
  readonly #leave: Disposer

  static async start(options: DevNodeOptions = {}): Promise<DevNode> {
    const { chain = 'dev', account = 'alice', validator = true, clock = new FakeClock(START_MS) } = options
    const basePath = options.basePath ?? (await mkdtemp(join(tmpdir(), 'nodestead-node-')))
    const spec = options.spec ?? (await loadChainSpec(chain, { chainsPath: CHAINS }))
    const logs: LogRecord[] = []
    const logger = createLogger([(record) => logs.push(record)], { default: 'debug' })
    const node = await Node.create({
      spec,
      options: nodeOptionsSchema.parse({ chain, basePath, validator, forceAuthoring: options.forceAuthoring ?? false, account: validator ? account : undefined, sealing: options.sealing, finalizeDelaySec: options.finalizeDelaySec, forceSealing: options.forceSealing, sync: options.sync, blocksPruning: options.blocksPruning, rpc: { port: options.rpcPort ?? 0 }, prometheus: { enabled: true, port: 0 }, network: { port: 0, mdns: false, bootnodes: [...(options.bootnodes ?? [])], reservedNodes: [...(options.reservedNodes ?? [])], reservedOnly: options.reservedNodes !== undefined } }),
      logger,
      clock,
      carried: options.carried,
      seen: options.seen,
      random: options.random ?? (() => 0),
      ...(options.keys === undefined ? {} : { keys: options.keys }),
    })
    await node.start()
    return new DevNode(node, clock, basePath, logs, options.basePath === undefined)
  }

  private constructor(node: Node, clock: FakeClock, basePath: string, logs: readonly LogRecord[], ownsFolder: boolean) {
    this.node = node
    this.clock = clock
    this.basePath = basePath
    this.logs = logs
    this.#ownsFolder = ownsFolder
    this.#leave = livesBy(clock, this)
  }

  /** Where others on this computer reach it over TCP. */
  get address(): string {
    const address = this.node.network.listenAddresses().find((text) => text.includes('127.0.0.1') && !text.includes('/ws'))
    if (address === undefined) throw new Error('the node does not listen on loopback')
    return address
  }

  /** Lets `count` slots pass, second by second. */
  async slots(count: number): Promise<void> {
    for (let second = 0; second < count * (this.node.slotDurationMs / 1000); second++) await pass(this.clock, 1000)
  }

  /** Authors in one slot of each `stride`, `count` times: the node sleeps in between. */
  async leaps(count: number, stride: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.skip(stride * this.node.slotDurationMs - 1000)
      await pass(this.clock, 1000)
    }
  }

  /** Lets time pass for all nodes on this one's clock until it is so. */
  reach(what: string, done: () => boolean | Promise<boolean>, stepMs?: number): Promise<void> {
    return reach(this.clock, what, done, stepMs)
  }

  async settled(): Promise<void> {
    const { core, runtime, record } = this.node
    // While a chain is joined its runtime works already.
    if (this.#runs) await core.idle()
    if (runtime instanceof RuntimeWorkers) await runtime.idle()
    if (this.#runs) await record.idle()
  }

  /** `node` may be stopped by itself, to be looked at. */
  get #runs(): boolean {
    try {
      return this.node.core.engine !== undefined
    } catch {
      return false
    }
  }

  /** Log records of at least this level, as `module: message`. */
  problems(): string[] {
    return this.logs.filter(({ level }) => level === 'warn' || level === 'error').map(({ module, message, fields }) => `${module}: ${message} ${JSON.stringify(fields ?? {})}`)
  }

  async stop(): Promise<void> {
    this.#leave()
    await this.node.stop()
    if (this.#ownsFolder) await rm(this.basePath, { recursive: true, force: true })
  }
}
