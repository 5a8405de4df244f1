/** The fetches that are not done, as they lie on disk: `downloads.json`, written whole or not at all. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { NodeError } from '../../base/errors.ts'
import { writeWhole } from '../../base/whole-file.ts'
import { MAX_LENGTH } from './tree.ts'

const FILE = 'downloads.json'
export const MAX_DOWNLOADS = 64
export const MAX_GIVEN_PEERS = 32

const bytes = z.int().min(0).max(MAX_LENGTH)
export const requestSchema = z.strictObject({
  /** 64 hexadecimal digits. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the file is to be: absolute, in a folder that is there. */
  path: z.string().min(1),
  /** It was judged, and has no links: nothing is written elsewhere, should there be some later. */
  isReal: z.boolean().optional(),
  length: bytes.optional(),
  range: z.strictObject({ from: bytes, to: bytes }).refine(({ from, to }) => from < to, 'the range is empty').optional(),
  /** Peers to ask, besides those that are found. */
  peers: z.array(z.strictObject({ peer: z.string().min(1).max(128), addresses: z.array(z.string().max(512)).max(16) })).max(MAX_GIVEN_PEERS),
})
const fileSchema = z.strictObject({ version: z.literal(1), downloads: z.array(z.strictObject({ request: requestSchema, isPaused: z.boolean() })).max(MAX_DOWNLOADS) })

export type FetchRequest = z.infer<typeof requestSchema>
export type KeptDownload = z.infer<typeof fileSchema>['downloads'][number]

/** Empty where there is no list. Throws a NodeError NET_RESOURCE_DOWNLOADS where it cannot be read. */
export async function readDownloads(folder: string): Promise<KeptDownload[]> {
  const path = join(folder, FILE)
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).downloads
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new NodeError('NET_RESOURCE_DOWNLOADS', `The list of fetches cannot be read: ${path}.`, { cause: error, hint: 'Move it away; what was fetched stays, and can be fetched on by its root.' })
  }
}

export async function writeDownloads(folder: string, downloads: readonly KeptDownload[]): Promise<void> {
  await writeWhole(folder, FILE, JSON.stringify({ version: 1, downloads }))
}
