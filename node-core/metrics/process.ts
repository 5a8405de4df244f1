/**
 * The process that the node runs in: memory, processor time, and how late the event loop is. The last one matters most
 * here: while it is late, no peer is heard. It is measured only while the node runs, and since the last time it was read
 * by nobody but itself: the figures are those of the newest full minute.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../base/clock.ts'
import type { Service } from '../base/service.ts'
import type { Sample } from '../base/metric.ts'
import type { MetricRegistry } from './registry.ts'

/** Each measurement wakes the process up; what is shorter than this may fall between two of them. */
const RESOLUTION_MS = 20
const WINDOW_MS = 60_000
const NANOSECONDS = 1e-9

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>

interface Delays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export class ProcessMetrics implements Service {
  readonly #clock: Clock
  #histogram: DelayHistogram | undefined
  #last: Delays | undefined
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async start(): Promise<void> {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#histogram.enable()
    this.#turnLater()
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#histogram?.disable()
    this.#histogram = undefined
    this.#last = undefined
  }

  /** How late the event loop was, in seconds, by quantile; none while it is not measured. */
  eventLoopDelay(): readonly Sample[] {
    const delays = this.#last ?? (this.#histogram === undefined ? undefined : delaysOf(this.#histogram))
    if (delays === undefined) return []
    return [
      { labels: { quantile: '0.5' }, value: delays.p50 },
      { labels: { quantile: '0.99' }, value: delays.p99 },
      { labels: { quantile: '1' }, value: delays.max },
    ]
  }

  declare(registry: MetricRegistry): void {
    registry.declare(
      { name: 'process_cpu_seconds_total', help: 'Processor time that the process has used, of all its threads.', type: 'counter', read: cpuSeconds },
      { name: 'process_resident_memory_bytes', help: 'Memory that the process holds.', type: 'gauge', read: () => process.memoryUsage.rss() },
      { name: 'process_start_time_seconds', help: 'When the process started, since the Unix epoch.', type: 'gauge', read: () => PROCESS_STARTED_AT },
      { name: 'nodejs_heap_size_used_bytes', help: "Memory in use on the main thread's heap.", type: 'gauge', read: () => process.memoryUsage().heapUsed },
      {
        name: 'nodestead_event_loop_delay_seconds',
        help: 'How late the main event loop was in the last full minute (before the first: so far); quantile 1 is the maximum.',
        type: 'gauge',
        labels: ['quantile'],
        read: () => this.eventLoopDelay(),
      },
    )
  }

  #turnLater(): void {
    this.#cancel = this.#clock.schedule(WINDOW_MS, () => {
      if (this.#histogram === undefined) return
      this.#last = delaysOf(this.#histogram)
      this.#histogram.reset()
      this.#turnLater()
    })
  }
}

/** In seconds since the Unix epoch. */
export const PROCESS_STARTED_AT = Math.round(Date.now() / 1000 - process.uptime())

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The histogram counts the timer's own interval: what is above it is delay. */
function delaysOf(histogram: DelayHistogram): Delays {
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds * NANOSECONDS - RESOLUTION_MS / 1000)
  return { p50: seconds(histogram.percentile(50)), p99: seconds(histogram.percentile(99)), max: seconds(histogram.max) }
}
