/**
 * The registry: every figure of one node, under names that do not change.
 *
 * A folder declares its metrics in its own `metrics.ts`, beside the code that they measure, as a name, a sentence and a
 * function that reads the figure from what the service keeps anyway. Reading happens when somebody asks, so a figure
 * that nobody looks at costs nothing. What is asked for goes to Prometheus (metrics-service.ts) and to the dashboard alike.
 *
 * Names: where Substrate's nodes have a name for the same fact this node uses it (`substrate_block_height`), so that the
 * dashboards and alerts that people have keep working; every other name begins with `nodestead_`. Units are the base
 * ones and stand at the end (`_bytes`, `_seconds`), counters end in `_total`. A label's values are known when the program
 * is written: never a peer, an address or a hash.
 */
import { Counter, Gauge, Registry } from 'prom-client'
import { errorMessage } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { Labels, MetricDeclarer, MetricDefinition, Sample } from '../base/metric.ts'

/** A metric with what was read of it, as plain data. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

/** What others may do with a registry. */
export interface MetricsReader {
  /** In Prometheus' text format. */
  text(): Promise<string>
  read(): readonly MetricFamily[]
}

/** More series than this under one name are a mistake in the labels, unless its definition says otherwise: the rest is left out. */
export const MAX_SERIES = 128

export class MetricRegistry implements MetricsReader, MetricDeclarer {
  readonly #definitions = new Map<string, MetricDefinition>()
  readonly #registry = new Registry()
  readonly #logger: Logger
  readonly #failed = new Set<string>()

  /** `common` are labels that every series carries. */
  constructor(logger: Logger, common: Labels = {}) {
    this.#logger = logger
    this.#registry.setDefaultLabels(common)
  }

  /** Throws where the name is taken, or is none. */
  declare(...definitions: readonly MetricDefinition[]): void {
    for (const definition of definitions) {
      const { name, help, type, labels = [] } = definition
      if (this.#definitions.has(name)) throw new Error(`two metrics are called ${name}`)
      this.#definitions.set(name, definition)
      const samples = (): readonly Sample[] => this.#samples(definition)
      const configuration = { name, help, labelNames: [...labels], registers: [this.#registry] }
      if (type === 'gauge') {
        new Gauge({
          ...configuration,
          collect() {
            this.reset()
            if (labels.length === 0) this.remove()
            for (const { labels: values, value } of samples()) this.set(values, value)
          },
        })
      } else {
        new Counter({
          ...configuration,
          collect() {
            this.reset()
            if (labels.length === 0) this.remove()
            for (const { labels: values, value } of samples()) this.inc(values, value)
          },
        })
      }
    }
  }

  /** Forgets every metric: what they read of is about to end. */
  clear(): void {
    this.#definitions.clear()
    this.#registry.clear()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  read(): readonly MetricFamily[] {
    return [...this.#definitions.values()].map((definition) => {
      const { name, help, type } = definition
      return { name, help, type, samples: this.#samples(definition) }
    })
  }

  /** What cannot be read is left out, and said once: the other figures are still worth having. */
  #samples({ name, type, read, maxSeries = MAX_SERIES }: MetricDefinition): readonly Sample[] {
    try {
      const result = read()
      const all = result === undefined ? [] : typeof result === 'number' ? [{ labels: {}, value: result }] : [...result]
      const usable = all.filter(({ value }) => Number.isFinite(value) && (type === 'gauge' || value >= 0))
      if (usable.length > maxSeries) this.#complain(name, `it has ${usable.length} series`)
      return usable.slice(0, maxSeries)
    } catch (error) {
      this.#complain(name, errorMessage(error))
      return []
    }
  }

  #complain(name: string, reason: string): void {
    if (this.#failed.has(name)) return
    this.#failed.add(name)
    this.#logger.warn('a metric was collected only in part', { name, reason })
  }
}
