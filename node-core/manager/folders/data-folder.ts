/** Folders for data: whether one can be used, how much room there is, and what lies in it. */
import { constants } from 'node:fs'
import { access, lstat, readdir, rm, rmdir, statfs } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { NodeError } from '../../base/errors.ts'

export type DataFolderErrorCode = 'FOLDER_NOT_USABLE' | 'FOLDER_UNUSUAL_FILE'

export type FolderProblem = 'relative' | 'not-a-folder' | 'not-empty' | 'not-writable' | 'in-use' | 'unreachable'

export interface FolderCheck {
  readonly path: string
  readonly exists: boolean
  /** Undefined where it can be used. */
  readonly problem: FolderProblem | undefined
  /** Bytes of its disk that this user may still take; undefined where it cannot be told. */
  readonly freeBytes: number | undefined
  readonly totalBytes: number | undefined
}

/** `taken` are folders of networks: one within another would be moved or deleted with it. */
export async function checkFolder(path: string, taken: readonly string[] = []): Promise<FolderCheck> {
  if (!isAbsolute(path)) return { path, exists: false, problem: 'relative', freeBytes: undefined, totalBytes: undefined }
  const folder = resolve(path)
  const stats = await lstat(folder).catch(() => undefined)
  const exists = stats !== undefined
  const standing = await nearestExisting(folder)
  const disk = standing === undefined ? undefined : await statfs(standing).catch(() => undefined)
  const problem = await problemOf(folder, standing, taken, stats?.isDirectory())
  return {
    path: folder,
    exists,
    problem,
    freeBytes: disk === undefined ? undefined : disk.bavail * disk.bsize,
    totalBytes: disk === undefined ? undefined : disk.blocks * disk.bsize,
  }
}

async function problemOf(folder: string, standing: string | undefined, taken: readonly string[], isDirectory: boolean | undefined): Promise<FolderProblem | undefined> {
  if (standing === undefined) return 'unreachable'
  if (isDirectory === false) return 'not-a-folder'
  if (taken.some((other) => isWithin(folder, other) || isWithin(other, folder))) return 'in-use'
  try {
    await access(standing, constants.W_OK | constants.X_OK)
    if (isDirectory === true && (await readdir(folder)).length > 0) return 'not-empty'
  } catch {
    return 'not-writable'
  }
  return undefined
}

/** True for the folder itself, too. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

async function nearestExisting(path: string): Promise<string | undefined> {
  for (let at = path; ; at = dirname(at)) {
    const stats = await lstat(at).catch(() => undefined)
    if (stats !== undefined) return at
    if (dirname(at) === at) return undefined
  }
}

export interface DataFile {
  /** Relative to the folder. */
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  readonly mode: number
}

export interface DataTree {
  readonly files: readonly DataFile[]
  /** Relative, parents first, with their modes. */
  readonly folders: readonly { readonly path: string; readonly mode: number }[]
  readonly bytes: number
}

/** Everything in `paths` (relative to `folder`) and below. What is neither file nor folder is an error: nobody puts that there by accident. */
export async function readTree(folder: string, paths: readonly string[]): Promise<DataTree> {
  const files: DataFile[] = []
  const folders: { path: string; mode: number }[] = []
  const visit = async (path: string): Promise<void> => {
    const stats = await lstat(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (stats === undefined) return
    if (stats.isFile()) files.push({ path, size: stats.size, mtimeMs: stats.mtimeMs, mode: stats.mode & 0o777 })
    else if (stats.isDirectory()) {
      folders.push({ path, mode: stats.mode & 0o777 })
      for (const name of (await readdir(join(folder, path))).sort()) await visit(join(path, name))
    } else {
      throw new NodeError<DataFolderErrorCode>('FOLDER_UNUSUAL_FILE', `${join(folder, path)} is neither a file nor a folder.`, {
        hint: 'Remove it from the folder: only plain files and folders can be moved.',
      })
    }
  }
  for (const path of paths) await visit(path)
  return { files, folders, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

/** Deletes `paths` (relative to `folder`), then the folders above them as far as they are empty, `folder` included. */
export async function removeOwned(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(join(folder, path), { recursive: true, force: true, maxRetries: 3 })
  const parents = new Set(paths.map((path) => dirname(path)).filter((path) => path !== '.'))
  for (const parent of parents) await rmdir(join(folder, parent)).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}

/** Throws FOLDER_NOT_USABLE with the reason, or for want of room. `needed` in bytes. */
export function requireUsable(check: FolderCheck, needed = 0): void {
  if (check.problem !== undefined) {
    const { reason, hint } = PROBLEMS[check.problem]
    throw new NodeError<DataFolderErrorCode>('FOLDER_NOT_USABLE', `The folder ${check.path} cannot be used: ${reason}.`, { data: { problem: check.problem, path: check.path }, hint })
  }
  if (check.freeBytes !== undefined && check.freeBytes < needed) {
    throw new NodeError<DataFolderErrorCode>('FOLDER_NOT_USABLE', `${check.path} has room for ${gigabytes(check.freeBytes)}, and ${gigabytes(needed)} are needed.`, {
      data: { problem: 'full', path: check.path, freeBytes: check.freeBytes, needed },
      hint: 'Choose a folder on another disk, or free up space.',
    })
  }
}

const PROBLEMS: Record<FolderProblem, { reason: string; hint: string }> = {
  relative: { reason: 'it is not an absolute path', hint: 'Begin with the root or the drive.' },
  'not-a-folder': { reason: 'it is a file', hint: 'Choose a folder.' },
  'not-empty': { reason: 'there are files in it', hint: 'Choose an empty folder, or one that does not exist yet.' },
  'not-writable': { reason: 'you have no permission to write there', hint: 'Choose a folder of your own.' },
  'in-use': { reason: 'it is, holds or lies within the folder of another network', hint: 'Choose another folder.' },
  unreachable: { reason: 'no part of it exists', hint: 'Check that the disk is connected.' },
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
