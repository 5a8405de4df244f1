/**
 * The specification in a network's folder, for a chain that does not ship with the app.
 *
 * A profile of a development network whose folder holds the data of an earlier version becomes one of a chain of its own
 * (chain/spec/old-chains.ts): its specification is written down once, out of its database, and kept with the data from then on.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../../../base/whole-file.ts'
import { oldChainIn, oldChainOf, oldChainSpec } from '../../../chain/spec/old-chains.ts'
import { printSpec } from '../../../chain/spec/print.ts'
import { chainTypeName } from '../../../chain/spec/schema.ts'
import { SPEC_FILE, type ChainProfile } from './profile.ts'

/** Looks at the folder; what it has to be read for comes with {@link keepOldSpec}. */
export function asFound(profile: ChainProfile): ChainProfile {
  const { chain, folder } = profile
  const old = chain.kind === 'known' ? oldChainIn(folder, chain.name) : undefined
  return old === undefined ? profile : { ...profile, chain: { kind: 'custom', specId: old.id, chainType: chainTypeName(old) } }
}

/** Undefined for a chain that ships with the app. */
export async function specTextOf(profile: Pick<ChainProfile, 'chain' | 'folder'>): Promise<string | undefined> {
  if (profile.chain.kind === 'known') return undefined
  await keepOldSpec(profile)
  return readFile(join(profile.folder, SPEC_FILE), 'utf8')
}

/** Writes the file of an old chain where it is missing. Throws where its database cannot be opened. */
export async function keepOldSpec({ chain, folder }: Pick<ChainProfile, 'chain' | 'folder'>): Promise<void> {
  const old = chain.kind === 'custom' ? oldChainOf(chain.specId) : undefined
  const path = join(folder, SPEC_FILE)
  if (old === undefined || existsSync(path)) return
  await writeWhole(folder, SPEC_FILE, printSpec(await oldChainSpec(folder, old), path).trimEnd())
}
