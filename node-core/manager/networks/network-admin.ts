/**
 * The administration of networks: adding, changing, duplicating, moving, exporting and removing them. Profiles are its
 * memory (profile-store.ts); the nodes themselves belong to the manager, which it tells what there is.
 *
 * Nothing here touches the data of a node that runs.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Emitter } from '../../base/events.ts'
import { NodeError } from '../../base/errors.ts'
import { parseLogFilter, type Logger } from '../../base/logger.ts'
import { buildGenesis } from '../../chain/spec/genesis.ts'
import { loadChainSpec, readSpec } from '../../chain/spec/load.ts'
import { KNOWN_NETWORKS } from '../../chain/spec/networks.ts'
import { privateSpec, specIdOf, type PrivateNetworkChoices } from '../../chain/spec/private.ts'
import { resolveSpec } from '../../chain/spec/resolve.ts'
import { chainTypeName, type ChainSpec } from '../../chain/spec/schema.ts'
import { readSpecFile } from '../../chain/spec/spec-file.ts'
import type {
  AdminEvents, ExportedNetwork, HostedNetwork, NetworkAdminErrorCode, NetworkAdminView, NetworkDetails, NetworkHost, NewChain, NewNetwork, NodePlan, SpecSummary, UpdatedNetwork,
} from './admin-types.ts'
import { checkFolder, removeOwned, requireUsable, type FolderCheck } from '../folders/data-folder.ts'
import { freeId, freeName } from './free-names.ts'
import { choosePorts, type PortChoice } from '../ports/free-ports.ts'
import { Moves } from '../folders/moves.ts'
import { readNetworkFile, writeNetworkFile } from './network-file.ts'
import {
  chainArgument, dataPathOf, isDevelopment, nodeOptionsOf, ownedPaths, profileSettingsSchema, restartChanges, SPEC_FILE, specIdOfChain, type NetworkProfile, type ProfileChain, type ProfileSettings,
} from './profile.ts'
import type { ProfileStore } from './profile-store.ts'

export interface NetworkAdminDependencies {
  readonly host: NetworkHost
  readonly store: ProfileStore
  readonly logger: Logger
  readonly choosePorts?: (taken: ReadonlySet<number>) => Promise<PortChoice>
}

export interface NetworkAdminOptions {
  /** Holds a folder for each network whose place nobody chose. */
  readonly networksFolder: string
  /** Keeps the journals of moves. */
  readonly movesFolder: string
  /** The specifications that ship with the app. */
  readonly chainsPath: string
  /** Where a bundled build has the thread that makes a genesis. */
  readonly genesisWorkerUrl?: URL
}

export class NetworkAdmin implements NetworkAdminView {
  readonly events = new Emitter<AdminEvents>()
  readonly #dependencies: NetworkAdminDependencies
  readonly #options: NetworkAdminOptions
  readonly #moves: Moves
  /** The settings that each running node was started with. */
  readonly #started = new Map<string, ProfileSettings>()

  constructor(dependencies: NetworkAdminDependencies, options: NetworkAdminOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#moves = new Moves({ logger: dependencies.logger, events: this.events, onMoved: (network, folder) => this.#moved(network, folder) }, options.movesFolder)
  }

  get damage(): ProfileStore['damage'] {
    return this.#dependencies.store.damage
  }

  dismissDamage(): void {
    this.#dependencies.store.dismissDamage()
  }

  /** Takes up moves that the end of the app interrupted. */
  resumeMoves(): Promise<void> {
    return this.#moves.resume((network) => this.#dependencies.store.find(network))
  }

  /** For the end of the app. */
  stop(): Promise<void> {
    return this.#moves.stop()
  }

  /** What the node of a network is built with. Throws NETWORK_MOVING while its data are on their way. */
  plan(network: string): NodePlan {
    const profile = this.#find(network)
    this.#requireSettled(profile)
    this.#started.set(network, profile.settings)
    return { chain: chainArgument(profile), options: nodeOptionsOf(profile) }
  }

  list(): readonly NetworkDetails[] {
    return this.#dependencies.store.list().map((profile) => this.#detailsOf(profile))
  }

  details(network: string): NetworkDetails {
    return this.#detailsOf(this.#find(network))
  }

  async parseSpec(path: string): Promise<SpecSummary> {
    const spec = await this.#readSpec(await readSpecFile(path), path)
    const { hash: genesisHash } = buildGenesis(spec)
    const known = KNOWN_NETWORKS.find((network) => network.genesisHash === genesisHash)?.id
    return { id: spec.id, name: spec.name, chainType: chainTypeName(spec), genesisHash, bootNodes: spec.bootNodes.length, known }
  }

  async add(chain: NewChain, options: NewNetwork): Promise<NetworkDetails> {
    if ('known' in chain) {
      const known = KNOWN_NETWORKS.find(({ id }) => id === chain.known)
      if (known === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_UNKNOWN', `No network "${chain.known}" ships with the app.`)
      return this.#create({ kind: 'known', name: known.id }, known.displayName, options, undefined)
    }
    const text = await readSpecFile(chain.specPath)
    const spec = await this.#readSpec(text, chain.specPath)
    if (chain.genesisHash !== undefined && buildGenesis(spec).hash !== chain.genesisHash) {
      throw new NodeError<NetworkAdminErrorCode>('NETWORK_FILE_CHANGED', `${chain.specPath} was changed since you were asked: it is another network now.`, { hint: 'Open it again, and look at what it says.' })
    }
    return this.#create(customChain(spec), spec.name, options, text)
  }

  async buildPrivate(choices: PrivateNetworkChoices, options: NewNetwork): Promise<NetworkDetails> {
    const template = await loadChainSpec('local', { chainsPath: this.#options.chainsPath })
    const spec = privateSpec(template, choices, specIdOf(choices.name))
    return this.#create(customChain(spec), choices.name, options, `${JSON.stringify(spec, null, 2)}\n`)
  }

  async duplicate(network: string, name?: string): Promise<NetworkDetails> {
    const { chain, settings, folder } = this.#find(network)
    const specText = chain.kind === 'custom' ? await readFile(join(folder, SPEC_FILE), 'utf8') : undefined
    return this.#create(chain, settings.name, name === undefined ? {} : { name }, specText, settings)
  }

  update(network: string, settings: ProfileSettings): UpdatedNetwork {
    const profile = this.#find(network)
    const { name, account } = settings
    if (name !== profile.settings.name) this.#requireFreeName(name)
    if (account !== 'none' && !isDevelopment(profile.chain)) throw publicAccount(account)
    const changed = { ...profile, settings }
    this.#dependencies.store.replace(changed)
    this.#changed(changed)
    const details = this.#detailsOf(changed)
    return { ...details, restartNeeded: details.pendingRestart.length > 0 }
  }

  async remove(network: string, name: string): Promise<void> {
    const profile = this.#find(network)
    if (name !== profile.settings.name) {
      throw new NodeError<NetworkAdminErrorCode>('NETWORK_NAME_DIFFERS', `"${name}" is not the name of this network.`, { hint: `Type ${profile.settings.name} exactly.` })
    }
    this.#requireStopped(profile)
    this.#requireSettled(profile)
    const { host, store, logger } = this.#dependencies
    await host.forgetNetwork(network)
    await removeOwned(profile.folder, ownedPaths(profile))
    store.remove(network)
    this.#started.delete(network)
    logger.info('a network was removed with its data', { network, folder: profile.folder })
    this.events.emit('changed', { network })
  }

  async export(network: string): Promise<ExportedNetwork> {
    const profile = this.#find(network)
    const specText = profile.chain.kind === 'custom' ? await readFile(join(profile.folder, SPEC_FILE), 'utf8') : undefined
    return { fileName: `${network}.nodestead.json`, text: writeNetworkFile(profile, specText) }
  }

  async import(path: string, options: Pick<NewNetwork, 'name' | 'folder'>): Promise<NetworkDetails> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new NodeError<NetworkAdminErrorCode>('NETWORK_FILE_INVALID', `${path} cannot be read (${error.code ?? 'unknown'}).`, { cause: error })
    })
    const file = readNetworkFile(text, path)
    return this.#create(file.chain, file.settings.name, options, file.specText, file.settings)
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

  /** With its genesis, which is made where the file has none. `source` is named in errors. */
  #readSpec(text: string, source: string): Promise<ChainSpec> {
    return resolveSpec(readSpec(text, source), source, { workerUrl: this.#options.genesisWorkerUrl })
  }

  async #create(chain: ProfileChain, fallbackName: string, options: NewNetwork, specText: string | undefined, base?: ProfileSettings): Promise<NetworkDetails> {
    const { store, host, logger } = this.#dependencies
    if (options.account !== undefined && !isDevelopment(chain)) throw publicAccount(options.account)
    if (options.name !== undefined) this.#requireFreeName(options.name)
    const name = options.name ?? freeName(fallbackName, this.#names())
    const id = await freeId(name, (id) => store.find(id) !== undefined, options.folder === undefined ? this.#options.networksFolder : undefined)
    const folder = await this.#newFolder(chain, options.folder ?? join(this.#options.networksFolder, id))
    const ports = await (this.#dependencies.choosePorts ?? choosePorts)(this.#ports())
    const settings = profileSettingsSchema.parse({
      ...base,
      name,
      ...(options.role === undefined ? {} : { role: options.role }),
      ...(options.account === undefined ? {} : { account: options.account }),
      autoStart: options.autoStart ?? false,
      network: { ...base?.network, listenAddrs: [], port: ports.port, ...(options.upnp === undefined ? {} : { upnp: options.upnp }) },
      rpc: { ...base?.rpc, port: ports.rpc },
      prometheus: { ...base?.prometheus, port: ports.prometheus },
    })
    const profile: NetworkProfile = { id, chain, folder, settings }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (specText !== undefined) await writeFile(join(folder, SPEC_FILE), specText)
    store.add(profile)
    await host.setNetwork(hosted(profile))
    logger.info('a network was added', { network: id, folder })
    this.events.emit('changed', { network: id })
    return this.#detailsOf(profile)
  }

  /** Data of the same chain, left from an earlier profile, are taken up. */
  async #newFolder(chain: ProfileChain, path: string): Promise<string> {
    const check = await this.checkFolder(path)
    const adopted = check.problem === 'not-empty' && (await stat(join(check.path, 'chains', specIdOfChain(chain))).then((found) => found.isDirectory(), () => false))
    requireUsable(adopted ? { ...check, problem: undefined } : check)
    return check.path
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
    return { profile, dataPath: dataPathOf(profile), development: isDevelopment(profile.chain), pendingRestart, move: this.#moves.status(profile.id) }
  }

  #find(network: string): NetworkProfile {
    const profile = this.#dependencies.store.find(network)
    if (profile === undefined) throw new NodeError<NetworkAdminErrorCode>('NETWORK_UNKNOWN', `There is no network "${network}".`)
    return profile
  }

  #isAlive(network: string): boolean {
    const state = this.#dependencies.host.networks().find(({ id }) => id === network)?.status.state
    return state === 'starting' || state === 'running' || state === 'stopping'
  }

  #requireStopped({ id, settings }: NetworkProfile): void {
    if (!this.#isAlive(id)) return
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_RUNNING', `The node of ${settings.name} uses these data now.`, { hint: 'Stop it first.' })
  }

  #requireSettled({ id, settings }: NetworkProfile): void {
    if (!this.#moves.isMoving(id)) return
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_MOVING', `The data of ${settings.name} are being moved.`, { hint: 'Wait until that is done, or cancel it in Settings.' })
  }

  #requireFreeName(name: string): void {
    if (!this.#names().includes(name)) return
    throw new NodeError<NetworkAdminErrorCode>('NETWORK_NAME_TAKEN', `There is a network called ${name} already.`, { hint: 'Choose another name.' })
  }

  #names(): string[] {
    return this.#dependencies.store.list().map(({ settings }) => settings.name)
  }

  #folders(): string[] {
    return this.#dependencies.store.list().map(({ folder }) => folder)
  }

  #ports(): ReadonlySet<number> {
    return new Set(this.#dependencies.store.list().flatMap(({ settings: { network, rpc, prometheus } }) => [network.port, network.port + 1, rpc.port, prometheus.port]))
  }
}

/** As the manager of nodes knows a network. */
export function hosted(profile: NetworkProfile): HostedNetwork {
  return { id: profile.id, name: profile.settings.name, dataPath: dataPathOf(profile), logFilter: parseLogFilter(profile.settings.log) }
}

function customChain(spec: ChainSpec): ProfileChain {
  return { kind: 'custom', specId: spec.id, chainType: chainTypeName(spec).slice(0, 64) }
}

function publicAccount(account: string): NodeError<NetworkAdminErrorCode> {
  return new NodeError('NETWORK_ACCOUNT_PUBLIC', `${account} is a development account: everybody knows its keys.`, { hint: 'On a public network use keys of your own (Keys).' })
}
