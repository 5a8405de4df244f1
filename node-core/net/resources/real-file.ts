/**
 * Opens a file where its path says that it lies, and nowhere else: no link at the end of the path is followed, and once it is open it is looked at where it really
 * lies. So whoever may change links in a folder cannot have another file read or written in place of the one that was judged.
 */
import { constants, type BigIntStats } from 'node:fs'
import { lstat, open, readlink, realpath, type FileHandle } from 'node:fs/promises'

/** A pipe is not waited for, and no link followed; Windows knows neither. */
const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

export class NotThereError extends Error {
  constructor(path: string) {
    super(`${path} leads to another place`)
  }
}

/** `path` has no links in it. `flags`: as of open(2). Rejects with a {@link NotThereError}, or the system's error. */
export async function openReal(path: string, flags: number, mode?: number): Promise<FileHandle> {
  const file = await openPlain(path, flags, mode)
  try {
    if (await isAt(file, path)) return file
    throw new NotThereError(path)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** A file, and no link to one at the end of the path; the folders before may have links. Rejects as {@link openReal} does. */
export async function openPlain(path: string, flags: number, mode?: number): Promise<FileHandle> {
  const file = await open(path, flags | CAREFULLY, mode).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOOP' ? new NotThereError(path) : error
  })
  try {
    if ((await file.stat()).isFile()) return file
    throw new NotThereError(path)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function isAt(file: FileHandle, path: string): Promise<boolean> {
  // What the system says of the open file cannot be changed in between.
  const real = process.platform === 'linux' ? await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined) : undefined
  if (real !== undefined) return real === path
  const [opened, there] = await Promise.all([file.stat({ bigint: true }), lstat(path, { bigint: true })])
  return isSame(opened, there) && (await realpath(path)) === path
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev
}
