/** Copies the runtime of our own networks to where the app looks for it (node-core/chain/upgrades/carried.ts): beside the specifications. */
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CARRIED_FILES, carriedFolder } from '../node-core/chain/upgrades/carried.ts'

const ASSETS = join(import.meta.dirname, '..', 'assets', 'runtime')

export async function shipRuntime(chainsPath: string): Promise<void> {
  const folder = carriedFolder(chainsPath)
  await mkdir(folder, { recursive: true })
  for (const name of Object.values(CARRIED_FILES)) await copyFile(join(ASSETS, name), join(folder, name))
}
