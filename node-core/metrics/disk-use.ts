/**
 * How much room a network's data takes and how much its volume has left. Counting means asking for the size of every
 * file below the folder, so it is done once in a while and the answer kept; what is free costs one call.
 */
import { lstat, readdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../base/clock.ts'

export interface DiskUse {
  /** Bytes of all files in the network's folder; 0 where there is none. */
  readonly dataBytes: number
  /** Bytes that the volume has left for this user, and its size. Undefined where the system does not say. */
  readonly freeBytes: number | undefined
  readonly totalBytes: number | undefined
}

/** A folder is counted anew after this many milliseconds. */
export const COUNT_INTERVAL_MS = 5 * 60_000
/** A folder below this many bytes is quickly counted, and that of a new network soon has more than nothing: sooner. */
const SMALL_BYTES = 100_000_000
const SMALL_INTERVAL_MS = 5_000

export class DiskMeter {
  readonly #folder: string
  readonly #clock: Clock
  #counted: { readonly at: number; readonly bytes: number } | undefined
  #counting: Promise<number> | undefined

  constructor(folder: string, clock: Clock) {
    this.#folder = folder
    this.#clock = clock
  }

  /** As counted last. */
  get dataBytes(): number | undefined {
    return this.#counted?.bytes
  }

  async measure(): Promise<DiskUse> {
    const [dataBytes, volume] = await Promise.all([this.#count(), volumeOf(this.#folder)])
    return { dataBytes, ...volume }
  }

  /** Bytes that the volume has left for this user. */
  async free(): Promise<number | undefined> {
    return (await volumeOf(this.#folder)).freeBytes
  }

  /** Many may ask at a time; one count answers them all. */
  #count(): Promise<number> {
    const counted = this.#counted
    if (counted !== undefined) {
      const interval = counted.bytes < SMALL_BYTES ? SMALL_INTERVAL_MS : COUNT_INTERVAL_MS
      if (this.#clock.now() - counted.at < interval) return Promise.resolve(counted.bytes)
    }
    this.#counting ??= folderSize(this.#folder)
      .then((bytes) => {
        this.#counted = { at: this.#clock.now(), bytes }
        return bytes
      })
      .finally(() => (this.#counting = undefined))
    return this.#counting
  }
}

/** Files come and go while they are counted: what is gone by then counts nothing. */
async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const entry of entries) {
    if (!entry.isFile()) continue
    bytes += await lstat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return bytes
}

/** Of the folder, or of the nearest one above that exists. */
async function volumeOf(folder: string): Promise<Omit<DiskUse, 'dataBytes'>> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, blocks, bsize } = await statfs(path)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isAbsent || dirname(path) === path) return { freeBytes: undefined, totalBytes: undefined }
    }
  }
}
