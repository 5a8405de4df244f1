/**
 * The history of one network's figures: the last hour, day and week, kept on disk, so that it is there after a restart
 * and while the node is stopped. While a node runs, its registry is read every ten seconds; what was not measured is a
 * gap. Longer spans are put together from the last hour's samples, so a restart within a slot loses nothing.
 *
 * The history is never worth more than the node: a file that cannot be read costs what was in it, one that cannot be
 * written is said once and goes on in memory.
 */
import type { Clock } from '../../base/clock.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { DiskMeter } from '../disk-use.ts'
import { Archive } from './history-archive.ts'
import { HistoryImage, type HistoryStore } from './history-file.ts'
import { HistorySampler } from './history-sampler.ts'
import { SERIES, SPAN_IDS, SPANS, type Bounds, type HistoryPoint, type HistoryTable, type SeriesId, type SeriesValues, type SpanId } from './history-series.ts'
import type { MetricFamily, MetricsReader } from '../registry.ts'

/** What the dashboard may do with a history. */
export interface HistoryReader {
  /** After each sample. */
  readonly events: EventSource<{ sample: undefined }>
  /** Resolves when what is on disk is here. Never rejects. */
  load(): Promise<void>
  /** A span as it stands now. */
  table(span: SpanId): HistoryTable
  /** The newest slot of a span; undefined where none was sampled since the program started. */
  newest(span: SpanId): HistoryPoint | undefined
}

export interface HistoryDependencies {
  readonly store: HistoryStore
  readonly disk: Pick<DiskMeter, 'dataBytes' | 'measure'>
  readonly clock: Clock
  readonly logger: Logger
}

const STEP_MS = SPANS.hour.stepSeconds * 1000

export class MetricsHistory implements HistoryReader {
  readonly events = new Emitter<{ sample: undefined }>()
  readonly #deps: HistoryDependencies
  readonly #archives: Readonly<Record<SpanId, Archive>>
  readonly #image: HistoryImage
  readonly #sampler = new HistorySampler()
  #loading: Promise<void> | undefined
  #newest: number | undefined
  #cancel: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()
  #unwritten: number[] = []
  #needsSaving = false
  #complained = false

  constructor(dependencies: HistoryDependencies) {
    this.#deps = dependencies
    this.#archives = { hour: new Archive('hour', SPANS.hour), day: new Archive('day', SPANS.day), week: new Archive('week', SPANS.week) }
    this.#image = new HistoryImage(SPAN_IDS.map((id) => this.#archives[id]))
  }

  load(): Promise<void> {
    return (this.#loading ??= this.#load())
  }

  table(span: SpanId): HistoryTable {
    return this.#archives[span].table(Math.floor(this.#deps.clock.now() / 1000))
  }

  newest(span: SpanId): HistoryPoint | undefined {
    const archive = this.#archives[span]
    return this.#newest === undefined ? undefined : archive.point(archive.slotOf(this.#newest))
  }

  /** Samples a running node until {@link stop}. */
  start(metrics: Pick<MetricsReader, 'read'>): void {
    this.#cancel?.()
    this.#sampler.reset()
    // What rates are counted from.
    this.#read(metrics)
    this.#sampleLater(metrics)
  }

  /** Resolves when everything is on disk. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await this.#loading
    await this.#writing
  }

  /** Takes figures for the present slot. */
  async add(values: SeriesValues): Promise<void> {
    const seconds = Math.floor(this.#deps.clock.now() / 1000)
    await this.load()
    const { hour, day, week } = this.#archives
    hour.set(hour.slotOf(seconds), boundsOf(values))
    for (const archive of [day, week]) archive.gather(archive.slotOf(seconds), hour)
    this.#newest = seconds
    this.#unwritten.push(seconds)
    this.#writing = this.#writing.then(() => this.#write())
    this.events.emit('sample', undefined)
    await this.#writing
  }

  /** Aims at the middle of each slot, so that a timer that is a little early or late falls into the right one. */
  #sampleLater(metrics: Pick<MetricsReader, 'read'>): void {
    const now = this.#deps.clock.now()
    const wait = STEP_MS - (now % STEP_MS) + STEP_MS / 2
    this.#cancel = this.#deps.clock.schedule(wait, () => {
      void this.add(this.#read(metrics))
      this.#sampleLater(metrics)
    })
  }

  #read(metrics: Pick<MetricsReader, 'read'>): SeriesValues {
    const { disk, clock } = this.#deps
    // For the next sample: counting takes its time.
    void disk.measure()
    const size: MetricFamily = {
      name: 'nodestead_data_bytes',
      help: "Bytes of the network's folder.",
      type: 'gauge',
      samples: disk.dataBytes === undefined ? [] : [{ labels: {}, value: disk.dataBytes }],
    }
    return this.#sampler.sample([...metrics.read(), size], clock.now() / 1000)
  }

  async #load(): Promise<void> {
    const { store, logger } = this.#deps
    try {
      const bytes = await store.load()
      const damaged = bytes === undefined ? 0 : this.#image.decode(bytes)
      if (damaged === undefined) {
        this.#needsSaving = true
        logger.warn('the metrics history starts over: its file is damaged or of another version')
      } else if (damaged > 0) logger.warn('damaged parts of the metrics history are skipped', { records: damaged })
    } catch (error) {
      this.#needsSaving = true
      logger.warn('the metrics history cannot be read and starts over', { reason: errorMessage(error) })
    }
  }

  async #write(): Promise<void> {
    const { store, logger } = this.#deps
    const samples = this.#unwritten.splice(0)
    if (samples.length === 0) return
    try {
      const pieces = samples.flatMap((seconds) => SPAN_IDS.map((id) => this.#image.piece(this.#archives[id], this.#archives[id].slotOf(seconds))))
      if (this.#needsSaving || !(await store.patch(pieces))) await store.save(this.#image.encode())
      this.#needsSaving = false
      this.#complained = false
    } catch (error) {
      // What is missing on disk is in memory: the next write that works brings all of it.
      this.#needsSaving = true
      if (!this.#complained) logger.warn('the metrics history cannot be written', { reason: errorMessage(error) })
      this.#complained = true
    }
  }
}

function boundsOf(values: SeriesValues): Partial<Record<SeriesId, Bounds>> {
  return Object.fromEntries(
    SERIES.flatMap((series) => {
      const value = values[series]
      return value === undefined ? [] : [[series, { min: value, avg: value, max: value }] as const]
    }),
  )
}
