/**
 * The third part of the composition root: every folder's metrics in one registry, and the registry served to Prometheus.
 *
 * It starts last and stops first, so what the metrics read of always runs while somebody can ask. Where the chain is joined first it starts
 * with the network, and again with the rest: those of the consensus engine come then.
 */
import type { Clock } from '../../base/clock.ts'
import { Disposers } from '../../base/disposers.ts'
import type { MetricDefinition } from '../../base/metric.ts'
import type { Logger } from '../../base/logger.ts'
import { coreMetrics, type MeasuredCore } from '../core/metrics.ts'
import { joiningMetrics } from '../joining/metrics.ts'
import type { JoiningStatus } from '../joining/types.ts'
import { MetricsService, type NodeHealth } from '../../metrics/metrics-service.ts'
import type { PrometheusOptions } from '../../metrics/options.ts'
import { PROCESS_STARTED_AT, ProcessMetrics } from '../../metrics/process.ts'
import { MetricRegistry, type MetricsReader } from '../../metrics/registry.ts'
import { networkMetrics, type MeasuredNetwork } from '../../network/metrics.ts'
import { rpcMetrics, type MeasuredRpc } from '../rpc/metrics.ts'
import type { Service } from '../../base/service.ts'
import { declareStateMetrics } from '../state/metrics.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import { syncMetrics } from '../sync/metrics.ts'
import type { SyncReader } from '../sync/types.ts'
import { runtimeMetrics } from '../upgrades/metrics.ts'

export interface NodeMetricsDependencies {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly core: MeasuredCore
  readonly network: MeasuredNetwork
  readonly sync: SyncReader
  readonly joining: { status(): JoiningStatus | undefined }
  /** Where the network is opened to services and programs. */
  readonly net: { metrics(): readonly MetricDefinition[] } | undefined
  readonly rpc: MeasuredRpc & { health(): NodeHealth }
  readonly clock: Clock
  readonly logger: Logger
}

export interface NodeMetricsOptions {
  /** Identifier of the chain: a label of every series, as Substrate's nodes have it. */
  readonly chain: string
  readonly name: string
  readonly version: string
  readonly role: 'full' | 'authority'
  readonly prometheus: PrometheusOptions
}

export class NodeMetrics implements Service {
  readonly #deps: NodeMetricsDependencies
  readonly #options: NodeMetricsOptions
  readonly #registry: MetricRegistry
  readonly #process: ProcessMetrics
  readonly #server: MetricsService
  readonly #cleanUp = new Disposers()
  #isStarted = false
  #hasEngine = false

  constructor(dependencies: NodeMetricsDependencies, options: NodeMetricsOptions) {
    const { logger, clock } = dependencies
    this.#deps = dependencies
    this.#options = options
    this.#registry = new MetricRegistry(logger, { chain: options.chain })
    this.#process = new ProcessMetrics(clock)
    this.#server = new MetricsService({ source: this.#registry, health: () => dependencies.rpc.health(), logger }, options.prometheus)
  }

  /** Empty while the node does not run. */
  get reader(): MetricsReader {
    return this.#registry
  }

  /** Where Prometheus finds it; undefined where it is not served. */
  get address(): string | undefined {
    return this.#server.address
  }

  /** Throws a NodeError `METRICS_PORT_IN_USE` or `METRICS_LISTEN_FAILED`. */
  async start(): Promise<void> {
    const { core } = this.#deps
    if (!this.#isStarted) await this.#begin()
    this.#isStarted = true
    if (core.isRunning && !this.#hasEngine) {
      this.#registry.declare(...core.engine.metrics())
      this.#hasEngine = true
    }
  }

  async #begin(): Promise<void> {
    const { blocks, storage, core, network, sync, joining, rpc, net, clock } = this.#deps
    const { name, version, role } = this.#options
    const registry = this.#registry
    registry.declare({
      name: 'substrate_build_info',
      help: 'Always 1; the labels say what runs.',
      type: 'gauge',
      labels: ['name', 'version'],
      read: () => [{ labels: { name, version }, value: 1 }],
    })
    registry.declare({ name: 'substrate_process_start_time_seconds', help: 'When the process started, since the Unix epoch.', type: 'gauge', read: () => PROCESS_STARTED_AT })
    this.#cleanUp.add(declareStateMetrics(registry, blocks, clock, () => sync.status()?.highestBlock))
    registry.declare(...coreMetrics(core, role), ...networkMetrics(network), ...rpcMetrics(rpc), ...runtimeMetrics({ blocks, storage }))
    registry.declare(...syncMetrics(sync, () => joining.status() !== undefined), ...joiningMetrics(joining), ...(net?.metrics() ?? []))
    this.#process.declare(registry)
    await this.#process.start()
    await this.#server.start()
  }

  async stop(): Promise<void> {
    await this.#server.stop()
    await this.#process.stop()
    this.#cleanUp.dispose()
    this.#registry.clear()
    this.#isStarted = false
    this.#hasEngine = false
  }
}
