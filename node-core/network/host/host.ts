/**
 * The libp2p host: transports, encryption, multiplexing, and the protocols that every libp2p node speaks (identify, ping,
 * the network's Kademlia table). It knows nothing of topics and peers' worth; those are the network service's.
 *
 * For nodes behind routers it also speaks autonat (peers tell each other from where they can be reached), circuit relay
 * and dcutr. A relay passes a little data on between two peers who cannot reach each other, so that they can agree to
 * dial each other at the same moment; it is no way to exchange blocks, see connections.ts.
 */
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, Metrics, StreamMuxerFactory } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { ping, type Ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { preciseClock } from '../../base/clock.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { VERSION } from '../../base/version.ts'
import { ADDRESS_DIAL_MS } from './dial.ts'
import { connectionEncrypter } from './encryption.ts'
import type { NodeIdentity } from './identity.ts'
import type { ProtocolNames } from '../protocol-names.ts'
import type { QuicTransport } from './quic.ts'
import type { GossipKind, gossipService as GossipService } from '../spread/gossip.ts'
import { RELAY_STREAMS, relayServer, type RelayService } from './relay-server.ts'
import { openTable } from './open-table.ts'
import { routingTable } from './routing-table.ts'
import { guardedWebSockets } from './websocket-door.ts'
import { CallingPort } from './punching/calling-port.ts'
import { HolePunching, type PunchingComponents } from './punching/hole-punching.ts'
import { unprovenAddresses, type AddressBook } from '../nat/address-book.ts'
import { reachabilityCheck } from './reachability-check.ts'

export type HostErrorCode = 'NETWORK_PORT_IN_USE' | 'NETWORK_LISTEN_FAILED'

/** The protocols' own limits are below these. A paused stream holds at most one window. */
const STREAM_WINDOW = 4 * 1024 * 1024
const STREAM_READ_BUFFER = STREAM_WINDOW + 1024 * 1024
const INBOUND_UPGRADE_MS = 5_000
/** Connections that have not said who they are yet, and arrivals from one address; see peers/admission.ts. */
export const DOOR = { maxPending: 256, rate: { perSecond: 20, burst: 50 } } as const

export interface HostOptions {
  /** Of the routing table's protocol. */
  readonly names: ProtocolNames
  readonly identity: NodeIdentity
  /** Multiaddresses, TCP, WebSocket and QUIC. */
  readonly listen: readonly string[]
  /** Further addresses to tell others. */
  readonly announce: readonly string[]
  readonly mdns: boolean
  readonly quic?: QuicTransport | undefined
  /** Relay for others. */
  readonly relayServer: boolean
  /** Whom a relay gives more. Nobody where nothing is said. */
  readonly isTrusted?: (peer: string) => boolean
  /** Kinds of gossipsub that topics may want; none where nothing is said. Each registers its protocols, and does nothing until a topic is subscribed to. */
  readonly gossip?: readonly GossipKind[]
  /** Keep a table in which services and resources are found. */
  readonly openTable: boolean
  readonly maxConnections: number
  /** Of a private network; see topology/network-key.ts. */
  readonly networkKey?: Uint8Array | undefined
  readonly gater: ConnectionGater
  /** Hears of every connection and stream; see traffic.ts. */
  readonly metrics: Metrics
}

export interface HostServices extends Record<string, unknown> {
  readonly ping: Ping
  readonly addresses: AddressBook
  readonly punching: HolePunching
  readonly relay?: RelayService
  readonly openTable?: KadDHT
  readonly gossipSigned?: GossipSub
  readonly gossipUnsigned?: GossipSub
}

export type Host = Libp2p<HostServices>

/** Every address on which to listen for `port`: both IP versions, TCP on the port and WebSocket on the next (0 stays 0). */
export function defaultListenAddresses(port: number): string[] {
  const next = port === 0 ? 0 : port === 65535 ? 65534 : port + 1
  return [`/ip4/0.0.0.0/tcp/${port}`, `/ip6/::/tcp/${port}`, `/ip4/0.0.0.0/tcp/${next}/ws`, `/ip6/::/tcp/${next}/ws`]
}

/** Builds and starts the host. Throws a NodeError with a {@link HostErrorCode}. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { identity, gater, maxConnections } = options
  let addresses: AddressBook | undefined
  const callingPort = new CallingPort()
  const createTcp = tcp()
  const host = await createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', identity.revealSeed()),
    nodeInfo: { name: 'nodestead', version: VERSION, userAgent: `nodestead/${VERSION}` },
    addresses: {
      listen: [...options.listen],
      appendAnnounce: [...options.announce],
      announceFilter: (known) => [
        ...known,
        ...(addresses === undefined ? [] : unprovenAddresses(addresses)).map((address) => address.encapsulate(`/p2p/${identity.peerId}`)),
      ],
    },
    transports: [
      (components) => callingPort.wrap(createTcp(components)),
      guardedWebSockets({ ...DOOR, upgradeMs: INBOUND_UPGRADE_MS }),
      ...(options.quic === undefined ? [] : [options.quic]),
      circuitRelayTransport({ maxInboundStopStreams: RELAY_STREAMS, maxOutboundStopStreams: RELAY_STREAMS }),
    ],
    connectionEncrypters: [connectionEncrypter()],
    ...(options.networkKey === undefined ? {} : { connectionProtector: preSharedKey({ psk: options.networkKey, timeout: INBOUND_UPGRADE_MS }) }),
    streamMuxers: [() => calmMuxer()],
    metrics: () => options.metrics,
    // It would end the connection of whoever keeps a ping stream open.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections,
      // It refuses newcomers where the door makes room for them.
      maxIncomingPendingConnections: Number.MAX_SAFE_INTEGER,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      inboundUpgradeTimeout: INBOUND_UPGRADE_MS,
      addressDialTimeout: ADDRESS_DIAL_MS,
      // Whom to come back to is the connector's decision.
      reconnectRetries: 0,
    },
    connectionGater: { denyDialMultiaddr: () => false, ...gater },
    peerDiscovery: options.mdns ? [mdns()] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      // Asks only; ping-responder.ts answers. The routing table asks too.
      ping: ping({ maxOutboundStreams: 8 }),
      addresses: ({ addressManager }: { addressManager: AddressBook }) => (addresses = addressManager),
      autonat: reachabilityCheck(),
      punching: (components: PunchingComponents) => new HolePunching(components, callingPort, preciseClock),
      ...(options.relayServer ? { relay: relayServer(options.isTrusted ?? (() => false)) } : {}),
      kad: routingTable(options.names),
      ...(await gossipServices(options.gossip ?? [])),
      ...(options.openTable ? { openTable: openTable(options.names) } : {}),
    },
  })
  try {
    await host.start()
  } catch (error) {
    await stopHost(host)
    throw listenError(error)
  }
  return host
}

/** Loaded only where it is wanted. */
async function gossipServices(kinds: readonly GossipKind[]): Promise<Partial<Record<'gossipSigned' | 'gossipUnsigned', ReturnType<typeof GossipService>>>> {
  if (kinds.length === 0) return {}
  const { gossipService } = await import('../spread/gossip.ts')
  return { ...(kinds.includes('signed') ? { gossipSigned: gossipService('signed') } : {}), ...(kinds.includes('unsigned') ? { gossipUnsigned: gossipService('unsigned') } : {}) }
}

/**
 * Yamux, on connections that refuse to write by returning false instead of throwing. Yamux writes from a microtask when
 * a stream is made; where the connection ended in between, nobody could catch what it throws, and the process would end.
 */
export function calmMuxer(): StreamMuxerFactory {
  const factory = yamux({
    streamOptions: { maxStreamWindowSize: STREAM_WINDOW, maxReadBufferLength: STREAM_READ_BUFFER },
    maxInboundStreams: 256,
    maxOutboundStreams: 256,
  })()
  return {
    protocol: factory.protocol,
    createStreamMuxer(connection) {
      const send = connection.send.bind(connection)
      connection.send = (data) => {
        try {
          return send(data)
        } catch (error) {
          if ((error as Error).name === 'StreamStateError') return false
          throw error
        }
      }
      return factory.createStreamMuxer(connection)
    },
  }
}

/** How long libp2p gets to say goodbye. */
const STOP_TIMEOUT_MS = 1_500

/** Cuts every connection and stops listening; waits no longer than 1.5 seconds of real time. */
export async function stopHost(host: Libp2p): Promise<void> {
  for (const connection of host.getConnections()) connection.abort(new Error('this node stops'))
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_TIMEOUT_MS)))
  try {
    await Promise.race([Promise.resolve(host.stop()), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** The native part of QUIC says it in the system's words: EADDRINUSE of Linux, macOS and Windows. */
const UDP_TAKEN = /\/udp\/(\d+)\S*: [^\n]*\(os error (?:98|48|10048)\)/

function listenError(error: unknown): NodeError<HostErrorCode> {
  const message = errorMessage(error)
  const taken = /\/tcp\/(\d+)\S*: [^\n]*EADDRINUSE/.exec(message)?.[1] ?? UDP_TAKEN.exec(message)?.[1] ?? /EADDRINUSE[^\n]*:(\d+)/.exec(message)?.[1]
  if (taken !== undefined) {
    return new NodeError('NETWORK_PORT_IN_USE', `Port ${taken} for peers is in use by another program.`, {
      data: { port: Number(taken) },
      hint: 'Stop that program, or choose another port with --port (0 lets the system choose).',
      cause: error,
    })
  }
  return new NodeError('NETWORK_LISTEN_FAILED', `The node cannot listen for peers: ${message}`, { hint: 'Check --listen-addr and --port.', cause: error })
}
