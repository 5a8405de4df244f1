/**
 * What is remembered of a node's figures, and for how long. Pure data: the dashboard, the file and the sampler all go by it.
 */

/** In the order of the file's columns: a series is added at the end, and with it the file's version rises. */
export const SERIES = [
  /** Bytes per second from and to peers. */
  'bytesIn',
  'bytesOut',
  /** Seconds between best blocks; while one is late, how long it has been waited for. None during a major sync. */
  'blockTime',
  /** Blocks that the finalized one is behind the best. */
  'finalityLag',
  /** Transactions in the pool. */
  'poolReady',
  'poolFuture',
  /** Processor time per time, as a share of one core: above 1 where several are busy. */
  'cpu',
  /** Bytes. */
  'memory',
  /** Seconds, 99th percentile of the last full minute. */
  'loopDelay',
  /** Bytes of the network's data folder. */
  'dataSize',
  'peers',
  /** Blocks imported per second while syncing; none otherwise. */
  'syncRate',
] as const

export type SeriesId = (typeof SERIES)[number]

/** One figure for each series; undefined where there was none. */
export type SeriesValues = Readonly<Partial<Record<SeriesId, number>>>

export const SPAN_IDS = ['hour', 'day', 'week'] as const
export type SpanId = (typeof SPAN_IDS)[number]

export interface Span {
  readonly stepSeconds: number
  readonly slots: number
}

/** Each step is a multiple of the shortest, whose slots the others are put together from. */
export const SPANS: Readonly<Record<SpanId, Span>> = {
  hour: { stepSeconds: 10, slots: 360 },
  day: { stepSeconds: 120, slots: 720 },
  week: { stepSeconds: 900, slots: 672 },
}

/** What a slot holds of a series. In the shortest span the three are the same. */
export interface Bounds {
  readonly min: number
  readonly avg: number
  readonly max: number
}

export interface HistoryColumns {
  /** One for each time; null where nothing was measured. */
  readonly avg: readonly (number | null)[]
  /** Undefined for the shortest span: they are what `avg` is. */
  readonly min: readonly (number | null)[] | undefined
  readonly max: readonly (number | null)[] | undefined
}

/** A span as it stands: gapless times, the newest last. */
export interface HistoryTable {
  readonly span: SpanId
  readonly stepSeconds: number
  /** Where each slot begins, in seconds since the Unix epoch. */
  readonly times: readonly number[]
  readonly series: Readonly<Record<SeriesId, HistoryColumns>>
}

/** A slot that changed or is new. */
export interface HistoryPoint {
  readonly time: number
  readonly values: Readonly<Partial<Record<SeriesId, Bounds>>>
}
