/**
 * Peers that are worth finding again, in `network/peers.json` of the data folder: those for whom a person reserved a place, and those with
 * whom topics were open, with their addresses and when they were seen last. So a network finds itself again after a restart without
 * boot nodes and without mDNS; and who wants to surround a node with peers of his own has to do it while it runs, not when it starts.
 *
 * Addresses are hints: whoever answers there has to prove the peer id. Of peers that came to us only a few of a site are kept, because
 * identities are free; those that we chose go before them. A file that cannot be read costs the memory, not the start.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { ownSubfolder, writeWhole } from '../../base/whole-file.ts'
import { ipOf, isNearby, isPeerId, subnetOf } from './address.ts'

export interface RememberedPeer {
  readonly peerId: string
  /** Multiaddresses, the best first. */
  readonly addresses: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly lastSeen: number
  /** We dialled it. */
  readonly chosen: boolean
  /** A person reserved a place for it. */
  readonly reserved: boolean
}

export interface PeerMemoryDependencies {
  readonly clock: Clock
  readonly logger: Logger
  /** What the host knows of where a peer listens. */
  readonly addressesOf: (peerId: string) => Promise<readonly string[]>
}

const FILE = 'peers.json'
const MAX_PEERS = 128
const MAX_RESERVED = 128
const MAX_ADDRESSES = 8
const MAX_OF_SITE = 4
/** Who was not seen for so long is not called any more, unless a place is reserved for it. */
const MEMORY_MS = 30 * 24 * 3_600_000

const address = z.string().max(1024).refine(isAddress)
const schema = z.object({
  version: z.literal(1),
  peers: z.array(z.object({
    peerId: z.string().max(128).refine(isPeerId),
    addresses: z.array(address).max(MAX_ADDRESSES),
    lastSeen: z.number(),
    chosen: z.boolean(),
    reserved: z.boolean(),
  })).max(MAX_PEERS + MAX_RESERVED),
})

export class PeerMemory {
  readonly #deps: PeerMemoryDependencies
  readonly #folder: string
  readonly #peers = new Map<string, RememberedPeer>()
  readonly #writing = new SerialQueue(1024)
  #waiting = false

  constructor(dependencies: PeerMemoryDependencies, dataPath: string) {
    this.#deps = dependencies
    this.#folder = join(dataPath, 'network')
  }

  /** Reads the file, and gives whom it names; those seen last first. */
  async load(): Promise<readonly RememberedPeer[]> {
    const { logger } = this.#deps
    this.#peers.clear()
    try {
      const { peers } = schema.parse(JSON.parse(await readFile(join(this.#folder, FILE), 'utf8')))
      for (const peer of peers) this.#peers.set(peer.peerId, peer)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') logger.warn('the list of known peers cannot be read', { reason: errorMessage(error) })
    }
    this.#tidy()
    return [...this.#peers.values()].sort((a, b) => b.lastSeen - a.lastSeen)
  }

  /** Its topics are open, or were until now. `dialled` is the address at which we reached it; undefined where it came to us. */
  async seen(peerId: string, dialled: string | undefined): Promise<void> {
    const known = await this.#deps.addressesOf(peerId).catch(() => [])
    const before = this.#peers.get(peerId)
    // What answered goes first, then what it says of itself now.
    const addresses = [...new Set([...(dialled === undefined ? [] : [dialled]), ...known, ...(before?.addresses ?? [])])].filter(isAddress).slice(0, MAX_ADDRESSES)
    if (addresses.length === 0) return
    this.#put({ peerId, addresses, lastSeen: this.#deps.clock.now(), chosen: before?.chosen === true || dialled !== undefined, reserved: before?.reserved ?? false })
  }

  /** A person wants it for good. An address without anything before `/p2p/` says only who it is. */
  reserve(peerId: string, text: string): void {
    const before = this.#peers.get(peerId)
    const addresses = text.startsWith('/p2p/') ? (before?.addresses ?? []) : [...new Set([text, ...(before?.addresses ?? [])])].slice(0, MAX_ADDRESSES)
    this.#put({ peerId, addresses, lastSeen: before?.lastSeen ?? this.#deps.clock.now(), chosen: true, reserved: true })
  }

  unreserve(peerId: string): void {
    const before = this.#peers.get(peerId)
    if (before?.reserved === true) this.#put({ ...before, reserved: false })
  }

  forget(peerId: string): void {
    if (this.#peers.delete(peerId)) this.#save()
  }

  /** Resolves when everything is on disk. */
  async flush(): Promise<void> {
    await this.#writing.idle()
  }

  #put(peer: RememberedPeer): void {
    this.#peers.set(peer.peerId, peer)
    this.#tidy()
    this.#save()
  }

  /** Drops who is too old, one of too many from one site, or of too many at all. */
  #tidy(): void {
    const oldest = this.#deps.clock.now() - MEMORY_MS
    const all = [...this.#peers.values()].sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.lastSeen - a.lastSeen)
    const [reserved, others] = [all.filter((peer) => peer.reserved), all.filter((peer) => !peer.reserved)]
    for (const { peerId } of reserved.slice(MAX_RESERVED)) this.#peers.delete(peerId)
    const ofSite = new Map<string, number>()
    let count = 0
    for (const { peerId, lastSeen, chosen, addresses } of others) {
      const site = chosen ? undefined : siteOf(addresses)
      const of = site === undefined ? 0 : (ofSite.get(site) ?? 0)
      if (lastSeen < oldest || of >= MAX_OF_SITE || count >= MAX_PEERS) this.#peers.delete(peerId)
      else {
        count++
        if (site !== undefined) ofSite.set(site, of + 1)
      }
    }
  }

  /** Changes that come while one is being written are merged into the next writing. */
  #save(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#writing
      .run(async () => {
        this.#waiting = false
        await ownSubfolder(this.#folder)
        await writeWhole(this.#folder, FILE, JSON.stringify({ version: 1, peers: [...this.#peers.values()] }))
      })
      .catch((error: unknown) => {
        this.#waiting = false
        this.#deps.logger.warn('the list of known peers cannot be written', { reason: errorMessage(error) })
      })
  }
}

/** The /24 or /48 of the first address that is not nearby. */
function siteOf(addresses: readonly string[]): string | undefined {
  for (const text of addresses) {
    const ip = ipOf(multiaddr(text))
    if (ip !== undefined && !isNearby(ip)) return subnetOf(ip)
  }
  return undefined
}

function isAddress(text: string): boolean {
  try {
    multiaddr(text)
    return true
  } catch {
    return false
  }
}
