/**
 * What becomes of a database that cannot be used: it is repaired, or put aside, so that the node begins anew. Nothing is lost either way:
 * `db` becomes `db.aside-2026-11-21T07-30-00`, in the same folder. Keys and figures stay where they are.
 */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { hasLevel } from '../../../chain/state/leveldb/examine.ts'
import { stampOf } from '../../folders/begin-anew.ts'
import type { RepairReport } from '../kind.ts'

const FOLDER = 'db'

/** Gives the new path, or undefined where there was no database. */
export async function setDatabaseAside(dataPath: string, now: number): Promise<string | undefined> {
  const aside = join(dataPath, asideName(now))
  try {
    await rename(join(dataPath, FOLDER), aside)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  // It named the process that had the old one open.
  await rm(join(dataPath, 'lock-holder.json'), { force: true })
  return aside
}

/** Throws a StateError: STATE_DB_BEYOND_REPAIR, and then everything is as it was. */
export async function repairKeeping(dataPath: string, now: number): Promise<RepairReport> {
  // Rarely needed, and a part of the node: it is not read before.
  const { repairDatabase } = await import('../../../chain/state/repair.ts')
  const { aside, best } = await repairDatabase(dataPath, asideName(now), systemClock)
  return { kept: aside, newest: best.number }
}

export function hasDatabase(dataPath: string): Promise<boolean> {
  return hasLevel(join(dataPath, FOLDER))
}

function asideName(now: number): string {
  return `${FOLDER}.aside-${stampOf(now)}`
}
