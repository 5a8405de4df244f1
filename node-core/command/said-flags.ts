/** What the command line said, by the names of its flags: for the Settings screen and the service API. The node's key is nobody's business. */
import type { NodeOptions } from '../chain/node/options.ts'
import type { NODE_FLAGS } from './flags.ts'
import type { NodeChoices } from './node-options.ts'

type FlagName = Exclude<keyof typeof NODE_FLAGS, 'node-key' | 'node-key-file'> | 'log'
type Said = Partial<Record<FlagName, string | number | boolean | readonly string[] | undefined>>

/** A flag that was not given has its default; lists are told where they hold something, values of lists by spaces. */
export function saidFlags({ options, dashboardPort, dashboardTokenFile, dashboardPublicUrl, servicePort, serviceTokenFile }: NodeChoices, log: string): Record<string, string> {
  const said: Said = {
    ...ofNode(options),
    'dashboard-port': dashboardPort,
    'dashboard-token-file': dashboardTokenFile,
    'dashboard-public-url': dashboardPublicUrl === undefined ? undefined : `${dashboardPublicUrl.origin}${dashboardPublicUrl.path}`,
    'service-port': servicePort,
    'service-token-file': serviceTokenFile,
    log,
  }
  return Object.fromEntries(Object.entries(said).flatMap(([flag, value]) => (value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[flag, Array.isArray(value) ? value.join(' ') : String(value)]])))
}

function ofNode({ chain, basePath, name, validator, forceAuthoring, account, sealing, sync, blocksPruning, statePruning, keystorePassphraseFile, network, net, rpc, prometheus }: NodeOptions): Said {
  return {
    chain, 'base-path': basePath, name, validator, 'force-authoring': forceAuthoring, ...(account === undefined ? {} : { [account]: true }), sealing, sync, 'blocks-pruning': blocksPruning, 'state-pruning': statePruning, 'keystore-passphrase-file': keystorePassphraseFile,
    port: network.port, bootnodes: network.bootnodes, 'listen-addr': network.listenAddrs, 'public-addr': network.publicAddrs, 'reserved-nodes': network.reservedNodes, 'reserved-only': network.reservedOnly,
    'topology-file': network.topologyFile, 'network-key-file': network.networkKeyFile, 'in-peers': network.inPeers, 'out-peers': network.outPeers, 'download-limit': network.downloadLimit, 'upload-limit': network.uploadLimit,
    'no-mdns': !network.mdns, upnp: network.upnp, quic: network.quic, 'relay-server': network.relayServer, net: net.enabled,
    'rpc-port': rpc.port, 'rpc-cors': rpc.cors.join(','), 'rpc-methods': rpc.methods, 'rpc-external': rpc.external, 'rpc-max-connections': rpc.maxConnections, 'rpc-rate-limit': rpc.callsPerMinute,
    ...(prometheus.enabled ? { 'prometheus-port': prometheus.port, 'prometheus-external': prometheus.external } : { 'no-prometheus': true }),
  }
}
