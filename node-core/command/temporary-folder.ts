/** Data folders of nodes that keep nothing: `--tmp`, and `--dev` without a folder. They lie with the system's temporary files, and are found again by their name. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'nodestead-'
const NAME = /^nodestead-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Folders that killed nodes left count too; nobody has more than these. */
const MOST = 256

/** Makes one that is its owner's alone. */
export function makeTemporaryPath(): string {
  const path = join(tmpdir(), `${PREFIX}${randomUUID()}`)
  mkdirSync(path, { mode: 0o700 })
  return path
}

/** Those of this user, the newest first: with running nodes, and left by killed ones. Others may make files of such names, and none of these counts. */
export async function temporaryPaths(uid = process.getuid?.(), within = tmpdir()): Promise<readonly string[]> {
  const names = (await readdir(within).catch(() => [])).filter((name) => NAME.test(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(within, name)
      const facts = await lstat(path).catch(() => undefined)
      return facts?.isDirectory() === true && (uid === undefined || (facts.uid === uid && (facts.mode & 0o077) === 0)) ? [{ path, at: facts.birthtimeMs }] : []
    }),
  )
  return found.flat().toSorted((one, other) => other.at - one.at).slice(0, MOST).map(({ path }) => path)
}
