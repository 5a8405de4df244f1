/**
 * Who has the database open. LevelDB's own lock keeps a second process out but does not say who the first one is;
 * a small file beside the database does. It is information, not the lock: after a crash it stays behind and is overwritten.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface LockHolder {
  readonly pid: number
  /** Milliseconds since the Unix epoch. */
  readonly since: number
}

const FILE = 'lock-holder.json'

export async function writeLockHolder(dataPath: string, holder: LockHolder): Promise<void> {
  await writeFile(join(dataPath, FILE), `${JSON.stringify(holder)}\n`)
}

export async function removeLockHolder(dataPath: string): Promise<void> {
  await rm(join(dataPath, FILE), { force: true })
}

/** Undefined where there is no such file, or none that makes sense. */
export async function readLockHolder(dataPath: string): Promise<LockHolder | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(join(dataPath, FILE), 'utf8'))
    return isLockHolder(holder) ? holder : undefined
  } catch {
    return undefined
  }
}

function isLockHolder(value: unknown): value is LockHolder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid) &&
    'since' in value &&
    Number.isSafeInteger(value.since)
  )
}
