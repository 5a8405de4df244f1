/**
 * What keys have used of their day's quota. A day is one of UTC. The counts are written whole every {@link WRITE_EVERY_MS} in which one changed, and when the
 * gateway stops: one that is killed has forgotten at most what was asked in that time. Counts that cannot be read begin anew, which is logged.
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { readPrivate } from '../../base/private-file.ts'
import { ownFolder, writeWhole } from '../../base/whole-file.ts'

export const USAGE_FILE = 'gateway-usage.json'
export const WRITE_EVERY_MS = 5_000
const DAY_MS = 86_400_000
const MAX_BYTES = 4 * 1024 * 1024

const schema = z.strictObject({ version: z.literal(1), day: z.int(), used: z.record(z.string(), z.int().nonnegative()) })

export class Usage {
  readonly #folder: string
  readonly #clock: Clock
  readonly #logger: Logger
  /** Days since the Unix epoch. */
  #day: number
  #used = new Map<string, number>()
  #changed = false
  #cancel: Disposer | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string, clock: Clock, logger: Logger) {
    this.#folder = folder
    this.#clock = clock
    this.#logger = logger
    this.#day = this.#today()
  }

  async load(): Promise<void> {
    try {
      const text = await readPrivate(join(this.#folder, USAGE_FILE), { maxBytes: MAX_BYTES, refuse: () => new Error('other users can change it, or it is too large') })
      if (text === undefined) return
      const { day, used } = schema.parse(JSON.parse(text))
      if (day === this.#today()) this.#used = new Map(Object.entries(used))
    } catch (error) {
      this.#logger.warn('what keys have used of their quotas could not be read: the counts begin anew', { folder: this.#folder, reason: errorMessage(error) })
    }
  }

  /** Of today. */
  of(name: string): number {
    this.#turn()
    return this.#used.get(name) ?? 0
  }

  /** Counts one request: 0, or the milliseconds to the next day where the quota is used up. */
  take(name: string, perDay: number): number {
    const used = this.of(name)
    if (used >= perDay) return (this.#day + 1) * DAY_MS - this.#clock.now()
    this.#used.set(name, used + 1)
    this.#changed = true
    this.#cancel ??= this.#clock.schedule(WRITE_EVERY_MS, () => {
      this.#cancel = undefined
      void this.#write()
    })
    return 0
  }

  /** Writes what has changed. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await this.#write()
  }

  #turn(): void {
    const today = this.#today()
    if (today === this.#day) return
    this.#day = today
    this.#used.clear()
  }

  #today(): number {
    return Math.floor(this.#clock.now() / DAY_MS)
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (!this.#changed) return
      this.#changed = false
      try {
        await ownFolder(this.#folder)
        await writeWhole(this.#folder, USAGE_FILE, JSON.stringify({ version: 1, day: this.#day, used: Object.fromEntries(this.#used) }))
      } catch (error) {
        this.#changed = true
        this.#logger.warn('what keys have used of their quotas could not be written', { folder: this.#folder, reason: errorMessage(error) })
      }
    })
    return this.#writing
  }
}
