/**
 * What the node of a chain can be told: the schema with its defaults. The command line (command/node-options.ts) and the settings of a
 * network (manager/) both end in these options.
 */
import { z } from 'zod'
import { WELL_KNOWN_ACCOUNTS } from '../../crypto/keys/dev-accounts.ts'
import { DEFAULT_PROMETHEUS_PORT } from '../../metrics/options.ts'
import { DEFAULT_RPC_OPTIONS, METHOD_POLICIES } from '../rpc/options.ts'

export { WELL_KNOWN_ACCOUNTS }
export type WellKnownAccount = (typeof WELL_KNOWN_ACCOUNTS)[number]

/** Characters as a person counts them: a name is shown in lists. */
export const MAX_NAME = 64
export const lengthOf = (text: string): number => [...text].length

/** Connections, subscriptions, requests in a batch, messages. */
export const MAX_RPC_COUNT = 65_535
/** In MiB: what a string can hold with room to spare. */
export const MAX_RPC_SIZE = 128
/** Calls a minute. */
export const MAX_CALL_RATE = 1_000_000

/** Where nothing else is said. */
export const DEFAULT_PORTS = { peers: 30333, rpc: 9944, metrics: DEFAULT_PROMETHEUS_PORT } as const

/** Milliseconds between two sealed blocks. */
export const LEAST_SEALING_MS = 10
export const MAX_SEALING_MS = 3_600_000
export const MAX_FINALIZE_DELAY_SEC = 86_400

/** In kB a second: 10 Gbit/s and more need no limit. */
export const MAX_BANDWIDTH_LIMIT = 1_000_000

/** Blocks that are counted so are far more than any chain has. */
export const MAX_PRUNING = 0xffff_ffff

/** What is kept: everything, everything of the finalized chain, or what belongs to so many of its newest blocks. */
export const pruningSchema = z.union([z.enum(['archive', 'archive-canonical']), z.number().int().min(0).max(MAX_PRUNING)])
export type Pruning = z.infer<typeof pruningSchema>

const port = z.number().int().min(0).max(65535)

export const nodeOptionsSchema = z.object({
  /** Name of a known network, or path of a chain specification. */
  chain: z.string().min(1),
  /** Holds `chains/<id>/` for each network. */
  basePath: z.string().min(1),
  /** The node's own name, shown to others. */
  name: z.string().min(1).refine((name) => lengthOf(name) <= MAX_NAME, `at most ${MAX_NAME} characters`).default('Nodestead'),
  /** Author and vote with the local keys. */
  validator: z.boolean().default(false),
  /** Author also where no other node is connected, though there are other authorities. */
  forceAuthoring: z.boolean().default(false),
  /** Seal blocks on request, as soon as there is a transaction, or every so many milliseconds, in place of consensus. */
  sealing: z.union([z.enum(['manual', 'instant']), z.number().int().min(LEAST_SEALING_MS).max(MAX_SEALING_MS)]).optional(),
  /** Where blocks are sealed so: after so many seconds they become final; on request alone where nothing is said. */
  finalizeDelaySec: z.number().int().min(0).max(MAX_FINALIZE_DELAY_SEC).optional(),
  /** Seal so though the network is none for development. */
  forceSealing: z.boolean().default(false),
  /** How to catch up: by executing every block, or from proofs of finality and the state of a late block. Where nothing is said, sync-mode.ts decides. */
  sync: z.enum(['full', 'warp']).optional(),
  /** Whose bodies and justifications are kept. Where nothing is said, sync-mode.ts decides. */
  blocksPruning: pruningSchema.optional(),
  /** Whose states are kept. Where nothing is said, sync-mode.ts decides for new data, and old data go on as before. */
  statePruning: pruningSchema.optional(),
  /** A file whose first line is the passphrase of the keystore. */
  keystorePassphraseFile: z.string().min(1).optional(),
  /** Development keys to author and vote with. */
  account: z.enum(WELL_KNOWN_ACCOUNTS).optional(),
  network: z
    .object({
      /** TCP port for peers; 0 lets the system choose. */
      port: port.default(DEFAULT_PORTS.peers),
      nodeKey: z.string().optional(),
      mdns: z.boolean().default(true),
      bootnodes: z.array(z.string()).default([]),
      /** Multiaddresses to listen on, instead of the port on every interface. */
      listenAddrs: z.array(z.string()).default([]),
      /** Multiaddresses to tell others, besides those that the node finds out. */
      publicAddrs: z.array(z.string()).default([]),
      /** Peers that always have a slot: multiaddresses with a peer id. */
      reservedNodes: z.array(z.string()).default([]),
      /** Speak with reserved peers only. */
      reservedOnly: z.boolean().default(false),
      /** A file of the peers that alone make up the network; it takes the place of reserved nodes and bootnodes. */
      topologyFile: z.string().min(1).optional(),
      /** A file with the key that all members of the network share. */
      networkKeyFile: z.string().min(1).optional(),
      /** Slots for peers who come to us, and for peers whom we choose. */
      inPeers: z.number().int().min(0).max(1000).default(32),
      outPeers: z.number().int().min(0).max(1000).default(8),
      /** What all peers together may bring and take, in kB (1,000 bytes) a second; 0 is no limit. */
      downloadLimit: z.number().int().min(0).max(MAX_BANDWIDTH_LIMIT).default(0),
      uploadLimit: z.number().int().min(0).max(MAX_BANDWIDTH_LIMIT).default(0),
      /** Ask the router to pass the ports for peers on (UPnP). Never those of JSON-RPC or of the dashboard. */
      upnp: z.boolean().default(false),
      /** Speak QUIC too, on the UDP port of the same number, where its native part is installed. */
      quic: z.boolean().default(false),
      /** Relay for peers who cannot reach each other. */
      relayServer: z.boolean().default(false),
    })
    .prefault({}),
  rpc: z
    .object({
      /** Port of JSON-RPC over HTTP and WebSocket; 0 lets the system choose. */
      port: port.default(DEFAULT_PORTS.rpc),
      /** Origins besides this computer's own that browsers may call from. */
      cors: z.array(z.string()).default(['https://polkadot.js.org', 'https://dev.papi.how']),
      /** Who may call methods that change the node or cost much: nobody, everybody, or programs of this computer. */
      methods: z.enum(METHOD_POLICIES).default(DEFAULT_RPC_OPTIONS.methods),
      /** Serve other machines, too. */
      external: z.boolean().default(DEFAULT_RPC_OPTIONS.external),
      maxConnections: z.number().int().min(1).max(MAX_RPC_COUNT).default(DEFAULT_RPC_OPTIONS.maxConnections),
      /** Largest request and largest answer, in MiB. */
      maxRequestSize: z.number().int().min(1).max(MAX_RPC_SIZE).default(15),
      maxResponseSize: z.number().int().min(1).max(MAX_RPC_SIZE).default(15),
      maxSubscriptionsPerConnection: z.number().int().min(1).max(MAX_RPC_COUNT).default(DEFAULT_RPC_OPTIONS.maxSubscriptionsPerConnection),
      /** Requests in one batch; 0 takes no batches. */
      maxBatch: z.number().int().min(0).max(MAX_RPC_COUNT).default(DEFAULT_RPC_OPTIONS.maxBatch),
      /** Calls that a connection may make a minute; 0 is no limit. */
      callsPerMinute: z.number().int().min(0).max(MAX_CALL_RATE).default(DEFAULT_RPC_OPTIONS.callsPerMinute),
      /** Messages that may wait unsent for a client before it is disconnected. */
      maxBacklogMessages: z.number().int().min(1).max(MAX_RPC_COUNT).default(DEFAULT_RPC_OPTIONS.maxBacklogMessages),
    })
    .prefault({}),
  net: z
    .object({
      /** Open the network to services and to programs of this computer. */
      enabled: z.boolean().default(false),
      /** Keep the token of a program that may use everything in this file, which is made where there is none. */
      tokenFile: z.string().min(1).optional(),
      /** A file with plain links to machines of one's own. */
      plainFile: z.string().min(1).optional(),
      /** Keep sealed messages of others for peers who are away. */
      keepsForOthers: z.boolean().default(false),
      /** What shared files may take of the line, in kB (1,000 bytes) a second; 0 is no limit. */
      uploadLimit: z.number().int().min(0).max(MAX_BANDWIDTH_LIMIT).default(0),
      downloadLimit: z.number().int().min(0).max(MAX_BANDWIDTH_LIMIT).default(0),
    })
    .prefault({}),
  prometheus: z
    .object({
      /** Serve metrics at `/metrics`. */
      enabled: z.boolean().default(false),
      port: port.default(DEFAULT_PORTS.metrics),
      /** Where the port is taken, take any other. */
      fallback: z.boolean().default(false),
      /** To other machines too. */
      external: z.boolean().default(false),
    })
    .prefault({}),
})

export type NodeOptions = z.infer<typeof nodeOptionsSchema>

/** The scripts of the worker threads, where the program is bundled. */
export type WorkerUrls = Readonly<Record<'runtime' | 'crypto' | 'explorer' | 'genesis' | 'state' | 'ip', URL>>
