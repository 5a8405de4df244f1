/**
 * Resources: files that nodes offer each other by the roots of their hash trees. The entry of this room.
 *
 *     tree.ts        the tree (BitTorrent v2's) and its proofs          wire.ts    what is said on `/nodestead/resource/1`
 *     catalogue/     what this node offers                              serving/   answers others
 *     fetch/plan.ts  which leaf to ask of whom                          fetch/     streams, files, progress
 *
 * A file is shared by its path and named by its root, which its owner hands on. Whoever fetches it asks the peers that it is told of and those that a search finds, and this node itself,
 * several at once, and checks each 16 KiB on arrival. What it has of it is served to others meanwhile, and offered further when it is whole. Fetches that are not done are kept in a list and go on after a
 * start; whoever wants none of it any more discards it.
 */
import { isAbsolute, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { NodeError, errorMessage } from '../../base/errors.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import type { Service } from '../../base/service.ts'
import { ownFolder } from '../../base/whole-file.ts'
import type { PeerJudge } from '../../network/contracts.ts'
import { TokenBucket } from '../../network/token-bucket.ts'
import { ResourceCatalogue } from './catalogue/catalogue.ts'
import { MAX_DOWNLOADS, readDownloads, requestSchema, writeDownloads, type FetchRequest } from './downloads-file.ts'
import { Download, type DownloadProgress, type Outcome } from './fetch/download.ts'
import { removePart } from './fetch/part-file.ts'
import { ResourceServer } from './serving/server.ts'
import { LEAF_BYTES } from './tree.ts'
import type { OpenResource, ProviderFinder, ResourceStream, StreamOpener } from './types.ts'
import { RESOURCE_PROTOCOL } from './wire.ts'

export type { FetchRequest } from './downloads-file.ts'

/** The part of the network's StreamDoor that resources need. */
export interface ResourceDoor extends StreamOpener {
  serve(protocol: string, options: { readonly perPeer: number; readonly relayed: boolean }, onStream: (stream: ResourceStream) => void): Disposer
}

/** Bytes per second, 0 for no limit: served to all and to one peer, and fetched from all. May change over time. */
export interface ResourceRates {
  readonly bytesPerSecond: number
  readonly peerBytesPerSecond: number
  readonly fetchBytesPerSecond: number
}

/** A fetch, by its path. */
export interface FetchStatus {
  readonly request: FetchRequest
  readonly isPaused: boolean
  /** Undefined while it is paused and has not run since the start. */
  readonly progress: DownloadProgress | undefined
  /** How it ended, where it has. */
  readonly outcome: Outcome | undefined
}

export interface ResourceEvents {
  /** A few times a second for each fetch that runs, and when one begins, ends or is taken out. */
  fetch: FetchStatus
}

export interface ResourcesDependencies {
  readonly door: ResourceDoor
  readonly finder: ProviderFinder
  readonly judge: PeerJudge
  /** This node's id. */
  readonly self: () => string
  readonly clock: Clock
  readonly logger: Logger
}

interface Fetch {
  readonly request: FetchRequest
  isPaused: boolean
  download: Download | undefined
  outcome: Outcome | undefined
}

const STREAMS_PER_PEER = 8
const MAX_TASKS = 64
/** Fetches that are done and still told of. */
const MAX_DONE = 256

export class Resources implements Service {
  readonly #deps: ResourcesDependencies
  readonly #folder: string
  readonly #rates: () => ResourceRates
  readonly catalogue: ResourceCatalogue
  readonly #server: ResourceServer
  readonly #bucket: TokenBucket
  /** By path. */
  readonly #fetches = new Map<string, Fetch>()
  readonly #events = new Emitter<ResourceEvents>()
  readonly #queue = new SerialQueue(MAX_TASKS)
  #unserve: Disposer | undefined

  /** `folder` is of this room alone. */
  constructor(dependencies: ResourcesDependencies, { folder, rates }: { readonly folder: string; readonly rates: () => ResourceRates }) {
    const { clock, judge, logger } = dependencies
    this.#deps = dependencies
    this.#folder = folder
    this.#rates = rates
    const catalogue = new ResourceCatalogue({ clock, logger }, { folder: join(folder, 'shared') })
    this.catalogue = catalogue
    this.#server = new ResourceServer({ shelf: { open: (root) => this.#open(root) }, clock, judge, logger, onChanged: (root) => catalogue.withdraw(Buffer.from(root).toString('hex'), 'It cannot be read as it was shared.') }, { rates })
    this.#bucket = new TokenBucket(clock, () => {
      const perSecond = rates().fetchBytesPerSecond / LEAF_BYTES
      return { perSecond, burst: Math.max(1, perSecond) }
    })
  }

  get events(): EventSource<ResourceEvents> {
    return this.#events
  }

  /** As they are set now. */
  get rates(): ResourceRates {
    return this.#rates()
  }

  /** What is being served now; see the server. */
  get serving(): ResourceServer['state'] {
    return this.#server.state
  }

  async start(): Promise<void> {
    await ownFolder(this.#folder)
    await this.catalogue.start()
    for (const { request, isPaused } of await readDownloads(this.#folder)) this.#fetches.set(request.path, { request, isPaused, download: undefined, outcome: undefined })
    this.#unserve = this.#deps.door.serve(RESOURCE_PROTOCOL, { perPeer: STREAMS_PER_PEER, relayed: false }, (stream) => this.#server.onStream(stream))
    for (const fetch of this.#fetches.values()) if (!fetch.isPaused) this.#begin(fetch)
  }

  /** What is being fetched goes on after the next start. */
  async stop(): Promise<void> {
    this.#unserve?.()
    await this.#server.stop()
    await this.#queue.close()
    await Promise.all([...this.#fetches.values()].map(async ({ download }) => download?.stop()))
    await this.catalogue.stop()
  }

  fetches(): readonly FetchStatus[] {
    return [...this.#fetches.values()].map(statusOf)
  }

  /** Begins a fetch, and keeps it until it is done or discarded. Rejects NET_RESOURCE_REQUEST, NET_RESOURCE_TWICE and NET_RESOURCE_TOO_MANY. */
  fetch(wanted: FetchRequest): Promise<void> {
    return this.#queue.run(async () => {
      const { success, data: request, error } = requestSchema.safeParse(wanted)
      if (!success || !isAbsolute(request.path)) throw new NodeError('NET_RESOURCE_REQUEST', `This cannot be fetched: ${error === undefined ? 'the path is not absolute' : errorMessage(error)}.`)
      const other = this.#fetches.get(request.path)
      if (other !== undefined && other.outcome?.kind !== 'done') throw new NodeError('NET_RESOURCE_TWICE', `Something is being fetched to this path already: ${request.path}.`, { hint: 'Choose another name, or discard the other fetch.' })
      if (this.#kept().length >= MAX_DOWNLOADS) throw new NodeError('NET_RESOURCE_TOO_MANY', `${MAX_DOWNLOADS} fetches are not done yet.`, { hint: 'Wait for some of them, or discard them.' })
      const fetch: Fetch = { request, isPaused: false, download: undefined, outcome: undefined }
      this.#fetches.delete(request.path)
      this.#fetches.set(request.path, fetch)
      this.#forgetDone()
      await this.#save()
      this.#begin(fetch)
    })
  }

  /** Stops a fetch; what is there stays. */
  pause(path: string): Promise<void> {
    return this.#queue.run(async () => {
      const fetch = this.#find(path)
      fetch.isPaused = true
      await this.#save()
      await fetch.download?.stop()
      this.#tell(fetch)
    })
  }

  /** Goes on with a fetch that was paused or has failed. */
  resume(path: string): Promise<void> {
    return this.#queue.run(async () => {
      const fetch = this.#find(path)
      if (fetch.outcome?.kind === 'done' || (fetch.download !== undefined && fetch.outcome === undefined)) return
      fetch.isPaused = false
      await this.#save()
      this.#begin(fetch)
    })
  }

  /** Takes a fetch out of the list, and what is there of a file that is not whole from the disk. */
  discard(path: string): Promise<void> {
    return this.#queue.run(async () => {
      const fetch = this.#find(path)
      await fetch.download?.stop()
      this.#fetches.delete(path)
      await this.#save()
      if (!isWhole(fetch)) await removePart(path)
      this.#tell(fetch)
    })
  }

  /** What is shared, or else what is being fetched. */
  async #open(root: Uint8Array): Promise<OpenResource | undefined> {
    const name = Buffer.from(root).toString('hex')
    if (this.catalogue.get(name)?.withdrawn === undefined) {
      const shared = await this.catalogue.open(root)
      if (shared !== undefined) return shared
    }
    const fetch = [...this.#fetches.values()].find(({ request, download, outcome }) => request.root === name && download !== undefined && outcome === undefined)
    return fetch?.download === undefined ? this.catalogue.open(root) : fetch.download.offer()
  }

  /** What is shared, for a fetch of our own. */
  async #openOwn(root: Uint8Array): Promise<OpenResource | undefined> {
    return this.#isShared(Buffer.from(root).toString('hex')) ? this.catalogue.open(root) : undefined
  }

  #isShared(root: string): boolean {
    const entry = this.catalogue.get(root)
    return entry !== undefined && entry.withdrawn === undefined
  }

  #find(path: string): Fetch {
    const fetch = this.#fetches.get(path)
    if (fetch === undefined) throw new NodeError('NET_RESOURCE_UNKNOWN', `Nothing is being fetched to this path: ${path}.`)
    return fetch
  }

  #begin(fetch: Fetch): void {
    const { door, finder, judge, self, clock, logger } = this.#deps
    const { root, peers, ...rest } = fetch.request
    const download = new Download(
      {
        streams: door, finder, judge, clock, logger,
        own: { peer: self, open: (wanted) => this.#openOwn(wanted) },
        allow: () => this.#rates().fetchBytesPerSecond === 0 || this.#bucket.take(),
        onWhole: async (file, groups) => {
          // What is shared already stays shared from where it is.
          if (!this.#isShared(root)) await this.catalogue.adopt(file.path, root, groups)
        },
      },
      { ...rest, root: Buffer.from(root, 'hex'), peers },
    )
    fetch.download = download
    fetch.outcome = undefined
    download.events.on('progress', () => this.#tell(fetch))
    void download.run().then(async (outcome) => {
      fetch.outcome = outcome
      this.#tell(fetch)
      if (outcome.kind === 'done') await this.#queue.run(() => this.#save()).catch((error: unknown) => this.#deps.logger.debug('a fetch that is done is still in the list', { reason: errorMessage(error) }))
    })
  }

  #tell(fetch: Fetch): void {
    this.#events.emit('fetch', statusOf(fetch))
  }

  /** The oldest of those that are done, where they are too many. */
  #forgetDone(): void {
    const done = [...this.#fetches.values()].filter(({ outcome }) => outcome?.kind === 'done')
    for (const { request } of done.slice(0, Math.max(0, done.length - MAX_DONE))) this.#fetches.delete(request.path)
  }

  #kept(): readonly Fetch[] {
    return [...this.#fetches.values()].filter(({ outcome }) => outcome?.kind !== 'done')
  }

  #save(): Promise<void> {
    return writeDownloads(this.#folder, this.#kept().map(({ request, isPaused }) => ({ request, isPaused })))
  }
}

function isWhole({ outcome }: Fetch): boolean {
  return outcome?.kind === 'done' && outcome.isWhole
}

function statusOf({ request, isPaused, download, outcome }: Fetch): FetchStatus {
  return { request, isPaused, progress: download?.progress(), outcome }
}
