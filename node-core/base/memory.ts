/**
 * Memory that an idle thread gives back.
 *
 * V8 lets a heap grow while a program starts or works hard: the young generation to 48 MB on the main thread, and buffers outside of the
 * heap until the next collection. It collects when more is allocated, so a thread that has become idle keeps all of it for
 * as long as it stays idle. (V8 has a timer against that. It waits until little is allocated, and goes by what it measured at the
 * last collections: those of the start.)
 *
 * So each thread looks from time to time whether it is idle and holds more than after its last collection, and then collects. That takes the
 * thread 5 to 40 ms of processor time, at a moment when nothing else was to be done.
 */
import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setV8Flags } from './v8-flags.ts'

/** A share of the time since the last look; a thread that was busier is not idle. */
const IDLE_BELOW = 0.1
const LOOK_INTERVAL_MS = 10_000
/** Between collections. */
const REST_MS = 60_000
/** What a collection must promise, in bytes: less is not worth its time. */
const WORTH_BYTES = 8 * 1024 * 1024

export interface MeasuredThread {
  /** Milliseconds from any moment. */
  now(): number
  /** The share of time that the thread was busy since this was last asked, 0 to 1. */
  utilization(): number
  /** Bytes of memory that the heap holds, used or not, and what its objects hold elsewhere. */
  heldBytes(): number
  /** Collects all garbage of the thread, and returns its memory to the system. */
  collect(): void
}

export class MemoryKeeper {
  readonly #thread: MeasuredThread
  #heldAfter = 0
  #collectedAt = -Infinity

  constructor(thread: MeasuredThread) {
    this.#thread = thread
  }

  /** Collects where the thread is idle and it is worth it. */
  look(): void {
    const thread = this.#thread
    if (thread.utilization() >= IDLE_BELOW) return
    if (thread.now() - this.#collectedAt < REST_MS || thread.heldBytes() - this.#heldAfter < WORTH_BYTES) return
    thread.collect()
    this.#collectedAt = thread.now()
    this.#heldAfter = thread.heldBytes()
  }
}

/** From now on the calling thread gives back what it does not use. It ends all the same when nothing else holds it. */
export function giveMemoryBack(): void {
  let last = performance.eventLoopUtilization()
  const keeper = new MemoryKeeper({
    now: () => performance.now(),
    utilization: () => {
      const before = last
      last = performance.eventLoopUtilization()
      return performance.eventLoopUtilization(last, before).utilization
    },
    heldBytes: () => {
      const { total_physical_size, external_memory } = getHeapStatistics()
      return total_physical_size + external_memory
    },
    collect: collectGarbage,
  })
  setInterval(() => keeper.look(), LOOK_INTERVAL_MS).unref()
}

/** Collects all garbage of the calling thread. */
export function collectGarbage(): void {
  collect('regular')
}

/**
 * For the end of a start: collects as V8 does when memory runs out, so that the young generation is small again as well, and a node that
 * has work from its first second on does not carry the room that reading its program took. Takes about twice as long.
 */
export function giveStartBack(): void {
  collect('last-resort')
}

/** A function that collects the young generation of the calling thread alone, which takes a millisecond or two. */
export function youngCollector(): () => void {
  const gc = garbageCollector()
  return () => gc?.({ type: 'minor', execution: 'sync' })
}

function collect(flavor: 'regular' | 'last-resort'): void {
  garbageCollector()?.({ type: 'major', execution: 'sync', flavor })
}

/** It comes from a context of its own, because the thread's was made before the flag for it was set (v8-flags.ts); that context is garbage where nobody keeps the function. */
function garbageCollector(): typeof globalThis.gc {
  setV8Flags()
  return runInNewContext('gc') as typeof globalThis.gc
}
