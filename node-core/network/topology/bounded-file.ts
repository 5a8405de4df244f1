/** Files that somebody names: read as a whole, if they are files and no longer than they may be. */
import { open } from 'node:fs/promises'

/** Rejects with a system's error, or an Error that says what it is instead. */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const found = await file.stat()
    if (!found.isFile()) throw new Error('it is no file')
    if (found.size > maxBytes) throw new Error(`it has ${found.size} bytes, more than ${maxBytes}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
