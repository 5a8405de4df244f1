/** What a process holds, for tests that watch one of their own. */
import { runInNewContext } from 'node:vm'
import { keepBuffersLow } from '../../node-core/base/buffers.ts'

/** Bytes: what JavaScript holds, and the most that the process has taken. */
export interface HeldMemory {
  readonly held: number
  readonly peak: number
}

/** As a node does, from now on; the function measures. */
export function watchMemory(): () => HeldMemory {
  keepBuffersLow()
  const collect = runInNewContext('gc') as () => void
  return () => {
    // Buffers are freed beside a collection, and counted as gone by the next one.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return { held: heapUsed + external, peak: process.resourceUsage().maxRSS * 1024 }
  }
}
