/**
 * The sending half of a session: fills the stream as long as that takes something. Pure.
 *
 * First comes what needs no credit (openings, credit, ends), then messages by the scheduler's choice, as far as the pacer and each
 * channel's credit let it. Where the stream is a new one, what the former one was given and the other side did not take comes before
 * anything else, by the pacer too: the new path may be a slow one.
 *
 * Acknowledgements come when they are asked for: eight times a window, and when there is nothing more to send. So a fast line is not busy with
 * them, and a slow one is measured often.
 */
import { BATCH_BYTES, BatchPool, type Batch } from './batch.ts'
import type { SessionChannel } from '../channel/channel.ts'
import { ChannelProtocolError, type ChannelError } from '../errors.ts'
import type { SequencedFrame } from '../frames/frames.ts'
import { Pacer } from './pacer.ts'
import { Scheduler } from './scheduler.ts'
import { SentLog, type Taken } from './sent-log.ts'

/** So many acknowledgements are asked for in a window. */
const ASKS_PER_WINDOW = 8
/** A message is not cut for less. */
const MIN_PART = 1024
const AT_ONCE_BYTES = 1024 * 1024
/** So many batches a window is sent in, at least. */
const BATCHES_PER_WINDOW = 8
/** Above the payload, at most. */
const DATA_HEADER = 24
/** Of a frame without a payload; an opening with a long name and metadata is the longest. */
const SAYING_BYTES = 64

/** Where bytes go. */
export interface SenderLink {
  /** Takes no more for now. */
  readonly isFull: boolean
  send(bytes: Uint8Array): void
}

interface Saying {
  readonly frame: SequencedFrame
  readonly onTaken: Taken | undefined
}

/** Why a batch ended: nothing to send, the pacer lets nothing out, or it is full. */
type BatchEnd = 'dry' | 'paced' | 'full'

export class Sender {
  readonly pacer = new Pacer()
  readonly #log = new SentLog()
  readonly #batches = new BatchPool()
  readonly #scheduler = new Scheduler<SessionChannel>()
  readonly #ready = new Set<SessionChannel>()
  #sayings: Saying[] = []
  /** Frames of the other side that were taken, where that is to be told. */
  #ackDue: number | undefined
  /** Bytes given to the link since an acknowledgement was asked for. */
  #unasked = 0
  /** Requests for an acknowledgement that are not answered: the frames given by then, and when. */
  #asks: { readonly given: number; readonly at: number }[] = []
  #byeDue = false

  /** Everything was sent and taken. */
  get isIdle(): boolean {
    return this.#sayings.length === 0 && this.#log.bytes === 0
  }

  /** Frames without credit that wait. */
  get sayings(): number {
    return this.#sayings.length
  }

  /** When the oldest acknowledgement was asked for that did not come. */
  get waitingSince(): number | undefined {
    return this.#asks[0]?.at
  }

  /** The other side may say that it took so many frames. */
  isPossible(received: number): boolean {
    return this.#log.isPossible(received)
  }

  say(frame: SequencedFrame, onTaken: Taken | undefined): void {
    this.#sayings.push({ frame, onTaken })
  }

  /** Says a goodbye once everything was sent and taken. */
  sayBye(isDue: boolean): void {
    this.#byeDue = isDue
  }

  /** Looks anew whether a channel has something to send. */
  onReady(channel: SessionChannel): void {
    if (channel.isReady) {
      this.#ready.add(channel)
      this.#scheduler.ready(channel, channel.init.class)
    } else {
      this.#ready.delete(channel)
      this.#scheduler.idle(channel)
    }
    if (channel.claimsBlocked()) this.say({ kind: 'blocked', channel: channel.init.number }, undefined)
  }

  remove(channel: SessionChannel): void {
    this.#ready.delete(channel)
    this.#scheduler.remove(channel)
  }

  /** The other side asks how much of it was taken. */
  acknowledge(received: number): void {
    this.#ackDue = received
  }

  /** The other side took so many frames. Throws a {@link ChannelProtocolError}. */
  onAck(received: number, now: number): void {
    if (!this.#log.isPossible(received)) throw new ChannelProtocolError('it took frames that it was not sent')
    let asked: number | undefined
    while (this.#asks.length > 0 && (this.#asks[0] as { given: number }).given <= received) asked = this.#asks.shift()?.at
    this.pacer.onAcked(this.#log.acknowledge(received), now)
    if (asked !== undefined) this.pacer.onRoundTrip(now - asked, now)
  }

  /** No link. */
  detach(): void {
    this.#ackDue = undefined
    this.#asks = []
    this.#unasked = 0
  }

  /** A new link, to an other side that took so many frames. */
  attach(received: number): void {
    this.detach()
    this.pacer.reset()
    this.#log.acknowledge(received)
    this.#log.rewind()
  }

  fail(error: ChannelError): void {
    for (const { onTaken } of this.#sayings.splice(0)) onTaken?.(error)
    this.#log.fail(error)
  }

  /**
   * Gives the link what it takes, but no more than a megabyte at a time: encryption takes this thread. True where something is left for the next
   * time; also where it is little, since those who were told of room a moment ago are about to add to it, and together it costs less.
   */
  pump(link: SenderLink, now: number): boolean {
    for (let sent = 0; !link.isFull; ) {
      if (sent >= AT_ONCE_BYTES || (sent > 0 && this.#isLittle)) return true
      const batch = this.#batch(now)
      if (batch.length === 0) return false
      link.send(batch)
      sent += batch.length
    }
    return false
  }

  /** What is left to send is far from filling a batch. */
  get #isLittle(): boolean {
    return this.#log.isGiven && this.#sayings.length === 0 && this.#ready.size > 0 && this.#pendingBytes() < BATCH_BYTES / 2
  }

  /** What goes out next, together; empty where nothing does. */
  #batch(now: number): Uint8Array {
    const batch = this.#batches.take(this.#pendingBytes())
    if (this.#ackDue !== undefined) batch.add({ kind: 'ack', received: this.#ackDue })
    this.#ackDue = undefined
    let end: BatchEnd | undefined
    // What is written together is encrypted together, and comes there together: on a slow line that would be a wait of its own.
    const most = this.pacer.window / BATCHES_PER_WINDOW
    while (end === undefined) end = batch.length >= most ? 'full' : this.#log.isGiven ? this.#make(batch) : this.#giveAgain(batch)
    if (end === 'paced') this.pacer.onLimiting()
    const isDue = this.#unasked >= this.pacer.window / ASKS_PER_WINDOW || (end !== 'full' && this.#asks.length === 0)
    if (this.#unasked > 0 && isDue) {
      this.#unasked = 0
      this.#asks.push({ given: this.#log.given, at: now })
      batch.add({ kind: 'ask' })
    }
    if (this.#byeDue && this.isIdle) {
      this.#byeDue = false
      batch.add({ kind: 'bye' })
    }
    return batch.bytes()
  }

  /** Makes the next frame and writes it. */
  #make(batch: Batch): BatchEnd | undefined {
    const saying = this.#sayings[0]
    if (saying !== undefined) {
      if (!batch.fits(saying.frame)) return 'full'
      this.#sayings.shift()
      this.#log.push(batch.keep(saying.frame), batch, saying.onTaken)
      this.#give()
      return undefined
    }
    const hasRoom = this.pacer.room(false) > 0
    const channel = this.#scheduler.pick(hasRoom ? undefined : 'control')
    if (channel === undefined) return hasRoom ? 'dry' : 'paced'
    if (!hasRoom && this.pacer.room(true) <= 0) return 'paced'
    const room = batch.left - DATA_HEADER
    const most = Math.min(this.pacer.frameBytes, room)
    if (room < 0 || (most < channel.firstBytes && most < MIN_PART)) return 'full'
    const { frame, onTaken } = channel.nextPart(most)
    const bytes = batch.keep(frame)
    this.#log.push(bytes, batch, onTaken)
    this.#give()
    this.#scheduler.spent(channel, bytes.length)
    if (!channel.isReady) this.onReady(channel)
    return undefined
  }

  /** Writes a frame that the link before was given. */
  #giveAgain(batch: Batch): BatchEnd | undefined {
    const frame = this.#log.next()
    if (frame === undefined) return 'dry'
    if (this.pacer.room(false) <= 0) return 'paced'
    if (batch.left < frame.bytes.length) return 'full'
    batch.copy(frame.bytes)
    this.#give()
    return undefined
  }

  /** The first frame that was not given is written. */
  #give(): void {
    const bytes = this.#log.next()?.bytes.length ?? 0
    this.#unasked += bytes
    this.pacer.onSent(bytes)
    this.#log.give()
  }

  /** About how much there is to write, at most a batch. */
  #pendingBytes(): number {
    if (!this.#log.isGiven) return BATCH_BYTES
    let bytes = SAYING_BYTES
    for (const { frame } of this.#sayings) {
      bytes += SAYING_BYTES + (frame.kind === 'open' ? frame.metadata.length : 0)
      if (bytes >= BATCH_BYTES) return BATCH_BYTES
    }
    for (const channel of this.#ready) {
      bytes += channel.waitingBytes
      if (bytes >= BATCH_BYTES) return BATCH_BYTES
    }
    return bytes
  }
}
