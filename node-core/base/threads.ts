/**
 * Worker threads: how they begin, how they end, and the process with them.
 *
 * A thread that ends waits in Node for what V8 compiles in the background, for any thread of the process. Should that wait be for
 * ever (v8-flags.ts keeps off the one reason that was seen), every later end of a thread waits as well, and so does the end of the
 * process. So nobody waits for a thread longer than {@link THREAD_END_LIMIT_MS}, and a process that has threads left is killed.
 */
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { systemClock, type Clock } from './clock.ts'
import { errorMessage } from './errors.ts'
import type { Logger } from './logger.ts'
import { setV8Flags } from './v8-flags.ts'

/** One ends in some ten milliseconds, on a busy computer in a few hundred. */
export const THREAD_END_LIMIT_MS = 3_000

/**
 * Megabytes of a thread's young generation. V8 goes by the computer's memory, up to 192 MB a thread on a large one; a thread that works
 * hard fills that before it collects, and gains no speed by it.
 */
const YOUNG_GENERATION_MB = 32

const living = new Set<Worker>()

export function beginThread(script: URL, options: WorkerOptions): Worker {
  setV8Flags()
  const thread = new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB }, ...options })
  living.add(thread)
  thread.once('exit', () => living.delete(thread))
  return thread
}

/**
 * Ends a thread. Resolves when it has ended, or, with a warning in the log, when its time is over; never rejects. The time is the computer's, which the thread
 * needs, whatever a node's clock says.
 */
export async function endThread(
  thread: { terminate(): Promise<unknown> },
  name: string,
  { clock = systemClock, logger }: { readonly clock?: Clock; readonly logger: Logger },
): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.schedule(THREAD_END_LIMIT_MS, () => reject(new Error(`It has not ended in ${THREAD_END_LIMIT_MS / 1000} s.`)))
  try {
    await Promise.race([thread.terminate(), late])
  } catch (error) {
    logger.warn('a thread did not stop', { thread: name, reason: errorMessage(error) })
  } finally {
    cancel()
  }
}

/**
 * Has the calling thread give way to the others of the process. Linux alone knows priorities of single threads; elsewhere, and where it
 * is not allowed, everything stays as it is.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    // `<process>/task/<thread>`: who reads it is told of itself.
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // No /proc here, or no leave.
  }
}

/** Milliseconds of a processor that the calling thread has had; where Node cannot tell (before 23.9), of the time that passed. */
export function threadTimeMs(): number {
  if (!('threadCpuUsage' in process)) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Ends the process by `exit`; where threads are left, which would hold it, by a signal: what is not on disk by then is lost. */
export function endProcess(exit: () => void): void {
  if (living.size === 0) exit()
  else process.kill(process.pid, 'SIGKILL')
}
