/**
 * A mesh of plain links between fixed peers: TCP without encryption, for machines of one's own on a network of one's own. It offers topics as the network
 * service does (contracts.ts), so what is built on topics works on it unchanged.
 *
 * Who connects must come from an address that the list gives for the name that it says, and dial results are held to the same: that keeps others of the same
 * wire apart by mistake, and is no defence against somebody who controls the wire. Both sides dial; of two links the one that the smaller name dialled stays.
 * A peer that is not there is tried again with longer and longer pauses up to a limit.
 */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import type { Recipients, TopicDoor, TopicHandler, TopicName } from '../contracts.ts'
import { decodeGreeting, encodeGreeting } from './greeting.ts'
import { MeshTopics } from './mesh-topics.ts'
import { PlainLink } from './plain-link.ts'

export type PlainErrorCode = 'NETWORK_PLAIN_PORT' | 'NETWORK_PLAIN_NAME' | 'NETWORK_PLAIN_FILE'

export interface PlainPeer {
  readonly name: string
  /** An IP address. */
  readonly host: string
  readonly port: number
}

export interface PlainMeshOptions {
  /** Of this node; must be in no other peer. */
  readonly name: string
  /** Links of another network are refused. */
  readonly network: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly peers: readonly PlainPeer[]
  readonly longestRetryMs?: number
  readonly keepAliveMs?: number
}

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
const KEEP_ALIVE_MS = 5_000
const SILENCES = 6
const GREETING_MS = 10_000
const DIAL_MS = 10_000
const IN_HAND = 16
const RING_FRAMES = 1_024
/** Of what waits for one peer. The newest message stays, however long it is. */
const RING_BYTES = 64 * 1024 * 1024
/** Sockets that have not said who they are. */
const MAX_STRANGERS = 32

interface Dialling {
  readonly peer: PlainPeer
  failures: number
  cancel: Disposer | undefined
}

export class PlainMesh implements Service, TopicDoor {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #options: PlainMeshOptions
  readonly #topics: MeshTopics
  /** Open links by name, and who dialled. */
  readonly #links = new Map<string, { readonly link: PlainLink; readonly isPreferred: boolean }>()
  readonly #strangers = new Set<PlainLink>()
  readonly #dialling = new Map<string, Dialling>()
  #server: Server | undefined
  #running = false

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger }, options: PlainMeshOptions) {
    this.#clock = dependencies.clock
    this.#logger = dependencies.logger
    this.#options = options
    this.#topics = new MeshTopics({ clock: this.#clock, logger: this.#logger, onFault: (peer, reason) => this.#links.get(peer)?.link.end(reason, true) })
  }

  /** Where it listens, once it does. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const at = this.#server?.address() as AddressInfo | null | undefined
    return at === null || at === undefined ? undefined : { host: at.address, port: at.port }
  }

  /** Throws a NodeError NETWORK_PLAIN_PORT, NETWORK_PLAIN_NAME. */
  async start(): Promise<void> {
    const { name, peers, listen } = this.#options
    const names = [name, ...peers.map((peer) => peer.name)]
    if (new Set(names).size < names.length) throw new NodeError<PlainErrorCode>('NETWORK_PLAIN_NAME', 'Two nodes of the mesh have the same name.', { hint: 'Give each peer a name of its own, other than that of this node.' })
    const server = createServer((socket) => this.#accept(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new NodeError<PlainErrorCode>('NETWORK_PLAIN_PORT', `The mesh cannot listen at ${listen.host}:${listen.port}: ${error.message}`, { hint: 'Choose another address or port.', cause: error })))
      server.listen(listen.port, listen.host, resolve)
    })
    this.#server = server
    this.#running = true
    for (const peer of peers) this.#dialLater(peer, 0)
  }

  async stop(): Promise<void> {
    this.#running = false
    for (const { cancel } of this.#dialling.values()) cancel?.()
    this.#dialling.clear()
    for (const link of [...this.#strangers, ...[...this.#links.values()].map(({ link: open }) => open)]) link.end('this node stops')
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  register(handler: TopicHandler): Disposer {
    return this.#topics.register(handler)
  }

  send(topic: TopicName, message: Uint8Array, to: Recipients): readonly string[] {
    return this.#topics.send(topic, message, to)
  }

  openPeers(topic: TopicName): readonly string[] {
    return this.#topics.openPeers(topic)
  }

  /** Names of peers with whom there is a link, and what went over it. */
  figures(): readonly ({ readonly name: string } & PlainLink['figures'])[] {
    return [...this.#links].map(([name, { link }]) => ({ name, ...link.figures }))
  }

  #accept(socket: Socket): void {
    if (this.#strangers.size >= MAX_STRANGERS) return void socket.destroy()
    this.#greet(socket, undefined)
  }

  #dialLater(peer: PlainPeer, ms: number): void {
    if (!this.#running) return
    const state = this.#dialling.get(peer.name) ?? { peer, failures: 0, cancel: undefined }
    this.#dialling.set(peer.name, state)
    state.cancel?.()
    state.cancel = this.#clock.schedule(ms, () => {
      state.cancel = undefined
      if (!this.#links.has(peer.name)) this.#dial(state)
    })
  }

  #dial(state: Dialling): void {
    const { peer } = state
    const socket = connect({ host: peer.host, port: peer.port })
    const failed = (error: Error): void => {
      cancel()
      socket.destroy()
      this.#logger.debug('a peer of the mesh was not reached', { peer: peer.name, reason: errorMessage(error) })
      this.#failed(state)
    }
    const cancel = this.#clock.schedule(DIAL_MS, () => failed(new Error('nobody answered in time')))
    socket.once('error', failed)
    socket.once('connect', () => {
      cancel()
      socket.off('error', failed)
      this.#greet(socket, state)
    })
  }

  #failed(state: Dialling): void {
    const pause = Math.min(FIRST_RETRY_MS * 2 ** state.failures++, this.#options.longestRetryMs ?? LONGEST_RETRY_MS)
    if (!this.#links.has(state.peer.name)) this.#dialLater(state.peer, pause)
  }

  #greet(socket: Socket, dialled: Dialling | undefined): void {
    const { name: self, network, keepAliveMs = KEEP_ALIVE_MS, peers } = this.#options
    const remote = plainHost(socket.remoteAddress)
    let name: string | undefined
    const link: PlainLink = new PlainLink(
      {
        socket,
        clock: this.#clock,
        events: {
          onGreeting: (bytes) => {
            const said = decodeGreeting(bytes)
            const peer = peers.find((one) => one.name === said.name)
            if (said.network !== network) return 'it is of another network'
            if (peer === undefined || peer.host !== remote) return 'it is no peer of this mesh'
            if (dialled !== undefined && said.name !== dialled.peer.name) return 'another peer answered'
            // Both sides judge alike.
            const isPreferred = (dialled !== undefined) === self < said.name
            const other = this.#links.get(said.name)
            if (other !== undefined && (other.isPreferred || !isPreferred)) return 'there is a link already'
            name = said.name
            other?.link.end('another link takes its place')
            this.#links.set(name, { link, isPreferred })
            return undefined
          },
          onOpen: () => {
            this.#strangers.delete(link)
            if (name === undefined) return
            if (dialled !== undefined) dialled.failures = 0
            this.#topics.onLink(name, link)
          },
          onTopics: (topics) => void (name !== undefined && this.#topics.onTopics(name, topics)),
          onMessage: (topic, payload) => (name === undefined ? undefined : this.#topics.onMessage(name, topic, payload)),
          onEnd: (reason) => this.#onEnd(link, name, dialled, reason),
        },
      },
      {
        greeting: encodeGreeting({ network, name: self }),
        longest: (topic) => (name === undefined ? undefined : this.#topics.longest(name, topic)),
        ring: { frames: RING_FRAMES, bytes: RING_BYTES },
        keepAliveMs,
        silenceMs: SILENCES * keepAliveMs,
        greetingMs: GREETING_MS,
        inHand: IN_HAND,
      },
    )
    this.#strangers.add(link)
    link.start()
  }

  #onEnd(link: PlainLink, name: string | undefined, dialled: Dialling | undefined, reason: string): void {
    this.#strangers.delete(link)
    this.#logger.debug('a link of the mesh ended', { peer: name ?? dialled?.peer.name ?? 'unknown', reason })
    if (name !== undefined && this.#links.get(name)?.link === link) {
      this.#links.delete(name)
      this.#topics.onLinkEnd(name)
      const peer = this.#dialling.get(name)
      if (peer !== undefined) this.#failed(peer)
    } else if (dialled !== undefined && this.#running) this.#failed(dialled)
  }
}

/** An IPv4 address in IPv6's clothes is IPv4. */
function plainHost(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/, '')
}
