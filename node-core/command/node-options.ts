/**
 * What the flags of a node (flags.ts) mean as its options. The desktop app builds the same options from the settings of a network.
 */
import type { z } from 'zod'
import { parsePublicUrl } from '../api/server/public-url.ts'
import type { PublicUrl } from '../web/public-url.ts'
import { errorMessage } from '../base/errors.ts'
import { parseLogFilter } from '../base/logger.ts'
import {
  DEFAULT_PORTS, LEAST_SEALING_MS, lengthOf, MAX_BANDWIDTH_LIMIT, MAX_CALL_RATE, MAX_FINALIZE_DELAY_SEC, MAX_NAME, MAX_PRUNING, MAX_RPC_COUNT, MAX_RPC_SIZE, MAX_SEALING_MS, nodeOptionsSchema, WELL_KNOWN_ACCOUNTS, type NodeOptions, type Pruning,
} from '../chain/node/options.ts'
import { METHOD_POLICIES, type MethodPolicy } from '../chain/rpc/options.ts'
import { DEFAULT_SERVICE_PORT } from '../services/control.ts'
import { defaultBasePath } from './base-path.ts'
import { invalid } from './definition/errors.ts'
import type { NodeFlagValues } from './flags.ts'
import { readNodeKey } from './node-key.ts'

export interface NodeChoices {
  readonly options: NodeOptions
  /** The data folder is temporary: it is removed at the end. */
  readonly temporary: boolean
  /** Port of the dashboard; undefined where none is wanted. */
  readonly dashboardPort: number | undefined
  /** Where the dashboard's token is kept; undefined where it is new at each start. */
  readonly dashboardTokenFile: string | undefined
  /** Where a reverse proxy shows the dashboard; undefined where none does. */
  readonly dashboardPublicUrl: PublicUrl | undefined
  /** Port of the service API; undefined where none is wanted. */
  readonly servicePort: number | undefined
  /** Where the token of a client with all scopes is kept. */
  readonly serviceTokenFile: string | undefined
  /** Undefined: loopback. */
  readonly serviceHost: string | undefined
  readonly serviceTls: { readonly cert: string; readonly key: string } | undefined
}

const DEFAULT_DASHBOARD_PORT = 9955

/** Throws OPTIONS_INVALID, which names the flag. `temporaryPath` makes the folder for --tmp. */
export function nodeChoices(values: NodeFlagValues, temporaryPath: () => string): NodeChoices {
  refuseContradictions(values)
  const account = WELL_KNOWN_ACCOUNTS.find((name) => values[name]) ?? (values.dev ? 'alice' : undefined)
  const temporary = values.tmp === true || (values.dev === true && values['base-path'] === undefined)
  const dashboard = values.dashboard === true || values['dashboard-port'] !== undefined || values['dashboard-token-file'] !== undefined || values['dashboard-public-url'] !== undefined
  const options = checked({
    chain: values.chain ?? (values.dev ? 'dev' : 'polkadot'),
    basePath: temporary ? temporaryPath() : (values['base-path'] ?? defaultBasePath()),
    ...(values.name === undefined ? {} : { name: nameOf(values.name) }),
    validator: values.validator === true || account !== undefined,
    // A development network is not to wait for anybody.
    forceAuthoring: values['force-authoring'] === true || values.dev === true,
    account,
    ...(values.sealing === undefined ? {} : { sealing: sealingOf(values.sealing) }),
    ...(values['finalize-delay-sec'] === undefined ? {} : { finalizeDelaySec: delayOf(values['finalize-delay-sec']) }),
    forceSealing: values['force-sealing'] === true,
    ...(values.sync === undefined ? {} : { sync: syncOf(values.sync) }),
    ...(values['blocks-pruning'] === undefined ? {} : { blocksPruning: pruningOf('blocks-pruning', values['blocks-pruning']) }),
    ...(values['state-pruning'] === undefined ? {} : { statePruning: pruningOf('state-pruning', values['state-pruning']) }),
    ...(values['keystore-passphrase-file'] === undefined ? {} : { keystorePassphraseFile: values['keystore-passphrase-file'] }),
    network: {
      port: portOf('port', values.port, DEFAULT_PORTS.peers),
      nodeKey: readNodeKey(values),
      mdns: !values['no-mdns'],
      bootnodes: [...(values.bootnodes ?? [])],
      listenAddrs: [...(values['listen-addr'] ?? [])],
      publicAddrs: [...(values['public-addr'] ?? [])],
      reservedNodes: [...(values['reserved-nodes'] ?? [])],
      reservedOnly: values['reserved-only'] === true,
      ...(values['topology-file'] === undefined ? {} : { topologyFile: values['topology-file'] }),
      ...(values['network-key-file'] === undefined ? {} : { networkKeyFile: values['network-key-file'] }),
      inPeers: countOf('in-peers', values['in-peers'], 32),
      outPeers: countOf('out-peers', values['out-peers'], 8),
      downloadLimit: rateOf('download-limit', values['download-limit']),
      uploadLimit: rateOf('upload-limit', values['upload-limit']),
      upnp: values.upnp === true,
      quic: values.quic === true,
      relayServer: values['relay-server'] === true,
    },
    rpc: {
      port: portOf('rpc-port', values['rpc-port'], DEFAULT_PORTS.rpc),
      ...(values['rpc-cors'] === undefined ? {} : { cors: values['rpc-cors'].split(',').map((origin) => (origin.trim() === 'all' ? '*' : origin.trim())) }),
      ...rpcLimitsOf(values),
    },
    net: {
      enabled: values.net === true,
      ...(values['net-token-file'] === undefined ? {} : { tokenFile: values['net-token-file'] }),
      ...(values['net-plain-file'] === undefined ? {} : { plainFile: values['net-plain-file'] }),
      keepsForOthers: values['net-keep-for-others'] === true,
      uploadLimit: rateOf('net-upload-limit', values['net-upload-limit']),
      downloadLimit: rateOf('net-download-limit', values['net-download-limit']),
    },
    prometheus: {
      enabled: !values['no-prometheus'],
      port: portOf('prometheus-port', values['prometheus-port'], DEFAULT_PORTS.metrics),
      // Nobody chose the default by number: a second node on this machine takes another one.
      fallback: values['prometheus-port'] === undefined,
      external: values['prometheus-external'] === true,
    },
  })
  const dashboardPort = dashboard ? portOf('dashboard-port', values['dashboard-port'], DEFAULT_DASHBOARD_PORT) : undefined
  const { 'service-tls-cert': cert, 'service-tls-key': key } = values
  if ((cert === undefined) !== (key === undefined)) throw invalid('--service-tls-cert and --service-tls-key go together.', cert === undefined ? 'service-tls-cert' : 'service-tls-key')
  const serviceTls = cert === undefined || key === undefined ? undefined : { cert, key }
  const service = (['service-port', 'service-token-file', 'service-listen', 'service-tls-cert'] as const).some((flag) => values[flag] !== undefined)
  const servicePort = service ? portOf('service-port', values['service-port'], DEFAULT_SERVICE_PORT) : undefined
  const publicUrl = values['dashboard-public-url']
  const dashboardPublicUrl = publicUrl === undefined ? undefined : parsePublicUrl(publicUrl)
  return { options, temporary, dashboardPort, dashboardTokenFile: values['dashboard-token-file'], dashboardPublicUrl, servicePort, serviceHost: values['service-listen'], serviceTls, serviceTokenFile: values['service-token-file'] }
}

function refuseContradictions(values: NodeFlagValues): void {
  const accounts = WELL_KNOWN_ACCOUNTS.filter((name) => values[name])
  if (accounts.length > 1) throw invalid(`--${accounts.join(' and --')} exclude each other: a node has one set of keys.`, accounts[0])
  if (values.tmp && values['base-path'] !== undefined) throw invalid('--tmp and --base-path exclude each other.', 'tmp')
  if (values['no-prometheus'] && (values['prometheus-port'] !== undefined || values['prometheus-external'])) {
    throw invalid('--no-prometheus excludes the other flags of the metrics.', 'no-prometheus')
  }
  for (const flag of ['finalize-delay-sec', 'force-sealing'] as const) {
    if (values[flag] !== undefined && values.sealing === undefined) throw invalid(`--${flag} goes with --sealing alone.`, flag)
  }
  for (const flag of ['net-token-file', 'net-plain-file', 'net-keep-for-others', 'net-upload-limit', 'net-download-limit'] as const) {
    if (values[flag] !== undefined && values.net !== true) throw invalid(`--${flag} goes with --net alone.`, flag)
  }
  if (values['rpc-disable-batch-requests'] && values['rpc-max-batch-request-len'] !== undefined) {
    throw invalid('--rpc-disable-batch-requests and --rpc-max-batch-request-len exclude each other.', 'rpc-disable-batch-requests')
  }
  // The rule of Substrate's nodes: a validator's JSON-RPC is opened by somebody who says twice that he means it.
  if (values['rpc-external'] && values.validator && values['rpc-methods'] !== 'unsafe' && !values['unsafe-rpc-external']) {
    throw invalid('--rpc-external on a validator lets strangers keep it from its work. Serve JSON-RPC from a node of its own, or use --unsafe-rpc-external to do it all the same.', 'rpc-external')
  }
}

/** What bounds JSON-RPC, as far as it was said. */
function rpcLimitsOf(values: NodeFlagValues): NonNullable<z.input<typeof nodeOptionsSchema>['rpc']> {
  const counts = 'a number'
  const said = {
    maxConnections: amountOf('rpc-max-connections', values['rpc-max-connections'], counts, MAX_RPC_COUNT),
    maxRequestSize: amountOf('rpc-max-request-size', values['rpc-max-request-size'], 'MiB', MAX_RPC_SIZE),
    maxResponseSize: amountOf('rpc-max-response-size', values['rpc-max-response-size'], 'MiB', MAX_RPC_SIZE),
    maxSubscriptionsPerConnection: amountOf('rpc-max-subscriptions-per-connection', values['rpc-max-subscriptions-per-connection'], counts, MAX_RPC_COUNT),
    maxBacklogMessages: amountOf('rpc-message-buffer-capacity-per-connection', values['rpc-message-buffer-capacity-per-connection'], counts, MAX_RPC_COUNT),
    callsPerMinute: amountOf('rpc-rate-limit', values['rpc-rate-limit'], 'calls a minute', MAX_CALL_RATE),
    maxBatch: values['rpc-disable-batch-requests'] ? 0 : amountOf('rpc-max-batch-request-len', values['rpc-max-batch-request-len'], counts, MAX_RPC_COUNT),
    methods: values['rpc-methods'] === undefined ? undefined : methodsOf(values['rpc-methods']),
    external: values['rpc-external'] === true || values['unsafe-rpc-external'] === true ? true : undefined,
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

function methodsOf(text: string): MethodPolicy {
  const policy = METHOD_POLICIES.find((name) => name === text)
  if (policy === undefined) throw invalid(`--rpc-methods takes auto, safe or unsafe, not "${text}".`, 'rpc-methods')
  return policy
}

function sealingOf(text: string): NodeOptions['sealing'] {
  if (text === 'manual' || text === 'instant') return text
  const ms = Number(text)
  if (/^\d+$/.test(text) && ms >= LEAST_SEALING_MS && ms <= MAX_SEALING_MS) return ms
  throw invalid(`--sealing takes manual, instant, or milliseconds from ${LEAST_SEALING_MS} to ${MAX_SEALING_MS}, not "${text}".`, 'sealing')
}

function syncOf(text: string): NonNullable<NodeOptions['sync']> {
  if (text === 'full' || text === 'warp') return text
  throw invalid(`--sync takes full or warp, not "${text}".`, 'sync')
}

function delayOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= MAX_FINALIZE_DELAY_SEC) return Number(text)
  throw invalid(`--finalize-delay-sec takes seconds from 0 to ${MAX_FINALIZE_DELAY_SEC}, not "${text}".`, 'finalize-delay-sec')
}

function nameOf(name: string): string {
  if (lengthOf(name) > MAX_NAME) throw invalid(`--name has ${lengthOf(name)} characters; ${MAX_NAME} are allowed.`, 'name')
  if (/\p{Cc}/u.test(name)) throw invalid('--name must not have line breaks or other control characters.', 'name')
  return name
}

/** Several filters are one, the later words over the earlier. */
export function logOf(filters: readonly string[] | undefined): string {
  const log = filters?.join(',') ?? 'info'
  try {
    parseLogFilter(log)
  } catch (error) {
    throw invalid(`--log: ${errorMessage(error)}.`, 'log')
  }
  return log
}

/** What the flags do not rule out and the schema does is still one sentence, not the validator's list. */
function checked(options: z.input<typeof nodeOptionsSchema>): NodeOptions {
  const { data, error } = nodeOptionsSchema.safeParse(options)
  if (data !== undefined) return data
  throw invalid(`The options contradict each other: ${errorMessage(error)}.`)
}

export function portOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65535) throw invalid(`--${flag} takes a port from 0 to 65535, not "${text}".`, flag)
  return number
}

function countOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1000) throw invalid(`--${flag} takes a number from 0 to 1000, not "${text}".`, flag)
  return Number(text)
}

function rateOf(flag: string, text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,7}$/.test(text) || Number(text) > MAX_BANDWIDTH_LIMIT) throw invalid(`--${flag} takes kB a second from 0 (no limit) to ${MAX_BANDWIDTH_LIMIT}, not "${text}".`, flag)
  return Number(text)
}

function pruningOf(flag: string, text: string): Pruning {
  if (text === 'archive' || text === 'archive-canonical') return text
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_PRUNING) return Number(text)
  throw invalid(`--${flag} takes archive, archive-canonical, or a number of blocks, not "${text}".`, flag)
}

/** A number of `what` from `least` to `most`; undefined where the flag was not given. */
function amountOf(flag: string, text: string | undefined, what: string, most: number, least = 1): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw invalid(`--${flag} takes ${what} from ${least} to ${most}, not "${text}".`, flag)
}
