/**
 * Small files of one owner, written so that a crash or a power cut leaves the old content or the new one, never a part: beside
 * its place, synced, renamed, and the folder synced, so that the new name lasts as well. Folders are 0700, files 0600.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes the folder its owner's alone: copies and restored backups come with whatever mode they had. */
export async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}

/** The same for one in a folder that is there: where that is gone it is not made again, so that nobody takes it for the old one. */
export async function ownSubfolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await chmod(folder, 0o700)
}

/** Into a folder that is there; a text with a newline behind it, bytes as they are. Resolves when it is on the disk. */
export async function writeWhole(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.new`)
  try {
    await writeSynced(temporary, typeof content === 'string' ? `${content}\n` : content)
    await rename(temporary, join(folder, name))
  } catch (error) {
    // A full disk is not to be filled with attempts.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(folder)
}

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Where the system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
