/**
 * Serves the resources that this node offers to whoever asks for them by their root.
 *
 * A stranger costs little: streams are limited in number, of all peers and of one; questions in number, length and rate; what is sent by rates of
 * bytes ({@link ServeRates}) and by the transport's own flow control, with one question read ahead. Whoever asks and does not read loses the stream. Nothing
 * is told of resources but to those who know the root, which is the only secret that a file has here: do not offer what not everybody who learns its root may have.
 */
import type { Clock } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { Lru } from '../../../base/lru.ts'
import type { Logger } from '../../../base/logger.ts'
import type { PeerJudge } from '../../../network/contracts.ts'
import { TokenBucket } from '../../../network/token-bucket.ts'
import { ServeError, type OpenResource, type ResourceShelf, type ResourceStream } from '../types.ts'
import type { Refusal } from '../wire.ts'
import { Pace, type ServeRates } from './pace.ts'
import { ServingStream } from './serving-stream.ts'

export interface ServerOptions {
  readonly rates: () => ServeRates
  /** Streams on which something is served, of all peers and of one. Whoever finds no place is told to come again. */
  readonly maxStreams: number
  readonly maxStreamsPerPeer: number
}

export const SERVER_DEFAULTS: ServerOptions = { rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 0 }), maxStreams: 32, maxStreamsPerPeer: 8 }

/** How often a peer may ask what there is: each time a file is opened. */
const ASKS = { perSecond: 2, burst: 30 }
const MAX_ASKERS = 1024
/** Streams without a place that may be open besides. */
const MAX_OUTSIDE = 64

export interface ServerDependencies {
  readonly shelf: ResourceShelf
  readonly clock: Clock
  readonly judge: PeerJudge
  readonly logger: Logger
  /** A file was found changed while it was served. */
  readonly onChanged?: (root: Uint8Array) => void
}

export class ResourceServer {
  readonly #deps: ServerDependencies
  readonly #options: ServerOptions
  readonly #pace: Pace
  readonly #streams = new Set<ServingStream>()
  /** Streams on which something is served, and for whom. */
  readonly #places = new Map<ServingStream, string>()
  readonly #asks = new Lru<string, TokenBucket>(MAX_ASKERS)
  #served = 0
  #stopped = false

  constructor(dependencies: ServerDependencies, options: Partial<ServerOptions> = {}) {
    this.#deps = dependencies
    this.#options = { ...SERVER_DEFAULTS, ...options }
    this.#pace = new Pace(dependencies.clock, this.#options.rates)
  }

  /** Bytes of files sent since the start; streams on which something is served now, and to how many. */
  get state(): { readonly servedBytes: number; readonly streams: number; readonly peers: number } {
    return { servedBytes: this.#served, streams: this.#places.size, peers: new Set(this.#places.values()).size }
  }

  /** Takes a stream that a peer opened for the resource protocol. */
  onStream(incoming: ResourceStream): void {
    const { stream, peer } = incoming
    if (this.#stopped || this.#streams.size >= this.#options.maxStreams + MAX_OUTSIDE) return stream.abort(new Error('no more streams are served'))
    const serving: ServingStream = new ServingStream(incoming, { clock: this.#deps.clock, pace: this.#pace }, {
      open: (root) => this.#open(serving, peer, root),
      onServed: (bytes) => (this.#served += bytes),
      onChanged: (root) => this.#deps.onChanged?.(root),
      onEnd: (fault) => {
        this.#streams.delete(serving)
        this.#places.delete(serving)
        if (fault !== undefined) this.#deps.judge.report(peer, fault)
      },
    })
    this.#streams.add(serving)
    serving.start()
  }

  /** Ends every stream. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#streams].map((serving) => serving.stop()))
  }

  async #open(serving: ServingStream, peer: string, root: Uint8Array): Promise<OpenResource | Refusal> {
    let asks = this.#asks.get(peer)
    if (asks === undefined) this.#asks.set(peer, (asks = new TokenBucket(this.#deps.clock, ASKS)))
    if (!asks.take() || !this.#mayServe(serving, peer)) return 'busy'
    try {
      const found = await this.#deps.shelf.open(root)
      if (found === undefined) return 'absent'
      // Others may have come meanwhile.
      if (this.#mayServe(serving, peer) && this.#streams.has(serving)) {
        this.#places.set(serving, peer)
        return found
      }
      await found.close()
      return 'busy'
    } catch (error) {
      if (error instanceof ServeError) return error.reason
      this.#deps.logger.warn('a resource could not be opened', { reason: errorMessage(error) })
      return 'absent'
    }
  }

  #mayServe(serving: ServingStream, peer: string): boolean {
    if (this.#places.has(serving)) return true
    const { maxStreams, maxStreamsPerPeer } = this.#options
    return this.#places.size < maxStreams && [...this.#places.values()].filter((each) => each === peer).length < maxStreamsPerPeer
  }
}
