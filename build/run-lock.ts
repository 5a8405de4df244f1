/**
 * One run of the tests at a time in a copy of the project: they build into the same folders and report into the same, so a second one
 * would take from the first what it works with.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError, ROOT } from './terminal.ts'

const LOCK = join(ROOT, 'out', 'tests.lock')

/** Does the work, or throws a BuildError that names the process that is at it. A file that a process left behind does not count. */
export async function runAlone<T>(work: () => Promise<T>, lock = LOCK): Promise<T> {
  await mkdir(dirname(lock), { recursive: true })
  while (!(await take(lock))) {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (isRunning(holder)) {
      throw new BuildError(`Process ${holder} runs tests in this folder, and both would use the same files. Wait for its end, or run these in another copy (git worktree add). If it is no run of tests, remove ${lock}.`)
    }
    await rm(lock, { force: true })
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
