/**
 * Holds the packaged archive against what its own header says: for each file a SHA-256 of the whole and of each block, those
 * beside the archive (`app.asar.unpacked`) included. On macOS and Windows Electron does the same at each start, with the hash of
 * the header built into the program; on Linux it does not, so a release is checked here.
 */
import { createHash } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { getRawHeader } from '@electron/asar'
import { z } from 'zod'

const integritySchema = z.object({ algorithm: z.literal('SHA256'), hash: z.string(), blockSize: z.int().min(1), blocks: z.array(z.string()) })
const fileSchema = z.object({ size: z.int().min(0), offset: z.string().optional(), unpacked: z.boolean().optional(), integrity: integritySchema.optional() })
const folderSchema = z.object({ files: z.record(z.string(), z.unknown()) })

export interface ArchiveReport {
  readonly files: number
  /** Names of files whose bytes are not what the header says, or of which it says nothing. */
  readonly wrong: readonly string[]
}

export async function verifyArchive(path: string): Promise<ArchiveReport> {
  const { header, headerSize } = getRawHeader(path)
  const archive = await open(path)
  const wrong: string[] = []
  let files = 0
  const visit = async (entry: unknown, name: string): Promise<void> => {
    const folder = folderSchema.safeParse(entry).data
    if (folder !== undefined) {
      for (const [child, inner] of Object.entries(folder.files)) await visit(inner, name === '' ? child : `${name}/${child}`)
      return
    }
    files++
    const file = fileSchema.safeParse(entry).data
    // The header stands behind four numbers of four bytes, two of which are the first eight.
    if (file?.integrity === undefined || !matches(await bytesOf(archive, path, name, file, headerSize + 8), file.integrity)) wrong.push(name)
  }
  try {
    await visit(header, '')
  } finally {
    await archive.close()
  }
  return { files, wrong }
}

async function bytesOf(archive: FileHandle, path: string, name: string, { size, offset, unpacked }: z.infer<typeof fileSchema>, start: number): Promise<Uint8Array | undefined> {
  if (unpacked === true) return readFile(join(`${path}.unpacked`, name)).catch(() => undefined)
  const bytes = new Uint8Array(size)
  const { bytesRead } = await archive.read(bytes, 0, size, start + Number(offset))
  return bytesRead === size ? bytes : undefined
}

function matches(bytes: Uint8Array | undefined, { hash, blockSize, blocks }: z.infer<typeof integritySchema>): boolean {
  if (bytes === undefined || sha256(bytes) !== hash) return false
  const count = Math.max(1, Math.ceil(bytes.length / blockSize))
  return blocks.length >= count && Array.from({ length: count }, (_, index) => sha256(bytes.subarray(index * blockSize, (index + 1) * blockSize))).every((block, index) => block === blocks[index])
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
