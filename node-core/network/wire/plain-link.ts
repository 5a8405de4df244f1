/**
 * One plain link: a reader and a writer on a socket, which live and die together. The first frame of each side is its greeting; what the link's owner
 * makes of it decides whether the link is open. Silence is filled with keep-alives, and a peer that says nothing for long is gone.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { Disposers, type Disposer } from '../../base/disposers.ts'
import { errorMessage } from '../../base/errors.ts'
import { encodeWireFrame, type WireFrame } from './frame.ts'
import { OutgoingRing, type RingLimits } from './outgoing-ring.ts'
import { WireReader } from './wire-reader.ts'

/** Kinds of the link's own frames, in the field of the topic. */
const GREETING = 0
const KEEP_ALIVE = 1
const TOPICS = 2
const MAX_GREETING = 1024
/** 64 topics with names of 64 bytes. */
const MAX_TOPICS = 8192

export interface LinkOptions {
  /** What this side says first, at most 1,024 bytes. */
  readonly greeting: Uint8Array
  /** Longest payload of a topic; undefined where there is none of that number. */
  readonly longest: (topic: number) => number | undefined
  readonly ring: RingLimits
  readonly keepAliveMs: number
  /** Nothing came, or nothing was taken, for so long: the link ends. */
  readonly silenceMs: number
  /** The first frame must be there by then. */
  readonly greetingMs: number
  /** Messages that are being dealt with at the same time; the socket is not read while there are as many. */
  readonly inHand: number
}

export interface LinkEvents {
  /** Judges the other side's greeting. Returns why it is refused. */
  onGreeting(greeting: Uint8Array): string | undefined
  onOpen(): void
  /** The other side says which topics it has. Throws a MalformedError where the bytes say none. */
  onTopics(topics: Uint8Array): void
  onMessage(topic: number, payload: Uint8Array): void | Promise<void>
  /** Once. `fault`: the other side broke the rules. */
  onEnd(reason: string, fault: boolean): void
}

export class PlainLink {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  readonly #ring: OutgoingRing
  readonly #reader: WireReader
  readonly #cleanUp = new Disposers()
  #isOpen = false
  #ended = false
  #inHand = 0
  /** What has been cut from the socket and not been handed over. */
  readonly #waiting: WireFrame[] = []
  #heardAt: number
  #saidAt: number
  /** Since when the socket takes no more. */
  #stuckAt: number | undefined
  #bytesIn = 0
  #bytesOut = 0

  constructor(dependencies: { readonly socket: Socket; readonly clock: Clock; readonly events: LinkEvents }, options: LinkOptions) {
    this.#socket = dependencies.socket
    this.#clock = dependencies.clock
    this.#events = dependencies.events
    this.#options = options
    this.#ring = new OutgoingRing(options.ring)
    this.#heardAt = this.#saidAt = this.#clock.now()
    this.#reader = new WireReader((isLink, topic) => (isLink ? this.#longestOfLink(topic) : this.#isOpen ? options.longest(topic) : undefined))
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#ended
  }

  get figures(): { readonly bytesIn: number; readonly bytesOut: number; readonly waiting: number; readonly overwritten: number; readonly duplicates: number } {
    return { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, waiting: this.#ring.length, overwritten: this.#ring.overwritten, duplicates: this.#ring.duplicates }
  }

  start(): void {
    const socket = this.#socket.setNoDelay(true)
    this.#on('data', (chunk) => this.#onData(chunk))
    this.#on('drain', () => {
      this.#stuckAt = undefined
      this.#pump()
    })
    this.#on('end', () => this.end('the other side ended it', this.#reader.partial))
    this.#on('close', () => this.end('the connection ended'))
    // Stays, so that an error behind the end brings nobody down.
    socket.on('error', (error) => this.end(errorMessage(error)))
    this.#cleanUp.add(this.#clock.schedule(this.#options.greetingMs, () => this.#isOpen || this.end('it did not say who it is', true)))
    this.#watch()
    this.#write({ isLink: true, topic: GREETING, payload: this.#options.greeting })
  }

  /** Says which topics this side has; goes before what waits. */
  sendTopics(topics: Uint8Array): void {
    if (this.isOpen) this.#write({ isLink: true, topic: TOPICS, payload: topics })
  }

  /** Never waits. False where the same content waits already, or the link is not open. */
  send(topic: number, payload: Uint8Array): boolean {
    if (!this.isOpen) return false
    const { bytes, name } = encodeWireFrame({ isLink: false, topic, payload })
    const taken = this.#ring.put(bytes, name)
    this.#pump()
    return taken
  }

  /** Ends both directions, once. */
  end(reason: string, fault = false): void {
    if (this.#ended) return
    this.#ended = true
    this.#cleanUp.dispose()
    this.#ring.clear()
    this.#waiting.length = 0
    this.#socket.destroy()
    this.#events.onEnd(reason, fault)
  }

  /** `data` comes with a chunk, all others with nothing that matters. */
  #on(name: 'data' | 'drain' | 'end' | 'close', listener: (chunk: Buffer) => void): void {
    this.#socket.on(name, listener)
    this.#cleanUp.add(() => this.#socket.off(name, listener))
  }

  #onData(chunk: Buffer): void {
    this.#heardAt = this.#clock.now()
    this.#bytesIn += chunk.length
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (frame.isLink) this.#onLinkFrame(frame)
        else this.#waiting.push(frame)
        if (this.#ended) return
      }
    } catch (error) {
      return this.end(errorMessage(error), true)
    }
    this.#handOver()
  }

  /** A greeting comes first, and once. */
  #longestOfLink(kind: number): number | undefined {
    if (!this.#isOpen) return kind === GREETING ? MAX_GREETING : undefined
    return kind === KEEP_ALIVE ? 0 : kind === TOPICS ? MAX_TOPICS : undefined
  }

  #onLinkFrame({ topic, payload }: WireFrame): void {
    if (topic === TOPICS) return this.#events.onTopics(payload)
    if (topic !== GREETING) return
    const refused = this.#events.onGreeting(payload)
    if (refused !== undefined) return this.end(refused)
    this.#isOpen = true
    this.#events.onOpen()
  }

  #handOver(): void {
    while (!this.#ended && this.#inHand < this.#options.inHand) {
      const frame = this.#waiting.shift()
      if (frame === undefined) break
      const handling = this.#events.onMessage(frame.topic, frame.payload)
      if (handling === undefined) continue
      this.#inHand++
      const done = (): void => {
        this.#inHand--
        this.#handOver()
      }
      void handling.then(done, done)
    }
    if (this.#ended) return
    if (this.#waiting.length > 0) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #pump(): void {
    while (!this.#ended && !this.#socket.writableNeedDrain) {
      const frame = this.#ring.take()
      if (frame === undefined) return
      this.#writeBytes(frame)
    }
  }

  #write(frame: WireFrame): void {
    this.#writeBytes(encodeWireFrame(frame).bytes)
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#saidAt = this.#clock.now()
    this.#bytesOut += bytes.length
    if (!this.#socket.write(bytes)) this.#stuckAt ??= this.#saidAt
  }

  #watch(): void {
    const { keepAliveMs, silenceMs } = this.#options
    let cancel: Disposer = () => undefined
    const look = (): void => {
      const now = this.#clock.now()
      if (now - this.#heardAt >= silenceMs && !this.#socket.isPaused()) return this.end('it says nothing')
      if (this.#stuckAt !== undefined && now - this.#stuckAt >= silenceMs) return this.end('it reads nothing')
      if (now - this.#saidAt >= keepAliveMs && !this.#socket.writableNeedDrain) this.#write({ isLink: true, topic: KEEP_ALIVE, payload: new Uint8Array(0) })
      cancel = this.#clock.schedule(keepAliveMs, look)
    }
    cancel = this.#clock.schedule(keepAliveMs, look)
    this.#cleanUp.add(() => cancel())
  }
}
