/**
 * Buffers of a thread that moves much: memory outside of the heap, which V8 frees when it collects the objects that stand for it.
 *
 * By itself V8 collects when so much is allocated that the heap should not grow further, and buffers count there (v8-flags.ts): a thread that takes
 * a hundred megabytes a second lets some hundred megabytes of dead ones lie. So it looks ten times a second how much lies there. Most buffers die young, and a
 * collection of the young generation, which takes a millisecond or two, frees them. Where much stays all the same, it has grown old, and all is collected.
 */
import { getHeapStatistics } from 'node:v8'
import { collectGarbage, youngCollector } from './memory.ts'

const LOOK_INTERVAL_MS = 100
/** More than after the last collection of the young, and of all, in bytes. */
export const YOUNG_BYTES = 32 * 1024 * 1024
export const OLD_BYTES = 128 * 1024 * 1024

export interface BufferThread {
  /** Bytes outside of the heap that its objects hold, dead ones included. */
  bufferBytes(): number
  collectYoung(): void
  collectAll(): void
}

export class BufferKeeper {
  readonly #thread: BufferThread
  #afterYoung: number
  #afterAll: number

  constructor(thread: BufferThread) {
    this.#thread = thread
    this.#afterYoung = this.#afterAll = thread.bufferBytes()
  }

  /** Collects where so much has been added that it is worth it. */
  look(): void {
    const thread = this.#thread
    let bytes = thread.bufferBytes()
    // Somebody else collected.
    this.#afterYoung = Math.min(this.#afterYoung, bytes)
    this.#afterAll = Math.min(this.#afterAll, bytes)
    if (bytes - this.#afterYoung < YOUNG_BYTES) return
    thread.collectYoung()
    bytes = thread.bufferBytes()
    if (bytes - this.#afterAll >= OLD_BYTES) {
      thread.collectAll()
      bytes = this.#afterAll = thread.bufferBytes()
    }
    this.#afterYoung = bytes
  }
}

/** From now on few dead buffers of the calling thread lie about. It ends all the same when nothing else holds it. */
export function keepBuffersLow(): void {
  const keeper = new BufferKeeper({ bufferBytes: () => getHeapStatistics().external_memory, collectYoung: youngCollector(), collectAll: collectGarbage })
  setInterval(() => keeper.look(), LOOK_INTERVAL_MS).unref()
}
