/**
 * What a node can be told, in one place: the schema with its defaults, and the translation of Substrate's command-line
 * flags into it. The desktop app builds the same options from its settings.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { NodeError } from './base/errors.ts'
import { parseLogFilter } from './base/logger.ts'
import { DEFAULT_PROMETHEUS_PORT } from './metrics/options.ts'

export const WELL_KNOWN_ACCOUNTS = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'] as const
export type WellKnownAccount = (typeof WELL_KNOWN_ACCOUNTS)[number]

const port = z.number().int().min(0).max(65535)

export const nodeOptionsSchema = z.object({
  /** Name of a known network, or path of a chain specification. */
  chain: z.string().min(1),
  /** Holds `chains/<id>/` for each network. */
  basePath: z.string().min(1),
  /** The node's own name, shown to others. */
  name: z.string().min(1).max(64).default('Nodestead'),
  /** Author and vote with the local keys. */
  validator: z.boolean().default(false),
  /** Author also where no other node is connected, though there are other authorities. */
  forceAuthoring: z.boolean().default(false),
  /** A file whose first line is the passphrase of the keystore. */
  keystorePassphraseFile: z.string().min(1).optional(),
  /** Development keys to author and vote with. */
  account: z.enum(WELL_KNOWN_ACCOUNTS).optional(),
  network: z
    .object({
      /** TCP port for peers; 0 lets the system choose. */
      port: port.default(30333),
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
      /** Slots for peers who come to us, and for peers whom we choose. */
      inPeers: z.number().int().min(0).max(1000).default(32),
      outPeers: z.number().int().min(0).max(1000).default(8),
      /** Ask the router to pass the ports for peers on (UPnP). Never those of JSON-RPC or of the dashboard. */
      upnp: z.boolean().default(false),
      /** Relay for peers who cannot reach each other. */
      relayServer: z.boolean().default(false),
    })
    .prefault({}),
  rpc: z
    .object({
      /** Port of JSON-RPC over HTTP and WebSocket; 0 lets the system choose. */
      port: port.default(9944),
      /** Origins besides this computer's own that browsers may call from. */
      cors: z.array(z.string()).default(['https://polkadot.js.org', 'https://dev.papi.how']),
    })
    .prefault({}),
  prometheus: z
    .object({
      /** Serve metrics at `/metrics`. */
      enabled: z.boolean().default(false),
      port: port.default(DEFAULT_PROMETHEUS_PORT),
      /** Where the port is taken, take any other. */
      fallback: z.boolean().default(false),
      /** To other machines too. */
      external: z.boolean().default(false),
    })
    .prefault({}),
})

export type NodeOptions = z.infer<typeof nodeOptionsSchema>

export interface CommandLine {
  readonly command: 'run' | 'build-spec' | 'help' | 'version'
  readonly options: NodeOptions
  /** The data folder is temporary: it is removed at the end. */
  readonly temporary: boolean
  readonly log: string
  /** Of `build-spec`: keep raw storage (the only form that this node has). */
  readonly raw: boolean
  /** Port of the dashboard; undefined where none is wanted. */
  readonly dashboardPort: number | undefined
}

const flags = {
  dev: { type: 'boolean' },
  chain: { type: 'string' },
  tmp: { type: 'boolean' },
  'base-path': { type: 'string', short: 'd' },
  name: { type: 'string' },
  validator: { type: 'boolean' },
  'force-authoring': { type: 'boolean' },
  alice: { type: 'boolean' },
  bob: { type: 'boolean' },
  charlie: { type: 'boolean' },
  dave: { type: 'boolean' },
  eve: { type: 'boolean' },
  ferdie: { type: 'boolean' },
  'keystore-passphrase-file': { type: 'string' },
  port: { type: 'string' },
  'rpc-port': { type: 'string' },
  'rpc-cors': { type: 'string' },
  log: { type: 'string', short: 'l' },
  'node-key': { type: 'string' },
  'no-mdns': { type: 'boolean' },
  bootnodes: { type: 'string', multiple: true },
  'listen-addr': { type: 'string', multiple: true },
  'public-addr': { type: 'string', multiple: true },
  'reserved-nodes': { type: 'string', multiple: true },
  'reserved-only': { type: 'boolean' },
  'in-peers': { type: 'string' },
  'out-peers': { type: 'string' },
  upnp: { type: 'boolean' },
  'relay-server': { type: 'boolean' },
  'prometheus-port': { type: 'string' },
  'prometheus-external': { type: 'boolean' },
  'no-prometheus': { type: 'boolean' },
  raw: { type: 'boolean' },
  dashboard: { type: 'boolean' },
  'dashboard-port': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

/** Every flag that the command line takes, without the dashes. */
export const FLAG_NAMES: readonly string[] = Object.keys(flags)

/** `invocation` is what a person types before the flags. */
export const usage = (invocation: string): string => `Nodestead: a full node of a Polkadot-family network.

Usage: ${invocation} [flags]
       ${invocation} build-spec --chain <name or file> [--raw]

  --dev                  the development network: --chain dev --alice --force-authoring --tmp, unless said otherwise
  --chain <name|file>    dev, local, polkadot, kusama, westend, or the path of a raw chain specification
  --base-path, -d <dir>  where data is kept            --tmp       keep nothing: a folder that is removed at the end
  --name <text>          the node's name                --validator author and vote with the local keys
  --alice … --ferdie     use a development account's keys (implies --validator)
  --force-authoring      author also while no other node of a network with several authorities is connected
  --keystore-passphrase-file <path>  its first line unlocks the keys of this node, or is chosen for them
  --port <n>             port for peers (30333)         --node-key <64 hex digits>   the node's network key
  --bootnodes <addr>     peers to begin with; may be repeated      --no-mdns   do not look for peers on the local network
  --listen-addr <addr>   where to listen for peers instead          --public-addr <addr>  where others reach us
  --reserved-nodes <addr>  peers that always have a slot            --reserved-only       and nobody else has
  --in-peers <n>         slots for peers who come to us (32)        --out-peers <n>       and for those we choose (8)
  --upnp                 have the router pass the ports for peers on  --relay-server      relay for peers behind routers
  --rpc-port <n>         port of JSON-RPC (9944)        --rpc-cors <origin,…|all>    who may call from a browser
  --prometheus-port <n>  port of the metrics (9615)     --prometheus-external        and not for this machine only
  --no-prometheus        do not serve metrics
  --dashboard            serve the dashboard too        --dashboard-port <n>         its port (9955)
  --log, -l <filter>     trace, debug, info, warn, error; or by module: info,babe=trace
  --help, -h             this text                      --version, -V                the version
`

/** Where data is kept unless --base-path says otherwise. */
export function defaultBasePath(platform = process.platform, env: NodeJS.ProcessEnv = process.env): string {
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'nodestead')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'nodestead')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'nodestead')
}

/** Throws a NodeError `OPTIONS_INVALID` that names the flag. `temporaryPath` makes the folder for --tmp. */
export function parseCommandLine(argv: readonly string[], temporaryPath: () => string): CommandLine {
  const { values, positionals } = parse(argv)
  if (positionals.length > 1 || (positionals[0] !== undefined && positionals[0] !== 'build-spec')) {
    throw invalid(`"${positionals.find((word) => word !== 'build-spec') ?? positionals.join(' ')}" is not a command.`)
  }
  const command = values.help ? 'help' : values.version ? 'version' : positionals[0] === 'build-spec' ? 'build-spec' : 'run'
  const accounts = WELL_KNOWN_ACCOUNTS.filter((name) => values[name])
  if (accounts.length > 1) throw invalid(`--${accounts.join(' and --')} exclude each other: a node has one set of keys.`)
  const account = accounts[0] ?? (values.dev ? 'alice' : undefined)
  const temporary = command === 'run' && (values.tmp === true || (values.dev === true && values['base-path'] === undefined))
  if (values.tmp && values['base-path'] !== undefined) throw invalid('--tmp and --base-path exclude each other.')
  const log = values.log ?? 'info'
  try {
    parseLogFilter(log)
  } catch (error) {
    throw invalid(`--log: ${(error as Error).message}.`)
  }
  if (values['no-prometheus'] && (values['prometheus-port'] !== undefined || values['prometheus-external'])) {
    throw invalid('--no-prometheus excludes the other flags of the metrics.')
  }
  const dashboard = values.dashboard === true || values['dashboard-port'] !== undefined
  const options = nodeOptionsSchema.parse({
    chain: values.chain ?? (values.dev || command === 'build-spec' ? 'dev' : 'polkadot'),
    basePath: temporary ? temporaryPath() : (values['base-path'] ?? defaultBasePath()),
    ...(values.name === undefined ? {} : { name: values.name }),
    validator: values.validator === true || account !== undefined,
    // A development network is not to wait for anybody.
    forceAuthoring: values['force-authoring'] === true || values.dev === true,
    account,
    ...(values['keystore-passphrase-file'] === undefined ? {} : { keystorePassphraseFile: values['keystore-passphrase-file'] }),
    network: {
      port: portOf('port', values.port, 30333),
      nodeKey: values['node-key'],
      mdns: !values['no-mdns'],
      bootnodes: values.bootnodes ?? [],
      listenAddrs: values['listen-addr'] ?? [],
      publicAddrs: values['public-addr'] ?? [],
      reservedNodes: values['reserved-nodes'] ?? [],
      reservedOnly: values['reserved-only'] === true,
      inPeers: countOf('in-peers', values['in-peers'], 32),
      outPeers: countOf('out-peers', values['out-peers'], 8),
      upnp: values.upnp === true,
      relayServer: values['relay-server'] === true,
    },
    rpc: {
      port: portOf('rpc-port', values['rpc-port'], 9944),
      ...(values['rpc-cors'] === undefined ? {} : { cors: values['rpc-cors'].split(',').map((origin) => (origin.trim() === 'all' ? '*' : origin.trim())) }),
    },
    prometheus: {
      enabled: !values['no-prometheus'],
      port: portOf('prometheus-port', values['prometheus-port'], DEFAULT_PROMETHEUS_PORT),
      // Nobody chose the default by number: a second node on this machine takes another one.
      fallback: values['prometheus-port'] === undefined,
      external: values['prometheus-external'] === true,
    },
  })
  return { command, options, temporary, log, raw: values.raw === true, dashboardPort: dashboard ? portOf('dashboard-port', values['dashboard-port'], 9955) : undefined }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true, strict: true })
  } catch (error) {
    throw invalid(`${(error as Error).message.split('. ')[0] ?? 'A flag is wrong'}.`)
  }
}

function portOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65535) throw invalid(`--${flag} takes a port from 0 to 65535, not "${text}".`)
  return number
}

function countOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1000) throw invalid(`--${flag} takes a number from 0 to 1000, not "${text}".`)
  return Number(text)
}

function invalid(message: string): NodeError<'OPTIONS_INVALID'> {
  return new NodeError('OPTIONS_INVALID', message, { hint: 'See --help for what there is.' })
}
