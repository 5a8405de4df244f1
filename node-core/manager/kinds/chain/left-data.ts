/** The network of a chain whose data lie in a folder that no list names: by its specification, or by the name of its data folder. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'
import { SPEC_FILE } from './profile.ts'

const namedSchema = z.object({ name: z.string().max(256) })

export type LeftChain = { readonly name: string; readonly choice: { readonly kind: 'chain'; readonly known: string } | { readonly kind: 'chain'; readonly specPath: string } }

/** Undefined where none is recognized. */
export async function leftChainIn(folder: string): Promise<LeftChain | undefined> {
  const specIds: readonly string[] = await readdir(join(folder, 'chains')).catch(() => [])
  if (specIds.length === 0) return undefined
  const specPath = join(folder, SPEC_FILE)
  const name = await nameIn(specPath)
  if (name !== undefined) return { name, choice: { kind: 'chain', specPath } }
  const known = KNOWN_NETWORKS.find(({ specId }) => specIds.includes(specId))
  return known && { name: known.displayName, choice: { kind: 'chain', known: known.id } }
}

async function nameIn(specPath: string): Promise<string | undefined> {
  const isFile = await stat(specPath).then((found) => found.isFile(), () => false)
  if (!isFile) return undefined
  try {
    return namedSchema.parse(JSON.parse(await readFile(specPath, 'utf8'))).name
  } catch {
    return undefined
  }
}
