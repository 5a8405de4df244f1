/** A whole node on the development network, in this process, with a clock that the test turns. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema, type NodeOptions, type WellKnownAccount } from '../../node-core/chain/node/options.ts'
import type { CarriedRuntime } from '../../node-core/chain/upgrades/carried.ts'

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
  /** Authors though the other authorities of its network are not there. */
  readonly forceAuthoring?: boolean
  /** Seals on request in place of consensus. */
  readonly sealing?: NodeOptions['sealing']
  readonly finalizeDelaySec?: number
  readonly forceSealing?: boolean
  /** What its data have reached before. */
  readonly seen?: { readonly newest: number; readonly settled: number }
  /** The runtime that its installation has. */
  readonly carried?: CarriedRuntime
  /** From 0 to 1: how much longer than they must its keys listen. */
  readonly random?: () => number
}

export class DevNode {
  readonly node: Node
  readonly clock: FakeClock
  readonly basePath: string
  readonly logs: readonly LogRecord[]
  readonly #ownsFolder: boolean

  static async start(options: DevNodeOptions = {}): Promise<DevNode> {
    const { chain = 'dev', account = 'alice', validator = true, clock = new FakeClock(START_MS) } = options
    const basePath = options.basePath ?? (await mkdtemp(join(tmpdir(), 'nodestead-node-')))
    const spec = options.spec ?? (await loadChainSpec(chain, { chainsPath: CHAINS }))
    const logs: LogRecord[] = []
    const logger = createLogger([(record) => logs.push(record)], { default: 'debug' })
    const node = await Node.create({
      spec,
      options: nodeOptionsSchema.parse({ chain, basePath, validator, forceAuthoring: options.forceAuthoring ?? false, account: validator ? account : undefined, sealing: options.sealing, finalizeDelaySec: options.finalizeDelaySec, forceSealing: options.forceSealing, rpc: { port: 0 }, prometheus: { enabled: true, port: 0 }, network: { port: 0, mdns: false, bootnodes: [...(options.bootnodes ?? [])] } }),
      logger,
      clock,
      carried: options.carried,
      seen: options.seen,
      random: options.random ?? (() => 0),
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
  }

  /** Lets `count` slots pass, second by second. */
  async slots(count: number): Promise<void> {
    for (let second = 0; second < count * (this.node.slotDurationMs / 1000); second++) await this.#advance(1000)
  }

  /**
   * One slot, second by second, and none before the runtime has answered what it was asked until then, as for a peer: its time
   * limits are this node's time, which must not pass while it works.
   */
  async slotOfAnswers(): Promise<void> {
    const { blocks, runtime, slotDurationMs } = this.node
    for (let second = 0; second < slotDurationMs / 1000; second++) {
      await this.#advance(1000)
      const best = blocks.header(blocks.best().hash)
      if (best === undefined) continue
      // Each lane answers in order: what was asked of it before is answered by then. Proofs for light clients have one of their own.
      await Promise.all([runtime.call(best.stateRoot, 'Core_version', new Uint8Array(0)), runtime.readProof(best.stateRoot, [new Uint8Array(1)])])
    }
  }

  /** Authors in one slot of each `stride`, `count` times: the node sleeps in between. */
  async leaps(count: number, stride: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.skip(stride * this.node.slotDurationMs - 1000)
      await this.#advance(1000)
    }
  }

  async #advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.node.core.idle()
    await this.node.core.pool.caughtUp()
  }

  /** Log records of at least this level, as `module: message`. */
  problems(): string[] {
    return this.logs.filter(({ level }) => level === 'warn' || level === 'error').map(({ module, message, fields }) => `${module}: ${message} ${JSON.stringify(fields ?? {})}`)
  }

  async stop(): Promise<void> {
    await this.node.stop()
    if (this.#ownsFolder) await rm(this.basePath, { recursive: true, force: true })
  }
}
