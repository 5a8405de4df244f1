/** Networks of chains in the list of networks: what a person may choose to add, how a profile comes of it, and how it goes to another computer. */
import { stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Hash } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import { buildGenesis } from '../../../chain/spec/genesis.ts'
import { chainDataPath, loadChainSpec, readSpec, shippedRuntime } from '../../../chain/spec/load.ts'
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'
import { markedSpec, privateSpec, specIdOf, type PrivateNetworkChoices } from '../../../chain/spec/private.ts'
import { printSpec } from '../../../chain/spec/print.ts'
import { resolveSpec } from '../../../chain/spec/resolve.ts'
import { isExactObject, parseExact, printExact, type ExactObject } from '../../../chain/spec/runtime-genesis/exact-json.ts'
import { chainSpecSchema, chainTypeName, type ChainSpec } from '../../../chain/spec/schema.ts'
import { readSpecFile } from '../../../chain/spec/spec-file.ts'
import type { Installation } from '../installation.ts'
import { companionSettings } from './companion.ts'
import { asFound, specTextOf } from './spec-file.ts'
import type { Blueprint, ProfileKind } from '../profiles.ts'
import {
  chainProfileSchema, chainSchema, chainSettingsSchema, dataPathOf, isDevelopment, isSealable, ownedPaths, SPEC_FILE, specIdOfChain, type ChainIdentity, type ChainProfile, type ChainSettings,
} from './profile.ts'

export type ChainNetworkErrorCode =
  | 'NETWORK_UNKNOWN'
  | 'NETWORK_ACCOUNT_PUBLIC'
  /** Blocks are made on request on development chains alone. */
  | 'NETWORK_NOT_SEALABLE'
  /** The file is not the one any more that was looked at. */
  | 'NETWORK_FILE_CHANGED'

/**
 * A network that ships with the app; the path of a chain specification, and where `genesisHash` is given of that one and no other; or a
 * private network that is made of choices.
 */
export type NewChain =
  | { readonly kind: 'chain'; readonly known: string }
  | { readonly kind: 'chain'; readonly specPath: string; readonly genesisHash?: Hash }
  | { readonly kind: 'chain'; readonly private: PrivateNetworkChoices }

export interface SpecSummary {
  readonly id: string
  readonly name: string
  readonly chainType: string
  readonly genesisHash: Hash
  readonly bootNodes: number
  /** A network that ships with the app and is the same by its genesis. */
  readonly known: string | undefined
}

const importedSchema = z.object({ chain: chainSchema, settings: chainSettingsSchema, chainSpec: chainSpecSchema.optional() })

type ChainBlueprint = Blueprint<ChainIdentity>

const INDENT = 2

export const chainProfiles: ProfileKind<ChainProfile, NewChain, ChainIdentity, SpecSummary> = {
  schema: chainProfileSchema,
  asFound,
  dataPathOf,
  ownedPaths,
  isDevelopment: ({ chain }) => isDevelopment(chain),
  isSameNetwork: (profile, other) => specIdOfChain(profile.chain) === specIdOfChain(other.chain),
  isSealable: ({ chain }) => isSealable(chain),
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

  check: ({ chain, settings: { account, name, sealing } }) => {
    if (sealing !== 'slots' && !isSealable(chain)) {
      throw new NodeError<ChainNetworkErrorCode>('NETWORK_NOT_SEALABLE', `${name} is no development chain: blocks that are made on request are valid for one node alone.`, {
        hint: 'Let its blocks be made by slots.',
      })
    }
    if (account === 'none' || isDevelopment(chain)) return
    throw new NodeError<ChainNetworkErrorCode>('NETWORK_ACCOUNT_PUBLIC', `${account} is a development account: everybody knows its keys.`, {
      hint: 'On a public network use keys of your own (Keys).',
    })
  },

  look: async (choice, installation) => {
    const spec = 'specPath' in choice ? await specIn(await readSpecFile(choice.specPath), choice.specPath, installation) : await shippedOrMade(choice, installation)
    const { hash: genesisHash } = buildGenesis(spec)
    const known = KNOWN_NETWORKS.find((network) => network.genesisHash === genesisHash)?.id
    return { id: spec.id, name: spec.name, chainType: chainTypeName(spec), genesisHash, bootNodes: spec.bootNodes.length, known }
  },

  prepare: async (choice, installation) => {
    if ('known' in choice) {
      const known = knownNetwork(choice.known)
      return blueprint({ kind: 'known', name: known.id }, known.displayName, undefined)
    }
    if ('private' in choice) {
      const spec = await shippedOrMade(choice, installation)
      return blueprint(identityOf(spec), choice.private.name, printSpec(spec, choice.private.name))
    }
    const { specPath, genesisHash } = choice
    const text = await readSpecFile(specPath)
    const spec = await specIn(text, specPath, installation)
    if (genesisHash !== undefined && buildGenesis(spec).hash !== genesisHash) {
      throw new NodeError<ChainNetworkErrorCode>('NETWORK_FILE_CHANGED', `${specPath} was changed since you were asked: it is another network now.`, { hint: 'Open it again, and look at what it says.' })
    }
    return blueprint(identityOf(spec), spec.name, text)
  },

  copy: async (profile) => blueprint(profile.chain, profile.settings.name, await specTextOf(profile), profile.settings),

  beside: async (profile, all, first) => {
    const settings = companionSettings(profile, all, first)
    return blueprint(profile.chain, settings.name, await specTextOf(profile), settings)
  },

  hasData: (chain, folder) => stat(chainDataPath(folder, { id: specIdOfChain(chain) })).then((found) => found.isDirectory(), () => false),

  build: ({ identity, settings: base }, { id, name, folder, ports, options: { role, account, autoStart = false, upnp } }) => {
    const copied = base as ChainSettings | undefined
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

  // The specification is taken along as text, because its genesis may have numbers that `JSON.parse` would round.
  exported: async (profile, head) => {
    const { chain, settings } = profile
    const specText = await specTextOf(profile)
    const spec = specText === undefined ? {} : { chainSpec: parseExact(specText.replace(/^\ufeff/, '')) }
    const file = JSON.parse(JSON.stringify({ ...head, chain, settings })) as ExactObject
    return `${printExact({ ...file, ...spec }, INDENT)}\n`
  },

  imported: (text, content) => {
    const { chain, settings, chainSpec } = importedSchema.parse(content)
    if (chain.kind === 'custom' && chainSpec === undefined) throw new RangeError('it lacks the chain specification of its network')
    return blueprint(chain, settings.name, chainSpec === undefined ? undefined : specTextIn(text), settings)
  },
}

function knownNetwork(name: string): (typeof KNOWN_NETWORKS)[number] {
  const known = KNOWN_NETWORKS.find(({ id }) => id === name)
  if (known === undefined) throw new NodeError<ChainNetworkErrorCode>('NETWORK_UNKNOWN', `No network "${name}" ships with the app.`)
  return known
}

/** With its genesis, which is made where the file has none. `source` is named in errors. */
function specIn(text: string, source: string, { workerUrls }: Installation): Promise<ChainSpec> {
  return resolveSpec(readSpec(text, source), source, { workerUrl: workerUrls?.genesis })
}

async function shippedOrMade(choice: Exclude<NewChain, { readonly specPath: string }>, { chainsPath, workerUrls }: Installation): Promise<ChainSpec> {
  if ('known' in choice) return loadChainSpec(knownNetwork(choice.known).id, { chainsPath, genesisWorkerUrl: workerUrls?.genesis })
  const { name } = choice.private
  const written = privateSpec(await shippedRuntime({ chainsPath }), choice.private, specIdOf(name))
  return markedSpec(await resolveSpec(written, name, { workerUrl: workerUrls?.genesis }))
}

function specTextIn(text: string): string | undefined {
  const file = parseExact(text)
  const spec = isExactObject(file) ? file['chainSpec'] : undefined
  return spec === undefined ? undefined : `${printExact(spec, INDENT)}\n`
}

function blueprint(identity: ChainIdentity, name: string, specText: string | undefined, settings?: ChainSettings): ChainBlueprint {
  return { kind: 'chain', name, identity, files: specText === undefined ? {} : { [SPEC_FILE]: specText }, ...(settings === undefined ? {} : { settings }) }
}

function identityOf(spec: ChainSpec): ChainIdentity {
  return { kind: 'custom', specId: spec.id, chainType: chainTypeName(spec).slice(0, 64) }
}
