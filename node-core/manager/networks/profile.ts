/**
 * A network of this computer as it is remembered: which chain, where its data are, and how its node is set.
 *
 * What a person may change by hand is the {@link ProfileSettings} part; the rest is decided when the network is added.
 * Everything here is plain data that goes into `networks.json`. There are no secrets in it.
 */
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { parseLogFilter } from '../../base/logger.ts'
import { KNOWN_NETWORKS } from '../../chain/spec/networks.ts'
import { parseAddress, peerIdIn } from '../../network/peers/address.ts'
import { nodeOptionsSchema, WELL_KNOWN_ACCOUNTS, type NodeOptions } from '../../chain/node/options.ts'

export const PROFILE_VERSION = 1

/** Also a folder name. */
export const profileId = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/)
export const profileName = z.string().trim().min(1).max(64)

const KNOWN_IDS = KNOWN_NETWORKS.map(({ id }) => id)

/** The file of a chain specification in the network's folder. */
export const SPEC_FILE = 'chain-spec.json'

const chainSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('known'), name: z.string().refine((name) => KNOWN_IDS.includes(name), 'not a network that ships with the app') }),
  z.strictObject({
    kind: z.literal('custom'),
    /** The specification's `id`, which names the folder below `chains`. */
    specId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    /** Its chain type: development accounts are for others than `Live`. */
    chainType: z.string().max(64),
  }),
])

function isAddress(text: string): boolean {
  try {
    parseAddress('', text)
    return true
  } catch {
    return false
  }
}

function isPeerAddress(text: string): boolean {
  return isAddress(text) && peerIdIn(parseAddress('', text)) !== undefined
}

function isLogFilter(text: string): boolean {
  try {
    parseLogFilter(text)
    return true
  } catch {
    return false
  }
}

const list = (item: z.ZodString) => z.array(item).max(64)
const address = z.string().max(1024).refine(isAddress, 'not a multiaddress').meta({ format: 'multiaddr' })
const peerAddress = z.string().max(1024).refine(isPeerAddress, 'not a multiaddress with a peer id').meta({ format: 'peer-multiaddr' })
const origin = z.string().max(256).regex(/^(\*|[a-z][a-z0-9+.-]*:\/\/[^\s/]+)$/, 'not an origin').meta({ format: 'origin' })

const network = nodeOptionsSchema.shape.network.unwrap()
const rpc = nodeOptionsSchema.shape.rpc.unwrap()
const prometheus = nodeOptionsSchema.shape.prometheus.unwrap()

/** What a person may set of a network. Every part has a default. */
export const profileSettingsSchema = z.strictObject({
  name: profileName,
  role: z.enum(['full', 'validator']).default('full'),
  /** The development account whose keys the node uses, on development chains. */
  account: z.enum(['none', ...WELL_KNOWN_ACCOUNTS]).default('none'),
  /** A validator authors also where no other node is connected, though there are other authorities. */
  forceAuthoring: nodeOptionsSchema.shape.forceAuthoring,
  /** Start its node when the app opens. */
  autoStart: z.boolean().default(false),
  log: z.string().max(256).refine(isLogFilter, 'not a log filter').meta({ format: 'log-filter' }).default('info'),
  network: z
    .strictObject({
      port: network.shape.port,
      listenAddrs: list(address).default([]),
      publicAddrs: list(address).default([]),
      bootnodes: list(peerAddress).default([]),
      reservedNodes: list(peerAddress).default([]),
      reservedOnly: network.shape.reservedOnly,
      inPeers: network.shape.inPeers,
      outPeers: network.shape.outPeers,
      mdns: network.shape.mdns,
      upnp: z.boolean().default(true),
      relayServer: network.shape.relayServer,
    })
    .prefault({}),
  rpc: z
    .strictObject({ port: rpc.shape.port, cors: list(origin).default(rpc.shape.cors.parse(undefined)) })
    .prefault({}),
  prometheus: z
    .strictObject({ enabled: prometheus.shape.enabled, port: prometheus.shape.port, external: prometheus.shape.external })
    .prefault({}),
})

export type ProfileSettings = z.output<typeof profileSettingsSchema>

export const networkProfileSchema = z.strictObject({
  id: profileId,
  chain: chainSchema,
  /** Absolute path; holds `chains/<spec id>` and, for a chain of one's own, `chain-spec.json`. */
  folder: z.string().min(1).max(4096).refine((path) => isAbsolute(path), 'not an absolute path'),
  settings: profileSettingsSchema,
})

export type NetworkProfile = z.output<typeof networkProfileSchema>
export type ProfileChain = NetworkProfile['chain']

export function specIdOfChain(chain: ProfileChain): string {
  if (chain.kind === 'custom') return chain.specId
  const known = KNOWN_NETWORKS.find(({ id }) => id === chain.name)
  if (known === undefined) throw new RangeError(`${chain.name} is not a known network`)
  return known.specId
}

/** Where the node's data are: what `chainDataPath` of spec/load.ts gives for this folder. */
export function dataPathOf({ folder, chain }: Pick<NetworkProfile, 'folder' | 'chain'>): string {
  return join(folder, 'chains', specIdOfChain(chain))
}

/** What belongs to the network in its folder, relative to it: this is moved and deleted, and nothing else. */
export function ownedPaths({ chain }: Pick<NetworkProfile, 'chain'>): readonly string[] {
  return [join('chains', specIdOfChain(chain)), ...(chain.kind === 'custom' ? [SPEC_FILE] : [])]
}

/** What `loadChainSpec` takes. */
export function chainArgument({ chain, folder }: Pick<NetworkProfile, 'folder' | 'chain'>): string {
  return chain.kind === 'known' ? chain.name : join(folder, SPEC_FILE)
}

/** True where development accounts may be used: their keys are public. */
export function isDevelopment(chain: ProfileChain): boolean {
  return chain.kind === 'known' ? chain.name === 'dev' || chain.name === 'local' : chain.chainType !== 'Live'
}

/** The node's options as this profile has them. */
export function nodeOptionsOf(profile: NetworkProfile): NodeOptions {
  const { role, account, forceAuthoring, network: peers, rpc: wallets, prometheus: figures } = profile.settings
  const keys = account !== 'none' && isDevelopment(profile.chain) ? { account } : {}
  return nodeOptionsSchema.parse({
    chain: chainArgument(profile),
    basePath: profile.folder,
    validator: role === 'validator',
    forceAuthoring,
    ...keys,
    network: peers,
    rpc: wallets,
    prometheus: figures,
  })
}

/** Settings that take effect at once; the others at the node's next start. */
const LIVE: ReadonlySet<string> = new Set(['name', 'autoStart'])

/** Dotted names of the settings in which two differ and that need a restart. */
export function restartChanges(from: ProfileSettings, to: ProfileSettings): readonly string[] {
  return differences(from, to, '').filter((path) => !LIVE.has(path))
}

function differences(from: unknown, to: unknown, path: string): string[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)])
    return [...keys].flatMap((key) => differences(from[key], to[key], path === '' ? key : `${path}.${key}`))
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [path]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
