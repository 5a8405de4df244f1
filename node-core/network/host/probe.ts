/**
 * Who of a network answers, asked by somebody who is not in it yet: before a person joins, he should see whose node runs already.
 *
 * A probe is a libp2p host that listens nowhere, has a key of its own that nobody sees twice, and lives for some seconds. It dials the
 * addresses that it was given. Whoever answers has shown the key of its peer id (noise); it counts as a node of this network where it speaks
 * protocols under the network's own prefix (identify). Peers whose address nobody gave are asked for at those that answered (Kademlia,
 * find-node.ts), and dialled as well.
 *
 * What it does not say: a peer that did not answer may run all the same, behind a router or elsewhere. "Not reached" is never "offline".
 *
 * What an attacker could do: whoever wrote the addresses learns the IP of who asks, and makes it connect to places that he names. So there are few
 * addresses, few at a time, for a short time, over TCP and WebSocket alone, and what was found out goes to nobody but the person.
 */
import { randomBytes } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify, type Identify } from '@libp2p/identify'
import type { Connection, Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { VERSION } from '../../base/version.ts'
import { parsePeerAddress } from '../peers/address.ts'
import { ProtocolNames, type Namespace } from '../protocol-names.ts'
import { findNode } from './find-node.ts'
import { calmMuxer, stopHost } from './host.ts'
import { KAD } from './routing-table.ts'

/** All of a probe together, in milliseconds of real time. */
export const PROBE_LIMIT_MS = 5_000
/** Dials at the same time. */
const AT_ONCE = 8
/** More is of no use, and would be somebody's list of targets. */
export const MAX_PROBED_ADDRESSES = 32

export interface ProbeQuestion {
  readonly namespace: Namespace
  /** Multiaddresses with peer ids; those that cannot be read are left out. */
  readonly addresses: readonly string[]
  /** Whom the person wants to know about. */
  readonly peers: readonly string[]
}

export interface ProbeOptions {
  /** Calls it off: it ends at once, with what was found so far. */
  readonly signal?: AbortSignal | undefined
  /** Hears of each peer of the question as soon as it has answered. */
  readonly onFound?: (peerId: string) => void
  readonly limitMs?: number
}

type ProbeHost = Libp2p<{ readonly identify: Identify }>

/** Peers of the question that answered. Resolves when nothing is left to try, when the time is over, or when it was called off; never rejects for a peer. */
export async function probe(question: ProbeQuestion, { signal: cancel, onFound, limitMs = PROBE_LIMIT_MS }: ProbeOptions = {}): Promise<ReadonlySet<string>> {
  const limit = AbortSignal.timeout(limitMs)
  const signal = cancel === undefined ? limit : AbortSignal.any([cancel, limit])
  const known = byPeer(question.addresses)
  if (known.size === 0 || question.peers.length === 0 || signal.aborted) return new Set()
  const host = await startProbe(limitMs)
  try {
    const run = new Probe(host, question, signal, onFound)
    await run.run(known)
    return run.found
  } finally {
    await stopHost(host)
  }
}

class Probe {
  readonly found = new Set<string>()
  readonly #host: ProbeHost
  readonly #names: ProtocolNames
  readonly #wanted: ReadonlySet<string>
  readonly #signal: AbortSignal
  readonly #onFound: ((peerId: string) => void) | undefined

  constructor(host: ProbeHost, { namespace, peers }: ProbeQuestion, signal: AbortSignal, onFound: ((peerId: string) => void) | undefined) {
    this.#host = host
    this.#names = new ProtocolNames(namespace)
    this.#wanted = new Set(peers)
    this.#signal = signal
    this.#onFound = onFound
  }

  async run(known: ReadonlyMap<string, readonly Multiaddr[]>): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([ended, Promise.all([...known].map(([peerId, addresses]) => this.#visit(peerId, addresses)))])
  }

  /** Dials a peer, and asks it for those that did not answer so far: they may be elsewhere by now. */
  async #visit(peerId: string, addresses: readonly Multiaddr[]): Promise<void> {
    const connection = await this.#dial(peerId, addresses)
    if (connection === undefined) return
    const missing = [...this.#wanted].filter((wanted) => !this.found.has(wanted))
    await Promise.all(missing.map((wanted) => this.#seek(connection, wanted)))
  }

  async #seek(connection: Connection, peerId: string): Promise<void> {
    const addresses = await findNode(connection, this.#names.present(KAD), peerId, this.#signal).catch(() => [])
    const readable = [...byPeer(addresses.map((address) => (address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`)))].find(([id]) => id === peerId)?.[1]
    if (readable !== undefined && !this.found.has(peerId)) await this.#dial(peerId, readable)
  }

  /** Undefined where nobody answered, or none of this network. */
  async #dial(peerId: string, addresses: readonly Multiaddr[]): Promise<Connection | undefined> {
    try {
      const connection = await this.#host.dial([...addresses], { signal: this.#signal })
      const { protocols } = await this.#host.services.identify.identify(connection, { signal: this.#signal })
      if (!protocols.some((name) => this.#names.isPresent(name))) return undefined
      if (this.#wanted.has(peerId) && !this.found.has(peerId) && !this.#signal.aborted) {
        this.found.add(peerId)
        this.#onFound?.(peerId)
      }
      return connection
    } catch {
      return undefined
    }
  }
}

async function startProbe(limitMs: number): Promise<ProbeHost> {
  return createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', new Uint8Array(randomBytes(32))),
    nodeInfo: { name: 'nodestead', version: VERSION, userAgent: `nodestead/${VERSION}` },
    addresses: { listen: [] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => calmMuxer()],
    connectionMonitor: { enabled: false },
    connectionManager: { maxParallelDials: AT_ONCE, dialTimeout: limitMs, reconnectRetries: 0 },
    // A team's nodes have addresses of their own house.
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify({ runOnConnectionOpen: false }) },
  })
}

/** Addresses by the peer that they promise; over a relay there is nobody to dial. */
function byPeer(addresses: readonly string[]): ReadonlyMap<string, readonly Multiaddr[]> {
  const found = new Map<string, Multiaddr[]>()
  for (const text of addresses.slice(0, MAX_PROBED_ADDRESSES)) {
    try {
      const { peerId, address } = parsePeerAddress('address', text)
      if (!text.includes('/p2p-circuit')) found.set(peerId, [...(found.get(peerId) ?? []), address])
    } catch {
      // Nobody's.
    }
  }
  return found
}
