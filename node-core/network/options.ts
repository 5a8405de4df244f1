/** What the network service can be told, and the limits that it keeps by itself. */
import { defaultListenAddresses, type HostOptions } from './host/host.ts'
import { isQuicAddress, quicListenAddresses } from './host/quic.ts'
import type { BandwidthLimits } from './host/throttle.ts'
import { parseAddress } from './peers/address.ts'
import type { LightSlotLimits, SlotLimits } from './peers/registry.ts'
import type { GossipKind } from './spread/gossip.ts'

export interface NetworkOptions {
  readonly dataPath: string
  /** 64 hexadecimal digits; otherwise the key of the data folder. */
  readonly nodeKey?: string | undefined
  /** TCP, and UDP for QUIC; WebSocket is on the next one. 0 lets the system choose each. */
  readonly port: number
  /** Multiaddresses to listen on instead of the port on every interface. */
  readonly listenAddrs?: readonly string[]
  /** Multiaddresses to tell others besides our own. */
  readonly publicAddrs?: readonly string[]
  readonly mdns?: boolean
  /** Speak QUIC too, where it is to be had; see host/quic.ts. */
  readonly quic?: boolean
  /** Ask the router to pass the ports for peers on. */
  readonly upnp?: boolean
  /** How long the router keeps them without being asked again; an hour. */
  readonly upnpLeaseSeconds?: number
  /** Relay for peers who cannot reach each other. */
  readonly relayServer?: boolean
  /** Keep a table in which services and resources of this network are found; see host/open-table.ts. */
  readonly openTable?: boolean
  /** Kinds of gossipsub that topics may want. */
  readonly gossip?: readonly GossipKind[]
  /** Multiaddresses with a peer id. */
  readonly bootnodes?: readonly string[]
  /** Bootnodes that come with the network's definition: one that is unusable is passed over. */
  readonly networkBootnodes?: readonly string[]
  readonly reservedNodes?: readonly string[]
  readonly reservedOnly?: boolean
  /** A file of the peers that alone are admitted (topology/); it takes the place of reserved nodes, bootnodes and remembered peers. */
  readonly topologyFile?: string | undefined
  /** A file with the key that all members of the network share (topology/network-key.ts). */
  readonly networkKeyFile?: string | undefined
  readonly inPeers?: number
  readonly outPeers?: number
  /** Slots for light clients. */
  readonly lightPeers?: number
  /** What all peers together may bring and take, in kB (1,000 bytes) a second; 0 is no limit. */
  readonly downloadLimit?: number
  readonly uploadLimit?: number
}

export const DEFAULT_IN_PEERS = 32
export const DEFAULT_OUT_PEERS = 8
export const DEFAULT_LIGHT_PEERS = 100
/** Connections beyond the slots: light questions, the routing table, those who are about to be refused. */
const SPARE_CONNECTIONS = 128
/** Connections without a slot from one subscriber and from one site, slots for them; see peers/address-block.ts. */
export const CONNECTIONS_PER_ADDRESS = 16
export const CONNECTIONS_PER_SUBNET = 48
const SLOTS_PER_ADDRESS = 4
const SLOTS_PER_SUBNET = 12
/** Of the light clients' slots, what one subscriber and one site may have: an office behind one router, and not all there are. */
const LIGHT_SHARE = { perAddress: 0.6, perSubnet: 0.8 }

export function slotLimitsOf({
  inPeers = DEFAULT_IN_PEERS,
  outPeers = DEFAULT_OUT_PEERS,
  lightPeers = DEFAULT_LIGHT_PEERS,
  reservedOnly = false,
  topologyFile,
}: NetworkOptions): SlotLimits & { readonly light: LightSlotLimits } {
  const light = { peers: lightPeers, perAddress: Math.ceil(lightPeers * LIGHT_SHARE.perAddress), perSubnet: Math.ceil(lightPeers * LIGHT_SHARE.perSubnet) }
  return { inPeers, outPeers, reservedOnly: reservedOnly || topologyFile !== undefined, perAddress: SLOTS_PER_ADDRESS, perSubnet: SLOTS_PER_SUBNET, light }
}

/** Connections that a node keeps where it is asked to have fewer: those with slots, and as many beside them. */
export function keptConnectionsOf(options: NetworkOptions): number {
  const { inPeers, outPeers } = slotLimitsOf(options)
  return 2 * (inPeers + outPeers)
}

export function bandwidthLimitsOf({ downloadLimit = 0, uploadLimit = 0 }: NetworkOptions): BandwidthLimits {
  return { inBytesPerSecond: downloadLimit * 1000, outBytesPerSecond: uploadLimit * 1000 }
}

/**
 * What of it concerns the host. Where QUIC is asked for and `hasQuic` is not, its addresses are passed over. Throws a NodeError
 * `NETWORK_ADDRESS_INVALID` that names the flag.
 */
export function hostOptionsOf(options: NetworkOptions, hasQuic = false): Pick<HostOptions, 'listen' | 'announce' | 'mdns' | 'relayServer' | 'openTable' | 'gossip' | 'maxConnections'> {
  const { listenAddrs = [], publicAddrs = [] } = options
  const { inPeers, outPeers, light } = slotLimitsOf(options)
  const wanted = listenAddrs.length > 0 ? listenAddrs : [...defaultListenAddresses(options.port), ...(options.quic === true ? quicListenAddresses(options.port) : [])]
  for (const address of wanted) parseAddress('listen-addr', address)
  for (const address of publicAddrs) parseAddress('public-addr', address)
  return {
    listen: options.quic === true && !hasQuic ? wanted.filter((address) => !isQuicAddress(address)) : wanted,
    announce: publicAddrs,
    mdns: options.mdns ?? false,
    relayServer: options.relayServer ?? false,
    openTable: options.openTable ?? false,
    gossip: options.gossip ?? [],
    maxConnections: inPeers + outPeers + light.peers + SPARE_CONNECTIONS,
  }
}
