/**
 * Making a network of this app: a blueprint (profiles of its kind) gets a name, a folder and ports that nobody else has, keys that were made for
 * it before move in, and the manager is told of it. Data of the same network that lie in the folder already are taken up.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeError } from '../../base/errors.ts'
import { parseLogFilter, type Logger } from '../../base/logger.ts'
import { requireUsable, type FolderCheck } from '../folders/data-folder.ts'
import type { FolderMemory } from '../folders/folder-memory.ts'
import type { NetworkDefinition } from '../kinds/kind.ts'
import type { Blueprint, NewNetwork, PortChoice } from '../kinds/profiles.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'
import { choosePorts, claimedPorts } from '../ports/free-ports.ts'
import type { DraftKeys, NetworkAdminErrorCode, NetworkHost } from './admin-types.ts'
import { freeId, freeName } from './free-names.ts'
import type { ProfileStore } from './profile-store.ts'

export interface CreationDependencies {
  readonly host: NetworkHost
  readonly store: ProfileStore
  readonly logger: Logger
  /** What was seen of data folders, outside of them. */
  readonly memory: FolderMemory
  /** Where keys are made before their network. */
  readonly drafts?: DraftKeys | undefined
  readonly choosePorts?: (taken: ReadonlySet<number>) => Promise<PortChoice>
  readonly checkFolder: (path: string) => Promise<FolderCheck>
}

export class NetworkCreation {
  readonly #dependencies: CreationDependencies
  readonly #networksFolder: string

  /** `networksFolder` holds a folder for each network whose place nobody chose. */
  constructor(dependencies: CreationDependencies, networksFolder: string) {
    this.#dependencies = dependencies
    this.#networksFolder = networksFolder
  }

  /** Throws NETWORK_NAME_TAKEN, NETWORK_KEYS_GONE, and what a folder that cannot be used throws; nothing is added then. */
  async create(blueprint: Blueprint, options: NewNetwork): Promise<NetworkProfile> {
    const { store, host, logger, memory, drafts } = this.#dependencies
    const { draft } = options
    if (draft !== undefined && drafts === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_KEYS_GONE', 'This computer has no keys that were created for a network.')
    if (draft !== undefined) await drafts?.require(draft.id, draft.passphrase)
    if (options.name !== undefined) requireFreeName(options.name, store.list())
    const name = options.name ?? freeName(blueprint.name, namesOf(store.list()))
    const id = await freeId(name, (id) => store.find(id) !== undefined, options.folder === undefined ? this.#networksFolder : undefined)
    const folder = await this.#newFolder(blueprint, options.folder ?? join(this.#networksFolder, id))
    const ports = await (this.#dependencies.choosePorts ?? choosePorts)(this.#takenPorts())
    const role = draft === undefined ? {} : { role: 'validator' as const, account: undefined }
    const profile = profilesOf(blueprint).build(blueprint, { id, name, folder, ports, options: { ...options, ...role } })
    profilesOf(profile).check(profile)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const [file, text] of Object.entries(blueprint.files)) await writeFile(join(folder, file), text)
    // A network of that name may have been here before.
    memory.forget(id)
    if (draft !== undefined) await drafts?.moveInto(draft.id, profilesOf(profile).dataPathOf(profile))
    store.add(profile)
    await host.setNetwork(hosted(profile))
    if (draft?.passphrase !== undefined) await this.#unlock(id, draft.passphrase)
    logger.info('a network was added', { network: id, folder })
    return profile
  }

  /** With the passphrase that the keys had where they were made. */
  async #unlock(network: string, passphrase: string): Promise<void> {
    const keys = this.#dependencies.host.keys(network)
    await keys.open()
    await keys.unlock(passphrase, keys.remembered)
  }

  /** Data of the same network, left from an earlier profile, are taken up. */
  async #newFolder(blueprint: Blueprint, path: string): Promise<string> {
    const check = await this.#dependencies.checkFolder(path)
    const adopted = check.problem === 'not-empty' && (await profilesOf(blueprint).hasData(blueprint.identity, check.path))
    requireUsable(adopted ? { ...check, problem: undefined } : check)
    return check.path
  }

  #takenPorts(): ReadonlySet<number> {
    return new Set(this.#dependencies.store.list().flatMap((profile) => claimedPorts(profilesOf(profile).portsOf(profile.settings))))
  }
}

/** Throws NETWORK_NAME_TAKEN. */
export function requireFreeName(name: string, profiles: readonly NetworkProfile[]): void {
  if (!namesOf(profiles).includes(name)) return
  throw new NodeError<NetworkAdminErrorCode>('NETWORK_NAME_TAKEN', `A network named ${name} already exists.`, { hint: 'Choose another name.' })
}

/** As the manager of nodes knows a network. */
export function hosted(profile: NetworkProfile): NetworkDefinition {
  const { id, kind, settings } = profile
  return { id, kind, name: settings.name, dataPath: profilesOf(profile).dataPathOf(profile), logFilter: parseLogFilter(settings.log) }
}

function namesOf(profiles: readonly NetworkProfile[]): string[] {
  return profiles.map(({ settings }) => settings.name)
}
