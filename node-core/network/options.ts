/** What the network service can be told, and the limits that it keeps by itself. */

export interface NetworkOptions {
  readonly dataPath: string
  /** 64 hexadecimal digits; otherwise the key of the data folder. */
  readonly nodeKey?: string | undefined
  /** TCP; WebSocket is on the next one. 0 lets the system choose both. */
  readonly port: number
  /** Multiaddresses to listen on instead of the port on every interface. */
  readonly listenAddrs?: readonly string[]
  /** Multiaddresses to tell others besides our own. */
  readonly publicAddrs?: readonly string[]
  readonly mdns?: boolean
  /** Multiaddresses with a peer id. */
  readonly bootnodes?: readonly string[]
  /** Bootnodes of the chain specification: one that is unusable is passed over. */
  readonly chainBootnodes?: readonly string[]
  readonly reservedNodes?: readonly string[]
  readonly reservedOnly?: boolean
  readonly inPeers?: number
  readonly outPeers?: number
}

export const DEFAULT_IN_PEERS = 32
export const DEFAULT_OUT_PEERS = 8
/** Connections beyond the slots: light questions, the routing table, those who are about to be refused. */
export const SPARE_CONNECTIONS = 128
/** Connections from one address (this computer's own excepted), slots for one address and for one subnet. */
export const CONNECTIONS_PER_ADDRESS = 16
export const SLOTS_PER_ADDRESS = 4
export const SLOTS_PER_SUBNET = 12
