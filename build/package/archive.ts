/**
 * The unpacked program of Linux as one archive, for who wants no installer. Made here and not by electron-builder, which
 * downloads a packer for it; and so the same files give the same bytes.
 */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipOf, tarOf, type TarEntry } from '../tar.ts'

/** `name` is that of the folder inside; `time` that of every file. */
export async function archiveProgram(unpacked: string, path: string, name: string, time: Date): Promise<void> {
  const files = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const entries = await Promise.all(
    files.map(async (entry): Promise<TarEntry> => {
      const file = join(entry.parentPath, entry.name)
      const [body, { mode }] = await Promise.all([readFile(file), stat(file)])
      return { path: `${name}/${file.slice(unpacked.length + 1)}`, executable: (mode & 0o100) !== 0, body }
    }),
  )
  await writeFile(path, await gzipOf(tarOf(entries, Math.floor(time.getTime() / 1000))))
}
