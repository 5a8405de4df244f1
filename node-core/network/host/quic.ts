/**
 * QUIC, a transport besides TCP: encrypted by itself (TLS 1.3 with the peer's key), over UDP, with streams that do not wait for each other.
 *
 * It is optional in two ways. The node is asked for it (`--quic`): its packets, which anybody may send, are read by native code in the
 * node's own process, and other nodes of these networks rarely speak it. And that native part is there for some platforms only, so it is
 * loaded when it is wanted, and "not available here" is a state that is told, with the reason, and no error: the node runs without.
 *
 * In a private network there is none: nothing in QUIC knows the key that its members share (topology/network-key.ts).
 *
 * What is done about the published package besides its streams (quic-muxer.ts):
 *
 * - its listener takes one newcomer after the other, handshake included, so that one who says no more than hello holds up all others for ten
 *   seconds. Here many are waited for at once;
 * - its dial goes on when nobody waits for it any more.
 *
 * What is left: handshakes are not admitted by the door (peers/admission.ts) before they are done, as those of TCP are.
 */
import type { quic } from '@chainsafe/libp2p-quic'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ComponentLogger, DialTransportOptions, Listener, Logger, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { errorMessage } from '../../base/errors.ts'
import type { QuicObstacle, QuicState } from '../types.ts'
import { instead } from './instead.ts'
import { quicStreams, type NativeConnection } from './quic-muxer.ts'
import { until } from './until.ts'

/** A peer may send so much on one stream, and on one connection, before it is read: what one connection can cost. */
const STREAM_WINDOW = 4 * 1024 * 1024
const CONNECTION_WINDOW = 8 * 1024 * 1024
/** How long a listener that closes waits until the ends of its connections have gone out. The native part asks for it, newer than the package about it. */
const SHUTDOWN_MS = 1_000
const OPTIONS = { maxStreamData: STREAM_WINDOW, maxConnectionData: CONNECTION_WINDOW, maxConcurrentStreamLimit: 256, shutdownTimeout: SHUTDOWN_MS } as const
/** Newcomers whose handshakes go on at the same time, on one address. */
const HANDSHAKES = 64

type Components = Parameters<ReturnType<typeof quic>>[0]
export type QuicTransport = (components: Components) => Transport

export type LoadedQuic = { readonly state: 'available'; readonly transport: QuicTransport } | { readonly state: 'unavailable'; readonly why: QuicObstacle; readonly reason: string }

/** Never rejects. `load` brings the package. */
export async function loadQuic(load: () => Promise<{ readonly quic: typeof quic }> = () => import('@chainsafe/libp2p-quic')): Promise<LoadedQuic> {
  let published: ReturnType<typeof quic>
  try {
    published = (await load()).quic(OPTIONS)
  } catch {
    return { state: 'unavailable', why: 'not-installed', reason: `its native part is not installed for ${process.platform} on ${process.arch}` }
  }
  try {
    // It opens its sockets when it is made: for each version of IP that there is, and one will do.
    const trial = published({ privateKey: await generateKeyPair('Ed25519'), logger: SILENT }) as Transport & { stop(): Promise<void> }
    await trial.stop()
  } catch (error) {
    return { state: 'unavailable', why: 'no-socket', reason: `it opens no UDP socket here (${errorMessage(error)})` }
  }
  return { state: 'available', transport: (components) => improved(published(components)) }
}

/** What is told of it, where it was asked for or not. */
export function quicState(loaded: LoadedQuic | undefined): QuicState {
  if (loaded === undefined) return { state: 'off' }
  return loaded.state === 'available' ? { state: 'available' } : { state: 'unavailable', why: loaded.why, reason: loaded.reason }
}

/** Both IP versions, UDP on the port of TCP (0 stays 0). */
export function quicListenAddresses(port: number): string[] {
  return [`/ip4/0.0.0.0/udp/${port}/quic-v1`, `/ip6/::/udp/${port}/quic-v1`]
}

export function isQuicAddress(address: string): boolean {
  return /\/udp\/\d+\/quic-v1(\/|$)/.test(address)
}

function improved(transport: Transport): Transport {
  return instead(transport, {
    dial: (address, options: DialTransportOptions) => until(options.signal, transport.dial(address, instead(options, { upgrader: withStreams(options.upgrader) }))),
    createListener: (options) => {
      const listener = transport.createListener(instead(options, { upgrader: withStreams(options.upgrader) }))
      listener.addEventListener('listening', () => acceptMany(listener))
      return listener
    },
  })
}

/** As much of the package's listener as is needed to take several newcomers at once. */
interface ListenerParts {
  readonly state: { readonly status: string; readonly listener?: { inboundConnection(): Promise<NativeConnection> }; readonly controller?: AbortController }
  onInboundConnection(connection: NativeConnection): Promise<void>
}

function acceptMany(listener: Listener): void {
  const parts = listener as unknown as ListenerParts
  const { listener: server, controller } = parts.state
  if (server === undefined || controller === undefined) throw new TypeError('a listener of QUIC has not the parts by which it is used')
  const accept = async (): Promise<void> => {
    while (!controller.signal.aborted) {
      try {
        // What becomes of it is the listener's to log.
        void parts.onInboundConnection(await server.inboundConnection()).catch(() => undefined)
      } catch {
        // A handshake that failed, or the end.
      }
    }
  }
  // It waits for one itself.
  for (let i = 1; i < HANDSHAKES; i++) void accept()
}

/** The package's own factory of streams holds the connection upon which ours are made. */
function withStreams(upgrader: Upgrader): Upgrader {
  const own = <O extends object>(connection: MultiaddrConnection, options: O): O => {
    const { muxerFactory } = options as { readonly muxerFactory?: { readonly init?: { readonly connection?: NativeConnection } } }
    const native = muxerFactory?.init?.connection
    if (native === undefined) throw new TypeError('a connection of QUIC has not the parts by which it is used')
    return { ...options, muxerFactory: quicStreams(native, connection) }
  }
  return instead(upgrader, {
    upgradeInbound: (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeInbound']>[1]) => upgrader.upgradeInbound(connection, own(connection, options)),
    upgradeOutbound: (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]) => upgrader.upgradeOutbound(connection, own(connection, options)),
  })
}

const nothing = (): void => undefined
const QUIET: Logger = Object.assign(nothing, { error: nothing, trace: nothing, enabled: false, newScope: (): Logger => QUIET })
/** For the trial, which has nothing to say. */
const SILENT: ComponentLogger = { forComponent: () => QUIET }
