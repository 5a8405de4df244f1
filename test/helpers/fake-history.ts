/** A history of metrics in memory, empty or as a node of a week would have left it: with a night in it when it was off. */
import type { Clock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Archive } from '../../node-core/metrics/history/history-archive.ts'
import { HistoryImage } from '../../node-core/metrics/history/history-file.ts'
import { SERIES, SPAN_IDS, SPANS, type Bounds, type SeriesId } from '../../node-core/metrics/history/history-series.ts'
import { MetricsHistory } from '../../node-core/metrics/history/history.ts'

/** Seconds before now: from when until when the node did not run. */
export const OFF = [
  { from: 1_800, until: 1_500 },
  { from: 50_000, until: 30_000 },
]

/** Repeats itself, between 0 and 1. */
function noise(time: number, salt: number): number {
  const value = Math.sin(time * 12.9898 + salt * 78.233) * 43758.5453
  return value - Math.floor(value)
}

function figures(time: number, step: number): Record<SeriesId, number> {
  // As many waves in a week as in an hour.
  const wave = (period: number) => (1 + Math.sin((time / (period * (step / 10))) * 2 * Math.PI)) / 2
  const jitter = (salt: number) => noise(Math.floor(time / step), salt)
  return {
    bytesIn: 9_000 + 30_000 * wave(2_400) + 8_000 * jitter(1),
    bytesOut: 6_000 + 20_000 * wave(3_100) + 5_000 * jitter(2),
    blockTime: 6 + (jitter(3) > 0.93 ? 6 : 0) + 0.1 * jitter(4),
    finalityLag: 2 + Math.floor(2 * jitter(5)),
    poolReady: Math.floor(12 * wave(1_800) * jitter(6)),
    poolFuture: Math.floor(3 * jitter(7) * wave(900)),
    cpu: 0.01 + 0.05 * jitter(8) * wave(1_200),
    memory: 210_000_000 + 40_000_000 * wave(5_400) + 2_000_000 * jitter(9),
    loopDelay: 0.004 + 0.012 * jitter(10) * wave(1_500),
    dataSize: 1_000_000_000 + (time % 604_800) * 330,
    peers: 8 + Math.round(5 * wave(4_000)),
    syncRate: 400 + 80 * jitter(11),
  }
}

export function seededImage(now: number): Buffer {
  const archives = SPAN_IDS.map((id) => new Archive(id, SPANS[id]))
  const seconds = Math.floor(now / 1000)
  for (const archive of archives) {
    const { stepSeconds, slots } = archive.span
    const newest = archive.slotOf(seconds)
    for (let time = newest - (slots - 1) * stepSeconds; time <= newest; time += stepSeconds) {
      const ago = seconds - time
      if (OFF.some(({ from, until }) => ago <= from && ago > until)) continue
      const values = figures(time, stepSeconds)
      const spread = archive.id === 'hour' ? 0 : 0.25
      const bounds: Partial<Record<SeriesId, Bounds>> = {}
      for (const series of SERIES) {
        // It caught up after it had been off, and only then.
        const isSyncing = OFF.some(({ until }) => ago <= until && ago > until - 180)
        if (series === 'syncRate' && !isSyncing) continue
        const avg = values[series]
        bounds[series] = { min: avg * (1 - spread * noise(time, 20)), avg, max: avg * (1 + spread * noise(time, 21)) }
      }
      archive.set(time, bounds)
    }
  }
  return new HistoryImage(archives).encode()
}

export function fakeHistory(clock: Clock, image?: Buffer): MetricsHistory {
  return new MetricsHistory({
    store: { load: async () => image, save: async () => undefined, patch: async () => true },
    disk: { dataBytes: undefined, measure: async () => ({ dataBytes: 0, freeBytes: undefined, totalBytes: undefined }) },
    clock,
    logger: silentLogger,
  })
}
