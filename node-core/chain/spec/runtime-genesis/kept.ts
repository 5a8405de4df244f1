/**
 * Genesis states that were made, kept as files, so that a start does not make one again.
 *
 * A file holds one, under the hash of what it was made from (code and configuration): a specification that was changed is
 * another input, and its genesis is made anew. Its contents are checked against a hash of their own, because a state that lost a
 * byte is another network's. The code, most of it, is in the specification already and is not kept twice.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { utf8, type Hash, type Hex } from '../../../base/bytes.ts'
import { writeWhole } from '../../../base/whole-file.ts'
import { blake2Hash } from '../../../crypto/hashes/hashing.ts'
import { CODE_KEY, normalHex, sortedStorage, type RawGenesis } from '../raw-genesis.ts'
import { printExact } from './exact-json.ts'
import { writeRuntimeGenesis, type RuntimeGenesis } from './written.ts'

/** The file in the folder of a chain's data. */
export const KEPT_GENESIS_FILE = 'genesis.json'

/** Grows with a change of what is made of the same input. */
const EDITION = 1

const bytes = z.custom<Hex>((value) => normalHex(value) === value)
const storage = z.record(z.string(), bytes)
const keptSchema = z.object({
  edition: z.literal(EDITION),
  input: z.string(),
  contentHash: z.string(),
  top: storage,
  childrenDefault: z.record(z.string(), storage),
})

/** What it is made from, as one hash. */
export function inputHash(genesis: RuntimeGenesis): Hash {
  return blake2Hash(utf8(printExact(writeRuntimeGenesis(genesis))))
}

/** Undefined where the file is not there, is of another input, or is damaged. */
export async function readKept(path: string, genesis: RuntimeGenesis): Promise<RawGenesis | undefined> {
  try {
    const { data } = keptSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (data === undefined || data.input !== inputHash(genesis) || data.contentHash !== contentHash(data)) return undefined
    return { top: sortedStorage({ ...data.top, [CODE_KEY]: genesis.code }), childrenDefault: data.childrenDefault }
  } catch {
    return undefined
  }
}

/** Makes the file's folder where there is none. */
export async function writeKept(path: string, genesis: RuntimeGenesis, { top, childrenDefault = {} }: RawGenesis): Promise<void> {
  const content = { top: Object.fromEntries(Object.entries(top).filter(([key]) => key !== CODE_KEY)), childrenDefault }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeWhole(dirname(path), basename(path), JSON.stringify({ edition: EDITION, input: inputHash(genesis), contentHash: contentHash(content), ...content }))
}

function contentHash({ top, childrenDefault = {} }: RawGenesis): Hash {
  return blake2Hash(utf8(JSON.stringify([top, childrenDefault])))
}
