/**
 * From what the registry reads to what is remembered: gauges as they are, counters as their growth per second since the
 * last sample. A counter that fell, a clock that was turned back or a computer that slept begins anew: no rate is made up.
 */
import type { SeriesId, SeriesValues } from './history-series.ts'
import type { Labels } from '../../base/metric.ts'
import type { MetricFamily } from '../registry.ts'

/** Samples further apart than this have a gap between them. */
const LONGEST_STEP_SECONDS = 30

interface Reading {
  readonly at: number
  readonly bytesIn: number | undefined
  readonly bytesOut: number | undefined
  readonly cpu: number | undefined
  readonly intervals: number | undefined
  readonly intervalSeconds: number | undefined
}

export class HistorySampler {
  #last: Reading | undefined
  /** Seconds between the newest best blocks, and how long the next one has been waited for. */
  #blockTime: number | undefined
  #waited = 0

  /** `at` in seconds since the Unix epoch. The first sample has no rates. */
  sample(families: readonly MetricFamily[], at: number): SeriesValues {
    const value = (name: string, labels: Labels = {}): number | undefined =>
      families
        .find((family) => family.name === name)
        ?.samples.find((sample) => Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted))?.value
    const traffic = (direction: string) => value('substrate_sub_libp2p_network_bytes_total', { direction })
    const height = (status: string) => value('substrate_block_height', { status })

    const now: Reading = {
      at,
      bytesIn: traffic('in'),
      bytesOut: traffic('out'),
      cpu: value('process_cpu_seconds_total'),
      intervals: value('nodestead_best_block_intervals_total'),
      intervalSeconds: value('nodestead_best_block_interval_seconds_total'),
    }
    const seconds = at - (this.#last?.at ?? at)
    const last = seconds > 0 && seconds <= LONGEST_STEP_SECONDS ? this.#last : undefined
    this.#last = now

    const best = height('best')
    const finalized = height('finalized')
    const isBehind = value('substrate_sub_libp2p_is_major_syncing') === 1
    const isSyncing = isBehind || value('nodestead_sync_state', { state: 'syncing' }) === 1
    const figures: Record<SeriesId, number | undefined> = {
      bytesIn: growth(last?.bytesIn, now.bytesIn, seconds),
      bytesOut: growth(last?.bytesOut, now.bytesOut, seconds),
      blockTime: this.#nextBlockTime(last, now, isBehind),
      // At the first block there is nothing to be behind.
      finalityLag: best === undefined || best === 0 || finalized === undefined ? undefined : best - finalized,
      poolReady: value('nodestead_pool_transactions', { queue: 'ready' }),
      poolFuture: value('nodestead_pool_transactions', { queue: 'future' }),
      cpu: growth(last?.cpu, now.cpu, seconds),
      memory: value('process_resident_memory_bytes'),
      loopDelay: value('nodestead_event_loop_delay_seconds', { quantile: '0.99' }),
      dataSize: value('nodestead_data_bytes'),
      peers: value('substrate_sub_libp2p_peers_count'),
      syncRate: isSyncing ? value('nodestead_sync_blocks_per_second') : undefined,
    }
    return Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined))
  }

  /** Forgets what rates are counted from: what comes next is another run of the node. */
  reset(): void {
    this.#last = undefined
    this.#blockTime = undefined
    this.#waited = 0
  }

  /**
   * A step may hold no block where blocks are further apart than samples: then the time between the last ones still
   * holds, until more than that has passed.
   */
  #nextBlockTime(last: Reading | undefined, now: Reading, isBehind: boolean): number | undefined {
    const blocks = difference(last?.intervals, now.intervals)
    if (isBehind || last === undefined || blocks === undefined) {
      this.#blockTime = undefined
      this.#waited = 0
      return undefined
    }
    if (blocks > 0) {
      this.#blockTime = (difference(last.intervalSeconds, now.intervalSeconds) ?? 0) / blocks
      this.#waited = 0
    } else this.#waited += now.at - last.at
    return this.#blockTime === undefined ? undefined : Math.max(this.#blockTime, this.#waited)
  }
}

/** How much a counter grew; undefined where it fell. */
function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : now - before
}

function growth(before: number | undefined, now: number | undefined, seconds: number): number | undefined {
  const grown = difference(before, now)
  return grown === undefined ? undefined : grown / seconds
}
