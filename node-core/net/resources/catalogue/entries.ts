/** The list of what is offered, as it lies on disk: `catalogue.json`, written whole or not at all. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { NodeError } from '../../../base/errors.ts'
import { writeWhole } from '../../../base/whole-file.ts'
import { MAX_LENGTH } from '../tree.ts'

const FILE = 'catalogue.json'
/** Files that one node offers. */
export const MAX_RESOURCES = 10_000

/** Root in lower-case hexadecimal, without prefix: 64 digits. */
const entrySchema = z.strictObject({
  root: z.string().regex(/^[0-9a-f]{64}$/),
  path: z.string().min(1),
  /** Bytes. */
  length: z.int().min(0).max(MAX_LENGTH),
  /** Milliseconds since the Unix epoch, with a fraction: when the file was last written. */
  modified: z.number(),
  /** The same: since when it is offered. */
  added: z.number(),
  /** Why it is no longer offered. */
  withdrawn: z.string().optional(),
})
const fileSchema = z.strictObject({ version: z.literal(1), resources: z.array(entrySchema).max(MAX_RESOURCES) })

export type CatalogueEntry = Readonly<z.infer<typeof entrySchema>>

/** Empty where there is no list. Throws a NodeError NET_RESOURCE_CATALOGUE where it cannot be read. */
export async function readEntries(folder: string): Promise<CatalogueEntry[]> {
  const path = join(folder, FILE)
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))).resources
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new NodeError('NET_RESOURCE_CATALOGUE', `The list of shared files cannot be read: ${path}.`, { cause: error, hint: 'Move it away and share the files again.' })
  }
}

export async function writeEntries(folder: string, resources: readonly CatalogueEntry[]): Promise<void> {
  await writeWhole(folder, FILE, JSON.stringify({ version: 1, resources }))
}
