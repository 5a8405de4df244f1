/**
 * The network of a chain as it is remembered: which chain, where its data are, and how its node is set. What a person may change by
 * hand is the {@link ChainSettings} part; the rest is decided when the network is added.
 */
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { nodeOptionsSchema, pruningSchema, WELL_KNOWN_ACCOUNTS, type NodeOptions, type Pruning } from '../../../chain/node/options.ts'
import { chainDataPath } from '../../../chain/spec/load.ts'
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'
import { parseAddress, peerIdIn } from '../../../network/peers/address.ts'
import { logFilter, profileFolder, profileId, profileName } from '../profiles.ts'

const KNOWN_IDS = KNOWN_NETWORKS.map(({ id }) => id)

/** The file of a chain specification in the network's folder. */
export const SPEC_FILE = 'chain-spec.json'

export const chainSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('known'), name: z.string().refine((name) => KNOWN_IDS.includes(name), 'not a network that ships with the app') }),
  z.strictObject({
    kind: z.literal('custom'),
    /** The specification's `id`, which names the folder below `chains`. */
    specId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    /** Its chain type: development accounts are for others than `Live`. */
    chainType: z.string().max(64),
    /** A live relay chain, as far as its specification told. */
    relay: z.literal(true).optional(),
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

/** A multiaddress with a peer id. */
export function isPeerAddress(text: string): boolean {
  return isAddress(text) && peerIdIn(parseAddress('', text)) !== undefined
}

const list = (item: z.ZodString) => z.array(item).max(64)
const address = z.string().max(1024).refine(isAddress, 'not a multiaddress').meta({ format: 'multiaddr' })
const peerAddress = z.string().max(1024).refine(isPeerAddress, 'not a multiaddress with a peer id').meta({ format: 'peer-multiaddr' })
const origin = z.string().max(256).regex(/^(\*|[a-z][a-z0-9+.-]*:\/\/[^\s/]+)$/, 'not an origin').meta({ format: 'origin' })

/** Absolute, or none. */
const filePath = z.string().max(4096).refine((text) => text === '' || isAbsolute(text), 'not an absolute path').meta({ format: 'file-path' })

/** What is kept, as a person writes it. */
const pruning = z.string().max(32).refine((text) => text === 'auto' || pruningIn(text) !== undefined, 'not a way to prune').meta({ format: 'pruning' })

const network = nodeOptionsSchema.shape.network.unwrap()
const rpc = nodeOptionsSchema.shape.rpc.unwrap()
const prometheus = nodeOptionsSchema.shape.prometheus.unwrap()
const net = nodeOptionsSchema.shape.net.unwrap()

export const wellKnownAccount = z.enum(WELL_KNOWN_ACCOUNTS)

/** What a person may set of a network. Every part has a default. */
export const chainSettingsSchema = z.strictObject({
  name: profileName,
  role: z.enum(['full', 'validator']).default('full'),
  /** The development account whose keys the node uses, on development chains. */
  account: z.enum(['none', ...WELL_KNOWN_ACCOUNTS]).default('none'),
  /** A validator authors also where no other node is connected, though there are other authorities. */
  forceAuthoring: nodeOptionsSchema.shape.forceAuthoring,
  /** When blocks are made: by consensus in slots, as soon as there is a transaction, or when somebody asks. The latter for development chains. */
  sealing: z.enum(['slots', 'instant', 'manual']).default('slots'),
  /** How to catch up; `auto`: as is usual on such a network. */
  sync: z.enum(['auto', 'warp', 'full']).default('auto'),
  /** Whose blocks are kept; `auto`: all on networks of one's own, none of before the start on live ones. */
  blocksPruning: pruning.default('auto'),
  /** Whose states are kept; `auto`: as the data are, for new ones all on networks of one's own and those of 256 blocks on live ones. */
  statePruning: pruning.default('auto'),
  /** Start its node when the app opens. */
  autoStart: z.boolean().default(false),
  log: logFilter.default('info'),
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
      downloadLimit: network.shape.downloadLimit,
      uploadLimit: network.shape.uploadLimit,
      mdns: network.shape.mdns,
      upnp: z.boolean().default(true),
      quic: network.shape.quic,
      relayServer: network.shape.relayServer,
      /** The peers that alone make up the network; everybody else where it is empty. */
      topologyFile: filePath.default(''),
      /** The key that all members share; none where it is empty. */
      networkKeyFile: filePath.default(''),
    })
    .prefault({}),
  rpc: z
    .strictObject({
      port: rpc.shape.port,
      cors: list(origin).default(rpc.shape.cors.parse(undefined)),
      methods: rpc.shape.methods,
      external: rpc.shape.external,
      maxConnections: rpc.shape.maxConnections,
      maxSubscriptionsPerConnection: rpc.shape.maxSubscriptionsPerConnection,
      maxRequestSize: rpc.shape.maxRequestSize,
      maxResponseSize: rpc.shape.maxResponseSize,
      maxBatch: rpc.shape.maxBatch,
      callsPerMinute: rpc.shape.callsPerMinute,
    })
    .prefault({}),
  /** Open to services and to programs of this computer. */
  net: z.strictObject({ enabled: net.shape.enabled }).prefault({}),
  prometheus: z
    .strictObject({ enabled: prometheus.shape.enabled, port: prometheus.shape.port, external: prometheus.shape.external })
    .prefault({}),
})

export type ChainSettings = z.output<typeof chainSettingsSchema>

export const chainProfileSchema = z.strictObject({
  id: profileId,
  kind: z.literal('chain'),
  chain: chainSchema,
  /** Absolute path; holds `chains/<spec id>` and, for a chain of one's own, `chain-spec.json`. */
  folder: profileFolder,
  settings: chainSettingsSchema,
})

export type ChainProfile = z.output<typeof chainProfileSchema>
export type ChainIdentity = ChainProfile['chain']

export function specIdOfChain(chain: ChainIdentity): string {
  if (chain.kind === 'custom') return chain.specId
  const known = KNOWN_NETWORKS.find(({ id }) => id === chain.name)
  if (known === undefined) throw new RangeError(`${chain.name} is not a known network`)
  return known.specId
}

/** Where the node's data are. */
export function dataPathOf({ folder, chain }: Pick<ChainProfile, 'folder' | 'chain'>): string {
  return chainDataPath(folder, { id: specIdOfChain(chain) })
}

/** What belongs to the network in its folder, relative to it: this is moved and deleted, and nothing else. */
export function ownedPaths({ chain }: Pick<ChainProfile, 'chain'>): readonly string[] {
  return [join('chains', specIdOfChain(chain)), ...(chain.kind === 'custom' ? [SPEC_FILE] : [])]
}

/** What `loadChainSpec` takes. */
function chainArgument({ chain, folder }: Pick<ChainProfile, 'folder' | 'chain'>): string {
  return chain.kind === 'known' ? chain.name : join(folder, SPEC_FILE)
}

/** Undefined where it is none. */
function pruningIn(text: string): Pruning | undefined {
  return pruningSchema.safeParse(/^\d{1,10}$/.test(text) ? Number(text) : text).data
}

/** True where development accounts may be used: their keys are public. */
export function isDevelopment(chain: ChainIdentity): boolean {
  return chain.kind === 'known' ? chain.name === 'dev' || chain.name === 'local' : chain.chainType !== 'Live'
}

/** True where blocks may be sealed on request: a network that no other node is in. */
export function isSealable(chain: ChainIdentity): boolean {
  return chain.kind === 'known' ? chain.name === 'dev' : chain.chainType === 'Development'
}

/** False where this node cannot be a validator: on live relay chains (chain/spec/relay.ts). */
export function canValidate(chain: ChainIdentity): boolean {
  return chain.kind === 'known' ? KNOWN_NETWORKS.find(({ id }) => id === chain.name)?.isRelay !== true : chain.relay !== true
}

/** The node's options as this profile has them. */
export function nodeOptionsOf(profile: ChainProfile): NodeOptions {
  const { role, account, forceAuthoring, sealing, sync, blocksPruning, statePruning, network: peers, rpc: wallets, net: opening, prometheus: figures } = profile.settings
  // Who asks for single blocks decides about finality, too.
  const sealed = sealing === 'slots' ? {} : sealing === 'instant' ? { sealing, finalizeDelaySec: 0 } : { sealing }
  const keys = account !== 'none' && isDevelopment(profile.chain) ? { account } : {}
  return nodeOptionsSchema.parse({
    chain: chainArgument(profile),
    basePath: profile.folder,
    validator: role === 'validator',
    forceAuthoring,
    ...keys,
    ...sealed,
    ...(sync === 'auto' ? {} : { sync }),
    ...(blocksPruning !== 'auto' ? { blocksPruning: pruningIn(blocksPruning) } : isDevelopment(profile.chain) ? {} : { blocksPruning: 0 }),
    ...(statePruning === 'auto' ? {} : { statePruning: pruningIn(statePruning) }),
    network: { ...peers, topologyFile: peers.topologyFile === '' ? undefined : peers.topologyFile, networkKeyFile: peers.networkKeyFile === '' ? undefined : peers.networkKeyFile },
    rpc: wallets,
    net: opening,
    prometheus: figures,
  })
}
