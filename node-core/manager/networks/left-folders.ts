/**
 * Folders with the data of networks that are in no list: what is left where the list of networks was damaged. Each can be added again, with
 * its data where they are.
 */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KINDS, type NetworkChoice } from '../kinds/table.ts'

export interface LeftFolder {
  readonly folder: string
  /** The network's own name. */
  readonly name: string
  readonly choice: NetworkChoice
}

/** Folders that are looked into. */
const MAX_FOLDERS = 256

/** `networksFolder` holds folders of networks, and beside it lies the one of the first network; `known` are folders that have a network. */
export async function leftFolders(networksFolder: string, known: readonly string[]): Promise<readonly LeftFolder[]> {
  const names = (await readdir(networksFolder).catch(() => [])).sort().slice(0, MAX_FOLDERS)
  const candidates = [join(dirname(networksFolder), 'data'), ...names.map((name) => join(networksFolder, name))].filter((folder) => !known.includes(folder))
  const found: LeftFolder[] = []
  for (const folder of candidates) {
    for (const { profiles } of Object.values(KINDS)) {
      const left = await profiles.leftIn(folder)
      if (left !== undefined) found.push({ folder, ...left })
    }
  }
  return found
}
