/**
 * A thread in which buffers die young: says by how much the memory of buffers grew, and whether collections of the young generation
 * freed it again. A thread has a heap of its own, so no buffers of other tests are freed in between.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { collectGarbage, youngCollector } from '../../node-core/base/memory.ts'

export interface YoungBuffers {
  /** In bytes. */
  readonly grown: number
  readonly left: number
}

const FREED_BELOW = 2_000_000
/** V8 frees what a collection found dead beside the thread, and counts that with the next one. */
const WAIT_MS = 10
/** Long before V8 collects all by itself, since little is allocated here: after some seconds. */
const MOST_WAITS = 100

const collectYoung = youngCollector()
collectGarbage()
const before = getHeapStatistics().external_memory
const more = () => getHeapStatistics().external_memory - before
for (let i = 0; i < 100; i++) Buffer.allocUnsafeSlow(100_000)
const grown = more()
await new Promise((resolve) => setImmediate(resolve))
for (let waits = 0; more() >= FREED_BELOW && waits < MOST_WAITS; waits++) {
  collectYoung()
  await delay(WAIT_MS)
}
parentPort?.postMessage({ grown, left: more() } satisfies YoungBuffers)
