/**
 * Moving a network's data to another folder, so that nothing can be lost on the way:
 *
 * 1. every file is copied, synced, read back and compared by its SHA-256;
 * 2. the network is told its new folder;
 * 3. only then the old one is deleted.
 *
 * Each step goes into a journal first, so a move that was interrupted (a crash, a power cut, a disk pulled out) goes on where
 * it was: what had been copied and has not changed since is not copied again. Up to step 2 it can be taken back, and the
 * old folder is in use all the time.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, open, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NodeError } from '../../base/errors.ts'
import { checkFolder, readTree, removeOwned, requireUsable, type DataFile } from './data-folder.ts'
import { MoveJournal, readJournal, type MoveRecord } from './move-journal.ts'

export type FolderMoveErrorCode = 'MOVE_CANCELLED' | 'MOVE_NOT_IDENTICAL' | 'MOVE_SOURCE_CHANGED'

export type MoveStage = 'copying' | 'cleaning'

export interface MoveProgress {
  readonly stage: MoveStage
  readonly files: number
  readonly filesDone: number
  readonly bytes: number
  readonly bytesDone: number
}

export interface FolderMoveOptions {
  readonly network: string
  readonly from: string
  readonly to: string
  /** What moves, relative to both folders. */
  readonly paths: readonly string[]
  readonly journalPath: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: MoveProgress) => void
  /** Step 2: the network's folder is the new one from here on. */
  readonly onComplete: () => Promise<void>
  /** Asked when the signal aborted: whether to delete what was copied, or to leave it for the next time. */
  readonly takeBack: () => boolean
}

const CHUNK = 1024 * 1024
/** Room to be left on the new disk. */
const MARGIN = 64 * 1024 * 1024

/** Does the whole move, or what is left of it. Throws MOVE_CANCELLED after it has been taken back. */
export async function moveFolder(options: FolderMoveOptions): Promise<void> {
  const { from, to, paths, journalPath, network, signal } = options
  const before = await readJournal(journalPath)
  const journal = await MoveJournal.open(journalPath)
  let complete = before?.complete === true
  try {
    if (before === undefined) await journal.append({ step: 'begin', network, from, to, paths: [...paths] })
    if (!complete) {
      await copyAll(options, before, journal)
      // From here on the new folder is the one to keep, whatever happens.
      complete = true
      await journal.append({ step: 'complete' })
    }
    await options.onComplete()
    options.onProgress({ stage: 'cleaning', files: 0, filesDone: 0, bytes: 0, bytesDone: 0 })
    await removeOwned(from, paths)
    await journal.remove()
  } catch (error) {
    if (signal.aborted && !complete && options.takeBack()) {
      await removeOwned(to, paths)
      await journal.remove()
      throw new NodeError<FolderMoveErrorCode>('MOVE_CANCELLED', 'The move was cancelled. The data are still in the old folder.')
    }
    await journal.close()
    throw error
  }
}

async function copyAll({ from, to, paths, signal, onProgress }: FolderMoveOptions, before: MoveRecord | undefined, journal: MoveJournal): Promise<void> {
  const tree = await readTree(from, paths)
  const isDone = (file: DataFile): boolean => {
    const known = before?.copied.get(file.path)
    return known !== undefined && known.size === file.size && known.mtimeMs === file.mtimeMs
  }
  const done = await stillThere(to, tree.files.filter(isDone))
  const left = tree.files.filter((file) => !done.has(file.path))
  const doneBytes = tree.bytes - left.reduce((sum, { size }) => sum + size, 0)
  const { problem, ...room } = await checkFolder(to)
  requireUsable({ ...room, problem: problem === 'not-empty' ? undefined : problem }, tree.bytes - doneBytes + MARGIN)

  let bytesDone = doneBytes
  let filesDone = done.size
  const report = (): void => onProgress({ stage: 'copying', files: tree.files.length, filesDone, bytes: tree.bytes, bytesDone })
  report()
  await mkdir(to, { recursive: true })
  for (const { path, mode } of tree.folders) {
    await mkdir(join(to, path), { recursive: true })
    // Files are written into it next; a folder that was not to be written to is unheard of here.
    await chmod(join(to, path), mode | 0o700)
  }
  for (const file of left) {
    signal.throwIfAborted()
    const sha256 = await copyFile(from, to, file, signal, (bytes) => {
      bytesDone += bytes
      report()
    })
    filesDone++
    await journal.append({ step: 'copied', path: file.path, size: file.size, mtimeMs: file.mtimeMs, sha256 })
    report()
  }
  signal.throwIfAborted()
  await removeStrangers(to, paths, new Set(tree.files.map(({ path }) => path)))
  signal.throwIfAborted()
}

/** Copies and compares. Gives the hash of the content. */
async function copyFile(from: string, to: string, file: DataFile, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<string> {
  const target = join(to, file.path)
  await mkdir(dirname(target), { recursive: true })
  const source = await open(join(from, file.path), 'r')
  const hash = createHash('sha256')
  let copied = 0
  try {
    const copy = await open(target, 'w', file.mode | 0o600)
    try {
      const buffer = new Uint8Array(CHUNK)
      for (;;) {
        signal.throwIfAborted()
        const { bytesRead } = await source.read(buffer, 0, CHUNK)
        if (bytesRead === 0) break
        const chunk = buffer.subarray(0, bytesRead)
        hash.update(chunk)
        await copy.writeFile(chunk)
        copied += bytesRead
        onBytes(bytesRead)
      }
      await copy.sync()
    } finally {
      await copy.close()
    }
  } finally {
    await source.close()
  }
  const expected = hash.digest('hex')
  if (copied !== file.size) {
    throw new NodeError<FolderMoveErrorCode>('MOVE_SOURCE_CHANGED', `${file.path} was modified while it was copied.`, { hint: 'Make sure that no other program uses the data, then try again.' })
  }
  if ((await hashFile(target, signal)) !== expected) {
    throw new NodeError<FolderMoveErrorCode>('MOVE_NOT_IDENTICAL', `The copy at ${target} differs from its original.`, {
      hint: 'The target disk may be failing. Nothing was deleted. Choose another disk.',
    })
  }
  const time = file.mtimeMs / 1000
  await utimes(target, time, time)
  return expected
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path, 'r')
  const hash = createHash('sha256')
  try {
    const buffer = new Uint8Array(CHUNK)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, CHUNK)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Of what was copied before, what is on the new disk in full. */
async function stillThere(to: string, files: readonly DataFile[]): Promise<ReadonlySet<string>> {
  const there = new Map((await readTree(to, files.map(({ path }) => path))).files.map(({ path, size }) => [path, size]))
  return new Set(files.filter(({ path, size }) => there.get(path) === size).map(({ path }) => path))
}

/** Files that were copied before an interruption and are no more among the originals. */
async function removeStrangers(to: string, paths: readonly string[], known: ReadonlySet<string>): Promise<void> {
  const { files } = await readTree(to, paths)
  for (const { path } of files) if (!known.has(path)) await removeOwned(to, [path])
}
