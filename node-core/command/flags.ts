/**
 * The flags of a node, as data (definition/flag.ts says what each part means). What their values mean as options is decided in
 * node-options.ts.
 */
import type { FlagTable, FlagValues } from './definition/flag.ts'
import type { Rivals } from './reading/layers.ts'

/** Which network, and where its data are: of every command that works with a chain. */
export const CHAIN_FLAGS = {
  chain: { type: 'string', value: 'name|file', group: 'chain', common: true, fallback: 'polkadot, or dev with --dev', completes: 'file', choices: ['dev', 'local', 'polkadot', 'kusama', 'westend', 'paseo'],
    help: 'dev, local, polkadot, kusama, westend, paseo, a file, an invitation', detail: 'A file is a chain specification; an invitation is the link that a private network is shared by.' },
  dev: { type: 'boolean', group: 'chain', common: true, help: 'the development network, with Alice', detail: 'The same as --chain dev --alice --force-authoring --tmp, unless said otherwise.' },
  'base-path': { type: 'string', short: 'd', value: 'dir', group: 'chain', common: true, completes: 'folder', help: 'where data are kept' },
} as const satisfies FlagTable

/** The key by which a node is known to others. */
export const NODE_KEY_FLAGS = {
  'node-key': { type: 'string', value: '64 hex', group: 'peers', secret: true, help: "the node's network key",
    detail: 'Other users of this computer can see it while the node runs; --node-key-file keeps it from them.' },
  'node-key-file': { type: 'string', value: 'file', group: 'peers', completes: 'file', help: 'the same in a file: 32 bytes, or 64 hex digits' },
} as const satisfies FlagTable

export const PASSPHRASE_FLAGS = {
  'keystore-passphrase-file': { type: 'string', value: 'file', group: 'role', completes: 'file', help: 'its first line unlocks the keys', detail: 'Where the keys have no passphrase yet, it is chosen for them.' },
} as const satisfies FlagTable

const account = (name: string) => ({ type: 'boolean', group: 'role', help: `use the development account of ${name}` }) as const

export const NODE_FLAGS = {
  ...CHAIN_FLAGS,
  tmp: { type: 'boolean', group: 'chain', help: 'keep nothing: a folder that is removed at the end' },
  'no-guide': { type: 'boolean', group: 'chain', help: 'ask nothing at a first start on a terminal' },
  'no-config': { type: 'boolean', group: 'chain', help: 'leave aside what the guide saved in the base folder',
    detail: 'Its file nodestead.toml there counts where neither a network nor a file is named.' },
  name: { type: 'string', value: 'text', group: 'chain', common: true, fallback: 'Nodestead', help: "the node's name" },
  validator: { type: 'boolean', group: 'role', common: true, help: 'author and vote with the local keys' },
  'force-authoring': { type: 'boolean', group: 'role', help: 'author while no other authority is connected, too' },
  sealing: { type: 'string', value: 'how', group: 'role', choices: ['manual', 'instant'], help: 'for development: manual, instant, or milliseconds',
    detail: 'Blocks come on request (manual), for each transaction (instant), or every so many milliseconds, in place of consensus. They become final on request, or by --finalize-delay-sec.' },
  'finalize-delay-sec': { type: 'string', value: 'n', group: 'role', help: 'sealed blocks become final so much later' },
  'force-sealing': { type: 'boolean', group: 'role', help: 'seal on any network' },
  alice: account('Alice'),
  bob: account('Bob'),
  charlie: account('Charlie'),
  dave: account('Dave'),
  eve: account('Eve'),
  ferdie: account('Ferdie'),
  ...PASSPHRASE_FLAGS,
  sync: { type: 'string', value: 'how', group: 'sync', choices: ['full', 'warp'], common: true, help: 'full: execute all; warp: begin at a late state', fallback: 'warp on live networks' },
  'blocks-pruning': { type: 'string', value: 'how', group: 'sync', choices: ['archive', 'archive-canonical'], help: 'blocks to keep: archive, archive-canonical, or n',
    detail: 'All; those of the finalized chain, as on live networks; or the newest n of these, at least 256.' },
  'state-pruning': { type: 'string', value: 'how', group: 'sync', choices: ['archive', 'archive-canonical'], help: 'states to keep: archive, archive-canonical, or n',
    detail: 'All; those of the finalized chain; or those of its newest n blocks, 256 on live networks.' },
  port: { type: 'string', value: 'n', group: 'peers', common: true, fallback: '30333', help: 'port for peers' },
  ...NODE_KEY_FLAGS,
  bootnodes: { type: 'string', multiple: true, value: 'addr', group: 'peers', help: 'peers to begin with' },
  'no-mdns': { type: 'boolean', group: 'peers', help: 'do not look for peers on the local network' },
  'listen-addr': { type: 'string', multiple: true, value: 'addr', group: 'peers', help: 'where to listen, in place of --port' },
  'public-addr': { type: 'string', multiple: true, value: 'addr', group: 'peers', help: 'where others reach this node' },
  'reserved-nodes': { type: 'string', multiple: true, value: 'addr', group: 'peers', help: 'peers that always have a slot' },
  'reserved-only': { type: 'boolean', group: 'peers', help: 'and nobody else has' },
  'topology-file': { type: 'string', value: 'file', group: 'peers', completes: 'file', help: 'the peers that alone make up the network', detail: 'They are all connected with each other. The file is read again when it changes.' },
  'network-key-file': { type: 'string', value: 'file', group: 'peers', completes: 'file', help: 'the key that members of a private network share' },
  'in-peers': { type: 'string', value: 'n', group: 'peers', fallback: '32', help: 'slots for peers who come to us' },
  'out-peers': { type: 'string', value: 'n', group: 'peers', fallback: '8', help: 'and for those we choose' },
  'download-limit': { type: 'string', value: 'kB/s', group: 'peers', fallback: '0', help: 'what all peers together may bring' },
  'upload-limit': { type: 'string', value: 'kB/s', group: 'peers', fallback: '0', help: 'and take; 0 is no limit' },
  upnp: { type: 'boolean', group: 'peers', help: 'have the router pass the ports for peers on' },
  quic: { type: 'boolean', group: 'peers', help: 'speak QUIC too, on the UDP port of that number' },
  'relay-server': { type: 'boolean', group: 'peers', help: 'relay for peers behind routers' },
  'rpc-port': { type: 'string', value: 'n', group: 'rpc', common: true, fallback: '9944', help: 'port of JSON-RPC, over HTTP and WebSocket' },
  'rpc-cors': { type: 'string', value: 'origins', group: 'rpc', help: 'web pages that may call: origins by commas, or all' },
  'rpc-methods': { type: 'string', value: 'how', group: 'rpc', choices: ['auto', 'safe', 'unsafe'], fallback: 'auto', help: 'who may change the node by it: safe, unsafe',
    detail: 'Methods that change the node or cost much are for everybody (unsafe), nobody (safe), or programs of this computer (auto).' },
  'rpc-external': { type: 'boolean', group: 'rpc', help: 'serve other machines too' },
  'unsafe-rpc-external': { type: 'boolean', group: 'rpc', help: 'the same, on a validator too' },
  'rpc-max-connections': { type: 'string', value: 'n', group: 'rpc', fallback: '100', help: 'connections at once' },
  'rpc-max-request-size': { type: 'string', value: 'MiB', group: 'rpc', fallback: '15', help: 'largest request' },
  'rpc-max-response-size': { type: 'string', value: 'MiB', group: 'rpc', fallback: '15', help: 'largest answer' },
  'rpc-max-subscriptions-per-connection': { type: 'string', value: 'n', group: 'rpc', fallback: '1024', help: 'subscriptions' },
  'rpc-message-buffer-capacity-per-connection': { type: 'string', value: 'n', group: 'rpc', fallback: '4096', help: 'messages that wait unsent' },
  'rpc-rate-limit': { type: 'string', value: 'n', group: 'rpc', help: 'calls a minute and connection' },
  'rpc-max-batch-request-len': { type: 'string', value: 'n', group: 'rpc', fallback: '1000', help: 'requests in a batch' },
  'rpc-disable-batch-requests': { type: 'boolean', group: 'rpc', help: 'take no batches' },
  net: { type: 'boolean', group: 'programs', help: 'open the network to programs of this computer', detail: 'They get topics, channels, sealed messages and files, by a local socket.' },
  'net-token-file': { type: 'string', value: 'file', group: 'programs', completes: 'file', help: 'keep the token of a program for all of it here', detail: 'The file is made where there is none.' },
  'dashboard-public-url': { type: 'string', value: 'url', group: 'watching', help: 'where a reverse proxy shows the dashboard', detail: 'As browsers see it, such as https://ops.example/node/.' },
  'net-plain-file': { type: 'string', value: 'file', group: 'programs', completes: 'file', help: 'plain links to machines of your own', detail: 'TCP without encryption, for topics of services.' },
  'net-keep-for-others': { type: 'boolean', group: 'programs', help: 'keep sealed messages for peers who are away' },
  'net-upload-limit': { type: 'string', value: 'kB/s', group: 'programs', fallback: '0', help: 'what shared files may take' },
  'net-download-limit': { type: 'string', value: 'kB/s', group: 'programs', fallback: '0', help: 'and fetched ones; 0 is no limit' },
  'prometheus-port': { type: 'string', value: 'n', group: 'watching', fallback: '9615, or another where that is taken', help: 'port of the metrics' },
  'prometheus-external': { type: 'boolean', group: 'watching', help: 'and not for this computer only' },
  'no-prometheus': { type: 'boolean', group: 'watching', help: 'do not serve metrics' },
  dashboard: { type: 'boolean', group: 'watching', common: true, help: 'serve the dashboard, for a browser' },
  'dashboard-port': { type: 'string', value: 'n', group: 'watching', fallback: '9955', help: 'its port' },
  'dashboard-token-file': { type: 'string', value: 'file', group: 'watching', completes: 'file', help: 'keep its token here: its address stays the same', detail: 'The file is made where there is none.' },
  'service-port': { type: 'string', value: 'n', group: 'programs', fallback: '9966', help: 'serve the service API: gRPC, gRPC-web and JSON', detail: 'On this computer alone, to clients with a token; --service-token-file makes the first.' },
  'service-listen': { type: 'string', value: 'addr', group: 'programs', fallback: '127.0.0.1', help: 'address of the service API', detail: 'One that other computers reach needs TLS.' },
  'service-tls-cert': { type: 'string', value: 'file', group: 'programs', completes: 'file', help: 'its certificate, in PEM', detail: 'Looked at again when it changes, as its key.' },
  'service-tls-key': { type: 'string', value: 'file', group: 'programs', completes: 'file', help: 'and its key, readable by you only' },
  'service-token-file': { type: 'string', value: 'file', group: 'programs', completes: 'file', help: 'keep the token of a client for all of it here', detail: 'The file is made where there is none.' },
} as const satisfies FlagTable

export type NodeFlagValues = FlagValues<typeof NODE_FLAGS>

/** Of each of these one holds at the most: what is said nearer takes back the others. */
export const RIVALS: Rivals = [['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'], ['tmp', 'base-path'], ['no-prometheus', 'prometheus-port'], ['no-prometheus', 'prometheus-external'], ['node-key', 'node-key-file'], ['rpc-disable-batch-requests', 'rpc-max-batch-request-len']]
