/**
 * A small file of several processes that is read, changed and written anew: one of them at a time. The lock is a file beside it, made by whoever holds it, with
 * its process in it. One of a process that is gone is taken away.
 */
import { randomBytes } from 'node:crypto'
import { open, readFile, rm, stat } from 'node:fs/promises'
import type { Clock } from './clock.ts'

/** A lock is held for the time of one write. What is younger than this is left alone: its process may not have written itself into it yet, or be one of a container, where numbers are others. */
const STALE_AFTER_MS = 2_000
const LONGEST_WAIT_MS = 30_000
const RETRY_MS = 15

export interface FileLockOptions {
  readonly clock: Clock
  /** Made when the lock is not had in time. `holder`: the process, where that is known. */
  readonly refuse: (holder: number | undefined) => Error
}

/** Runs `work` while no other holds the lock at `path`, whose folder is there. Waits for 30 seconds at most. */
export async function withFileLock<T>(path: string, work: () => Promise<T>, { clock, refuse }: FileLockOptions): Promise<T> {
  const own = `${process.pid} ${randomBytes(8).toString('hex')}\n`
  const until = clock.now() + LONGEST_WAIT_MS
  while (!(await made(path, own))) {
    await breakStale(path)
    if (clock.now() >= until) throw refuse(processOf(await contentOf(path)))
    await new Promise<void>((resolve) => void clock.schedule(RETRY_MS * (1 + Math.random()), resolve))
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

/** False where somebody holds it. */
async function made(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    // Windows says EPERM of a file that is just being deleted.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || (process.platform === 'win32' && code === 'EPERM')) return false
    throw error
  }
}

/** Takes a lock away whose process is gone. Who does it holds a lock for that, so that no second one takes away the next. */
async function breakStale(path: string): Promise<void> {
  const seen = await staleContent(path)
  if (seen === undefined) return
  const breaking = `${path}.breaking`
  if (!(await made(breaking, `${process.pid}\n`))) {
    // The system's time of a file against the system's: nothing else can tell how old it is.
    const age = await ageOf(breaking)
    if (age !== undefined && age > 10 * STALE_AFTER_MS) await rm(breaking, { force: true })
    return
  }
  try {
    if ((await staleContent(path)) === seen) await rm(path, { force: true })
  } finally {
    await rm(breaking, { force: true })
  }
}

/** Undefined where there is no lock, or one that may be held. */
async function staleContent(path: string): Promise<string | undefined> {
  const [age, content] = [await ageOf(path), await contentOf(path)]
  if (age === undefined || age < STALE_AFTER_MS || content === undefined) return undefined
  const holder = processOf(content)
  return holder !== undefined && isAlive(holder) ? undefined : content
}

async function ageOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? undefined : Date.now() - found.mtimeMs
}

function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function processOf(content: string | undefined): number | undefined {
  const pid = Number(/^(\d{1,10}) /.exec(content ?? '')?.[1] ?? Number.NaN)
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
