/**
 * Files whose owner alone may read and write them: what decides who is let in. They are written by `writeWhole` (whole-file.ts); whoever could
 * have read or changed one has to be told of, so one that others can open is not used.
 */
import { open } from 'node:fs/promises'

/** `open`: other users can read or write it. `odd`: it is no file, or larger than it may be. */
export type PrivateFileFault = 'open' | 'odd'

/** What the file holds; undefined where there is none. `refuse` makes the error that is thrown. Windows has no modes: there the folder decides. */
export async function readPrivate(path: string, { maxBytes, refuse, platform = process.platform }: { readonly maxBytes: number; readonly refuse: (fault: PrivateFileFault) => Error; readonly platform?: NodeJS.Platform }): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const found = await file.stat()
      if (!found.isFile() || found.size > maxBytes) throw refuse('odd')
      if (platform !== 'win32' && (found.mode & 0o077) !== 0) throw refuse('open')
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
