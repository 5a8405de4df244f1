/**
 * The administration of networks: adding, changing, duplicating, moving, exporting and removing them. Profiles are its
 * memory (profile-store.ts); the nodes themselves belong to the manager, which it tells what there is.
 *
 * Nothing here touches the data of a node that runs.
 */
import { Emitter } from '../../base/events.ts'
import { NodeError } from '../../base/errors.ts'
import { checkFolder, removeOwned, requireUsable, type FolderCheck } from '../folders/data-folder.ts'
import { Moves } from '../folders/moves.ts'
import type { Installation } from '../kinds/installation.ts'
import { restartChanges, type Blueprint, type FirstNode, type NewNetwork } from '../kinds/profiles.ts'
import { planOf, profilesOf, type ChoiceSummary, type NetworkChoice, type NetworkProfile, type ProfileSettings } from '../kinds/table.ts'
import { requireNoNewClash } from '../ports/clashes.ts'
import { DataRecovery, requireName } from './data-recovery.ts'
import type { AdminEvents, ExportedNetwork, NetworkAdminErrorCode, NetworkAdminView, NetworkDetails, UpdatedNetwork } from './admin-types.ts'
import { hosted, NetworkCreation, requireFreeName, type CreationDependencies } from './network-creation.ts'
import { leftFolders, type LeftFolder } from './left-folders.ts'
import { resetChain } from './reset.ts'
import { sharerOf } from './sharer.ts'
import type { ProfileStore } from './profile-store.ts'

export type NetworkAdminDependencies = Omit<CreationDependencies, 'checkFolder'>

export interface NetworkAdminOptions {
  /** Holds a folder for each network whose place nobody chose. */
  readonly networksFolder: string
  /** Keeps the journals of moves. */
  readonly movesFolder: string
  readonly installation: Installation
}

export class NetworkAdmin implements NetworkAdminView {
  readonly events = new Emitter<AdminEvents>()
  readonly #dependencies: NetworkAdminDependencies
  readonly #options: NetworkAdminOptions
  readonly #moves: Moves
  readonly #recovery: DataRecovery
  readonly #creation: NetworkCreation
  /** The settings that each running node was started with. */
  readonly #started = new Map<string, ProfileSettings>()

  constructor(dependencies: NetworkAdminDependencies, options: NetworkAdminOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#recovery = new DataRecovery(dependencies)
    this.#creation = new NetworkCreation({ ...dependencies, checkFolder: (path) => this.checkFolder(path) }, options.networksFolder)
    this.#moves = new Moves({ logger: dependencies.logger, events: this.events, onMoved: (network, folder) => this.#moved(network, folder) }, options.movesFolder)
  }

  get damage(): ProfileStore['damage'] {
    return this.#dependencies.store.damage
  }

  dismissDamage(): void {
    this.#dependencies.store.dismissDamage()
    this.events.emit('damageDismissed', undefined)
  }

  /** Takes up moves that the end of the app interrupted. */
  resumeMoves(): Promise<void> {
    return this.#moves.resume((network) => this.#dependencies.store.find(network))
  }

  /** For the end of the app. */
  stop(): Promise<void> {
    return this.#moves.stop()
  }

  /** The profile of a node that is about to start. Throws NETWORK_MOVING while its data are on their way. */
  begin(network: string): NetworkProfile {
    const profile = this.#find(network)
    this.#requireSettled(profile)
    this.#started.set(network, profile.settings)
    return profile
  }

  /** What the node of a network is built with. Throws as {@link begin} does, and where its specification cannot be read. */
  async plan(network: string): Promise<unknown> {
    const profile = this.begin(network)
    const plan = await planOf(profile, this.#options.installation)
    await this.#recovery.keepFiles(profile)
    return plan
  }

  list(): readonly NetworkDetails[] {
    return this.#dependencies.store.list().map((profile) => this.#detailsOf(profile))
  }

  details(network: string): NetworkDetails {
    return this.#detailsOf(this.#find(network))
  }

  look(choice: NetworkChoice): Promise<ChoiceSummary> {
    return profilesOf(choice).look(choice, this.#options.installation)
  }

  async add(choice: NetworkChoice, options: NewNetwork): Promise<NetworkDetails> {
    return this.#create(await profilesOf(choice).prepare(choice, this.#options.installation), options)
  }

  async duplicate(network: string, name?: string): Promise<NetworkDetails> {
    const profile = this.#find(network)
    return this.#create(await profilesOf(profile).copy(profile), name === undefined ? {} : { name })
  }

  async addBeside(network: string, first: FirstNode): Promise<NetworkDetails> {
    const profile = this.#find(network)
    return this.#create(await profilesOf(profile).beside(profile, this.#dependencies.store.list(), first), {})
  }

  update(network: string, settings: ProfileSettings): UpdatedNetwork {
    const profile = this.#find(network)
    const { name } = settings
    if (name !== profile.settings.name) requireFreeName(name, this.#dependencies.store.list())
    const changed = { ...profile, settings }
    profilesOf(profile).check(changed)
    requireNoNewClash(profile, changed, this.#dependencies.store.list())
    this.#dependencies.store.replace(changed)
    this.#changed(changed)
    const details = this.#detailsOf(changed)
    return { ...details, restartNeeded: details.pendingRestart.length > 0 }
  }

  async remove(network: string, name: string): Promise<void> {
    const profile = this.#find(network)
    requireName(profile, name)
    this.#requireStopped(profile)
    this.#requireSettled(profile)
    const { host, store, logger } = this.#dependencies
    await host.forgetNetwork(network)
    await removeOwned(profile.folder, profilesOf(profile).ownedPaths(profile))
    store.remove(network)
    await this.#dependencies.memory.dropFiles(network)
    this.#started.delete(network)
    logger.info('a network was removed with its data', { network, folder: profile.folder })
    this.events.emit('changed', { network })
  }

  async export(network: string): Promise<ExportedNetwork> {
    const profile = this.#find(network)
    const sharer = await sharerOf(profile, profilesOf(profile), this.#dependencies.host.node(network)?.network)
    const shared = await profilesOf(profile).shared(profile, sharer, this.#options.installation)
    return { ...shared, fileName: `${network}.chainspec`, addresses: sharer.addresses, signedBy: sharer.identity?.peerId, name: profile.settings.name }
  }

  checkFolder(path: string): Promise<FolderCheck> {
    return checkFolder(path, this.#folders())
  }

  async move(network: string, to: string): Promise<void> {
    const profile = this.#find(network)
    this.#requireStopped(profile)
    this.#requireSettled(profile)
    // A move that failed is taken up where it was; what it left behind is no obstacle to itself.
    const pending = await this.#moves.pendingTarget(network)
    const check = await checkFolder(to, this.#folders())
    if (pending !== undefined && pending !== check.path) await this.#moves.cancel(profile)
    requireUsable(pending === check.path && check.problem === 'not-empty' ? { ...check, problem: undefined } : check)
    this.#requireStopped(profile)
    this.#requireSettled(profile)
    await this.#moves.begin(profile, check.path)
  }

  cancelMove(network: string): Promise<void> {
    return this.#moves.cancel(this.#find(network))
  }

  async locateData(network: string, path: string): Promise<void> {
    const profile = this.#find(network)
    this.#requireStopped(profile)
    this.#requireSettled(profile)
    const taken = this.#dependencies.store.list().flatMap(({ id, folder }) => (id === network ? [] : [folder]))
    const folder = await this.#recovery.locate(profile, path, taken)
    if (folder !== profile.folder) await this.#moved(network, folder)
    await this.#dependencies.host.start(network)
  }

  leftFolders(): Promise<readonly LeftFolder[]> {
    return leftFolders(this.#options.networksFolder, this.#folders())
  }

  async addLeft(folder: string): Promise<NetworkDetails> {
    const left = (await this.leftFolders()).find((candidate) => candidate.folder === folder)
    if (left === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_UNKNOWN', `${folder} holds no network data that can be added again.`)
    return this.add(left.choice, { folder })
  }

  useDataAsItIs(network: string, name: string): Promise<void> {
    return this.#recovery.useAsItIs(this.#find(network), name)
  }

  beginAnew(network: string, name: string): Promise<void> {
    return this.#recovery.beginAnew(this.#find(network), name)
  }

  reset(network: string, name: string): Promise<void> {
    const { host, store, logger } = this.#dependencies
    return resetChain(this.#find(network), name, store.list(), { host, logger, isAlive: (id) => this.#isAlive(id), requireSettled: (profile) => this.#requireSettled(profile) })
  }

  async #create(blueprint: Blueprint, options: NewNetwork): Promise<NetworkDetails> {
    const profile = await this.#creation.create(blueprint, options)
    this.events.emit('changed', { network: profile.id })
    return this.#detailsOf(profile)
  }

  async #moved(network: string, folder: string): Promise<void> {
    const { store, host } = this.#dependencies
    const changed = { ...this.#find(network), folder }
    store.replace(changed)
    await host.setNetwork(hosted(changed))
    this.events.emit('changed', { network })
  }

  #changed(profile: NetworkProfile): void {
    void this.#dependencies.host.setNetwork(hosted(profile))
    this.events.emit('changed', { network: profile.id })
  }

  #detailsOf(profile: NetworkProfile): NetworkDetails {
    const started = this.#started.get(profile.id)
    const pendingRestart = started === undefined || !this.#isAlive(profile.id) ? [] : restartChanges(started, profile.settings)
    const kind = profilesOf(profile)
    return { profile, dataPath: kind.dataPathOf(profile), development: kind.isDevelopment(profile), sealable: kind.isSealable(profile), canValidate: kind.canValidate(profile), pendingRestart, move: this.#moves.status(profile.id) }
  }

  #find(network: string): NetworkProfile {
    const profile = this.#dependencies.store.find(network)
    if (profile === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_UNKNOWN', `Network "${network}" does not exist.`)
    return profile
  }

  #isAlive(network: string): boolean {
    const state = this.#dependencies.host.networks().find(({ id }) => id === network)?.status.state
    return state === 'starting' || state === 'running' || state === 'stopping'
  }

  #requireStopped({ id, settings }: NetworkProfile): void {
    if (!this.#isAlive(id)) return
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_RUNNING', `The node of ${settings.name} is using these data.`, { hint: 'Stop the node first.' })
  }

  #requireSettled({ id, settings }: NetworkProfile): void {
    if (!this.#moves.isMoving(id)) return
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_MOVING', `The data of ${settings.name} are being moved.`, { hint: 'Wait until the move is done, or cancel it in Settings.' })
  }

  #folders(): string[] {
    return this.#dependencies.store.list().map(({ folder }) => folder)
  }
}
