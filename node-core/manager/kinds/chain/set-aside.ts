/**
 * Puts a database that cannot be used aside, so that the node begins anew and nothing is lost: `db` becomes
 * `db.aside-2026-11-21T07-30-00`, in the same folder. Keys and figures stay where they are.
 */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stampOf } from '../../folders/begin-anew.ts'

/** Gives the new path, or undefined where there was no database. */
export async function setDatabaseAside(dataPath: string, now: number): Promise<string | undefined> {
  const aside = join(dataPath, `db.aside-${stampOf(now)}`)
  try {
    await rename(join(dataPath, 'db'), aside)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  // It named the process that had the old one open.
  await rm(join(dataPath, 'lock-holder.json'), { force: true })
  return aside
}
