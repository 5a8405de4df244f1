/** Networks of chains in the list of networks: what a person may choose to add, how a profile comes of it, and how it goes to another computer. */
import { stat } from 'node:fs/promises'
import type { Hash } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import { additionOf, MAX_ADDRESSES } from '../../../chain/spec/addition.ts'
import { genesisOf } from '../../../chain/spec/genesis.ts'
import { makePrivateNetwork } from '../../../chain/spec/invitation.ts'
import { chainDataPath, loadChainSpec, shippedRuntime } from '../../../chain/spec/load.ts'
import type { Member } from '../../../chain/spec/members.ts'
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'
import type { PrivateNetworkChoices } from '../../../chain/spec/private.ts'
import { isLiveRelay } from '../../../chain/spec/relay.ts'
import { printExact } from '../../../chain/spec/runtime-genesis/exact-json.ts'
import { chainTypeName, type ChainSpec } from '../../../chain/spec/schema.ts'
import type { Installation } from '../installation.ts'
import type { Blueprint, ProfileKind } from '../profiles.ts'
import { companionSettings } from './companion.ts'
import { leftChainIn } from './left-data.ts'
import { sharedFile } from './shared-file.ts'
import { openSource } from './source.ts'
import { asFound, specTextOf } from './spec-file.ts'
import {
  canValidate, chainProfileSchema, chainSettingsSchema, dataPathOf, isDevelopment, isPeerAddress, isSealable, ownedPaths, SPEC_FILE, specIdOfChain, type ChainIdentity, type ChainProfile, type ChainSettings,
} from './profile.ts'

export type ChainNetworkErrorCode =
  | 'NETWORK_UNKNOWN'
  | 'NETWORK_ACCOUNT_PUBLIC'
  /** Blocks are made on request on development chains alone. */
  | 'NETWORK_NOT_SEALABLE'
  /** A live relay chain: its validators check parachains. */
  | 'NETWORK_RELAY_VALIDATOR'
  /** The file is not the one any more that was looked at. */
  | 'NETWORK_FILE_CHANGED'

/**
 * A network that ships with the app; a network file by its path, or an invitation by its link, and where `genesisHash` is given that
 * network and no other; or a private network that is made of choices.
 */
export type NewChain =
  | { readonly kind: 'chain'; readonly known: string }
  | { readonly kind: 'chain'; readonly specPath: string; readonly genesisHash?: Hash | undefined }
  | { readonly kind: 'chain'; readonly private: PrivateNetworkChoices }

export interface SpecSummary {
  readonly id: string
  readonly name: string
  readonly chainType: string
  readonly genesisHash: Hash
  readonly bootNodes: number
  /** A network that ships with the app and is the same by its genesis. */
  readonly known: string | undefined
  /** This node can be a validator of it. */
  readonly canValidate: boolean
  /** Who is who, where the file says so. */
  readonly members: readonly Member[]
  /** Where nodes of the network were when the file was written, those of its members first. */
  readonly addresses: readonly string[]
  /** What tells it from another network of the same genesis. */
  readonly forkId: string | undefined
  /** Peer id of the node whose signature the file has, which was checked; undefined where it is not signed. */
  readonly signedBy: string | undefined
}

/** What a copy has of the settings of the network that it is made from. */
type Taken = Omit<ChainSettings, 'role' | 'account' | 'forceAuthoring'> | { readonly network: { readonly reservedNodes: readonly string[] } }

type ChainBlueprint = Blueprint<ChainIdentity>

const INDENT = 2
const MAX_NAME = 64

export const chainProfiles: ProfileKind<ChainProfile, NewChain, ChainIdentity, SpecSummary> = {
  schema: chainProfileSchema,
  asFound,
  dataPathOf,
  ownedPaths,
  isDevelopment: ({ chain }) => isDevelopment(chain),
  isSameNetwork: (profile, other) => specIdOfChain(profile.chain) === specIdOfChain(other.chain),
  isSealable: ({ chain }) => isSealable(chain),
  canValidate: ({ chain }) => canValidate(chain),
  claims: ({ network: { port, listenAddrs }, rpc, prometheus }) => [
    // The next one is its WebSocket door.
    ...(port === 0 || listenAddrs.length > 0 ? [] : [port, port + 1].map((claimed) => ({ purpose: 'peers' as const, port: claimed }))),
    { purpose: 'rpc', port: rpc.port },
    ...(prometheus.enabled ? [{ purpose: 'metrics' as const, port: prometheus.port }] : []),
  ],
  leftIn: leftChainIn,
  portsOf: ({ network, rpc, prometheus }) => ({ port: network.port, rpc: rpc.port, prometheus: prometheus.port }),

  withPort: (settings, purpose, ports) => {
    switch (purpose) {
      case 'peers':
        return settings.network.listenAddrs.length > 0 ? undefined : { ...settings, network: { ...settings.network, port: ports.port } }
      case 'rpc':
        return { ...settings, rpc: { ...settings.rpc, port: ports.rpc } }
      case 'metrics':
        return { ...settings, prometheus: { ...settings.prometheus, port: ports.prometheus } }
    }
  },

  check: ({ chain, settings: { account, name, role, sealing } }) => {
    if (role === 'validator' && !canValidate(chain)) {
      throw new NodeError<ChainNetworkErrorCode>('NETWORK_RELAY_VALIDATOR', `A validator of ${name} must also back and check parachain blocks, which this node does not do.`, {
        hint: 'Choose the role full node.',
      })
    }
    if (sealing !== 'slots' && !isSealable(chain)) {
      throw new NodeError<ChainNetworkErrorCode>('NETWORK_NOT_SEALABLE', `${name} is not a development chain: other nodes do not accept blocks produced on request.`, {
        hint: 'Switch block production to slots.',
      })
    }
    if (account === 'none' || isDevelopment(chain)) return
    throw new NodeError<ChainNetworkErrorCode>('NETWORK_ACCOUNT_PUBLIC', `${account} is a development account, whose keys are public.`, {
      hint: 'Use your own keys (Keys screen) on a public network.',
    })
  },

  look: async (choice, installation) => {
    const { spec } = await opened(choice, installation)
    const { hash: genesisHash } = genesisOf(spec)
    const known = KNOWN_NETWORKS.find((network) => network.genesisHash === genesisHash)?.id
    const { members = [], addresses: told = [], by, signature } = additionOf(spec) ?? {}
    const signedBy = signature === undefined ? undefined : by?.peerId
    const addresses = [...new Set([...told, ...spec.bootNodes])].slice(0, MAX_ADDRESSES)
    return {
      id: spec.id, name: visible(spec.name), chainType: chainTypeName(spec), genesisHash, bootNodes: spec.bootNodes.length, known, canValidate: !isLiveRelay(spec), members, addresses, forkId: spec.forkId ?? undefined, signedBy,
    }
  },

  prepare: async (choice, installation) => {
    const { spec, known, text } = await opened(choice, installation)
    if (known !== undefined) return blueprint({ kind: 'known', name: known }, knownNetwork(known).displayName, undefined)
    if ('specPath' in choice && choice.genesisHash !== undefined && genesisOf(spec).hash !== choice.genesisHash) {
      throw new NodeError<ChainNetworkErrorCode>('NETWORK_FILE_CHANGED', `${choice.specPath} has changed since you confirmed it, and now describes another network.`, { hint: 'Open the file again and check it.' })
    }
    const reservedNodes = (additionOf(spec)?.addresses ?? []).filter(isPeerAddress)
    return blueprint(identityOf(spec), visible(spec.name), text, reservedNodes.length === 0 ? undefined : { network: { reservedNodes } })
  },

  // Who makes blocks is said of one node: two with the same keys would both sign.
  copy: async (profile) => {
    const { role: _role, account: _account, forceAuthoring: _force, ...taken } = profile.settings
    return blueprint(profile.chain, profile.settings.name, await specTextOf(profile), { ...taken, network: { ...taken.network, publicAddrs: [] } })
  },

  beside: async (profile, all, first) => {
    const settings = companionSettings(profile, all, first)
    return blueprint(profile.chain, settings.name, await specTextOf(profile), settings)
  },

  hasData: (chain, folder) => stat(chainDataPath(folder, { id: specIdOfChain(chain) })).then((found) => found.isDirectory(), () => false),

  build: ({ identity, settings: base }, { id, name, folder, ports, options: { role, account, autoStart = false, upnp } }) => {
    const copied = base as Partial<ChainSettings> | undefined
    const settings = chainSettingsSchema.parse({
      ...copied,
      name,
      ...(role === undefined ? {} : { role }),
      ...(account === undefined ? {} : { account }),
      autoStart,
      network: { ...copied?.network, listenAddrs: [], port: ports.port, ...(upnp === undefined ? {} : { upnp }) },
      rpc: { ...copied?.rpc, port: ports.rpc },
      prometheus: { ...copied?.prometheus, port: ports.prometheus },
    })
    return { id, kind: 'chain', chain: identity, folder, settings }
  },

  shared: (profile, sharer, installation) => sharedFile(profile, sharer, installation),
}

function knownNetwork(name: string): (typeof KNOWN_NETWORKS)[number] {
  const known = KNOWN_NETWORKS.find(({ id }) => id === name)
  if (known === undefined) throw new NodeError<ChainNetworkErrorCode>('NETWORK_UNKNOWN', `The app has no built-in network "${name}".`)
  return known
}

interface Opened {
  readonly spec: ChainSpec
  /** A network that ships with the app: it needs no file of its own. */
  readonly known: string | undefined
  readonly text: string | undefined
}

async function opened(choice: NewChain, installation: Installation): Promise<Opened> {
  if ('known' in choice) return { spec: await shipped(choice.known, installation), known: choice.known, text: undefined }
  if ('private' in choice) {
    const code = await shippedRuntime(installation)
    const { spec, json } = await makePrivateNetwork(choice.private, { code, workerUrl: installation.workerUrls?.genesis })
    return { spec: { ...spec, nodestead: json['nodestead'] }, known: undefined, text: `${printExact(json, INDENT)}\n` }
  }
  const source = await openSource(choice.specPath, installation)
  return source.known === undefined ? source : { spec: await shipped(source.known, installation), known: source.known, text: undefined }
}

function shipped(name: string, { chainsPath, workerUrls }: Installation): Promise<ChainSpec> {
  return loadChainSpec(knownNetwork(name).id, { chainsPath, genesisWorkerUrl: workerUrls?.genesis })
}

function blueprint(identity: ChainIdentity, name: string, specText: string | undefined, settings?: Taken): ChainBlueprint {
  return { kind: 'chain', name, identity, files: specText === undefined ? {} : { [SPEC_FILE]: specText }, ...(settings === undefined ? {} : { settings }) }
}

/** A stranger's name, without what nobody sees and what turns around what one sees. */
function visible(name: string): string {
  const shown = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim().slice(0, MAX_NAME)
  return shown === '' ? 'Network' : shown
}

function identityOf(spec: ChainSpec): ChainIdentity {
  return { kind: 'custom', specId: spec.id, chainType: chainTypeName(spec).slice(0, 64), ...(isLiveRelay(spec) ? { relay: true as const } : {}) }
}
