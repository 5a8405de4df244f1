/**
 * What a person may do where the data folder of a network is not what it was: say where it is now, use it as it is, or begin anew. The last two
 * are confirmed by the network's name.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { checkFolder, requireUsable } from '../folders/data-folder.ts'
import { findData } from '../folders/find-data.ts'
import type { FolderMemory } from '../folders/folder-memory.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'
import type { NetworkAdminErrorCode, NetworkHost } from './admin-types.ts'

export interface DataRecoveryDependencies {
  readonly host: NetworkHost
  readonly logger: Logger
  readonly memory: FolderMemory
}

export class DataRecovery {
  readonly #deps: DataRecoveryDependencies

  constructor(dependencies: DataRecoveryDependencies) {
    this.#deps = dependencies
  }

  /** Copies what the network cannot begin anew without: the specification of one of its own. */
  async keepFiles(profile: NetworkProfile): Promise<void> {
    try {
      await this.#deps.memory.keepFiles(profile.id, (await profilesOf(profile).copy(profile)).files)
    } catch (error) {
      // Without it only beginning anew is harder.
      this.#deps.logger.warn('the chain specification could not be copied', { network: profile.id, reason: errorMessage(error) })
    }
  }

  /** The network's folder, where its data are now. `taken` are folders of other networks. Throws a NodeError. */
  async locate(profile: NetworkProfile, chosen: string, taken: readonly string[]): Promise<string> {
    const dataPath = profilesOf(profile).dataPathOf(profile)
    const check = await checkFolder(chosen, taken)
    // Data are to be there.
    requireUsable({ ...check, problem: check.problem === 'not-empty' ? undefined : check.problem })
    const found = await findData(check.path, { below: relative(profile.folder, dataPath), folder: profile.folder, seen: this.#deps.memory.get(profile.id) })
    await this.#restoreFiles(profile, found)
    return found
  }

  /** `name` is the network's, typed once more. */
  async useAsItIs(profile: NetworkProfile, name: string): Promise<void> {
    requireName(profile, name)
    await this.#deps.host.useAsItIs(profile.id)
  }

  /** `name` is the network's, typed once more. What is there is put aside. */
  async beginAnew(profile: NetworkProfile, name: string): Promise<void> {
    requireName(profile, name)
    await this.#restoreFiles(profile, profile.folder)
    await this.#deps.host.beginAnew(profile.id)
  }

  /** Those that are missing. */
  async #restoreFiles({ id }: NetworkProfile, folder: string): Promise<void> {
    for (const [name, text] of Object.entries(await this.#deps.memory.keptFiles(id))) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(join(folder, name), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }
  }
}

/** Throws NETWORK_NAME_DIFFERS where `name` is not what the network is called. */
export function requireName({ settings }: NetworkProfile, name: string): void {
  if (name === settings.name) return
  throw new NodeError<NetworkAdminErrorCode>('NETWORK_NAME_DIFFERS', `"${name}" is not the name of this network.`, { hint: `Type ${settings.name} exactly.` })
}
