/** One stream on which a peer asks for one resource: questions wait in a bounded line and are answered in order. */
import { equalBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import { assertNever } from '../../../base/errors.ts'
import type { PeerFault } from '../../../network/contracts.ts'
import { FAULTS } from '../../../network/faults.ts'
import { encodeFrame } from '../../../network/framing.ts'
import { FrameStream } from '../frames.ts'
import { covers } from '../leaf-set.ts'
import { SpeedMeter } from '../speed.ts'
import { LEAF_BYTES, leafCount } from '../tree.ts'
import { ServeError, type OpenResource, type ResourceStream } from '../types.ts'
import {
  MAX_OPEN_LEAVES, MAX_OPEN_REQUESTS, MAX_QUESTION_BYTES, dataFrames, decodeQuestion, encodeAnswer, type Answer, type DataFrame, type Question, type Refusal,
} from '../wire.ts'
import type { Pace } from './pace.ts'

/** The stream was full for so long, and the other side read nothing. */
const WRITE_DEADLINE_MS = 60_000
/** Nothing was asked for so long. */
const IDLE_MS = 120_000
/**
 * What is handed to the transport at once becomes one piece there: few large ones cost it much less, but what else goes to the peer waits for the end of one. So a
 * piece is what the peer takes in this time.
 */
const BATCH_SECONDS = 0.02
const MAX_BATCH_BYTES = 1024 * 1024
/** For whoever finds no place, or asks too often. */
export const COME_AGAIN_MS = 5_000

export interface ServingEvents {
  /** Finds the resource; a string says why it is refused. */
  open(root: Uint8Array): Promise<OpenResource | Refusal>
  onServed(bytes: number): void
  onChanged(root: Uint8Array): void
  /** The stream is over, and nothing of it is left. */
  onEnd(fault: PeerFault | undefined): void
}

export class ServingStream {
  readonly #frames: FrameStream
  readonly #peer: string
  readonly #deps: { readonly clock: Clock; readonly pace: Pace }
  readonly #events: ServingEvents
  readonly #stopping = new AbortController()
  readonly #queue: Exclude<Question, { kind: 'cancel' }>[] = []
  readonly #cancelled = new Set<number>()
  readonly #speed = new SpeedMeter()
  #openLeaves = 0
  #root: Uint8Array | undefined
  #resource: OpenResource | undefined
  #working: Promise<void> | undefined
  /** What was read ahead for a question. */
  #ahead: { readonly id: number; readonly frames: Promise<readonly DataFrame[]> } | undefined
  #idle: Disposer | undefined
  #ended = false

  constructor({ stream, peer }: ResourceStream, dependencies: { readonly clock: Clock; readonly pace: Pace }, events: ServingEvents) {
    this.#peer = peer
    this.#deps = dependencies
    this.#events = events
    this.#frames = new FrameStream(stream, MAX_QUESTION_BYTES, { onFrame: (frame) => this.#onQuestion(decodeQuestion(frame)), onEnd: (_, fault) => this.#end(fault) })
  }

  start(): void {
    this.#waitForQuestion()
    this.#frames.start()
  }

  async stop(): Promise<void> {
    this.#frames.end()
    this.#end()
    await this.#working
  }

  #onQuestion(question: Question): void {
    this.#idle?.()
    if (question.kind === 'cancel') {
      if (this.#queue.some(({ id }) => id === question.id)) this.#cancelled.add(question.id)
      return
    }
    if (question.kind === 'leaves') this.#openLeaves += question.count
    this.#queue.push(question)
    if (this.#queue.length > MAX_OPEN_REQUESTS || this.#openLeaves > MAX_OPEN_LEAVES) return this.#break(FAULTS.rate)
    this.#working ??= this.#work()
  }

  /** Never rejects. The question in hand stays in the line until it is answered. */
  async #work(): Promise<void> {
    for (let question = this.#queue[0]; question !== undefined && !this.#ended; question = this.#queue[0]) {
      try {
        await this.#answer(question)
      } catch (error) {
        const reason = error instanceof ServeError ? error.reason : 'changed'
        if (reason === 'changed' && this.#root !== undefined) this.#events.onChanged(this.#root)
        await this.#say({ kind: 'refused', id: question.id, reason, afterMs: 0 })
      }
      this.#queue.shift()
      this.#cancelled.delete(question.id)
      if (question.kind === 'leaves') this.#openLeaves -= question.count
    }
    this.#working = undefined
    if (this.#ended) await this.#resource?.close()
    else this.#waitForQuestion()
  }

  async #answer(question: Exclude<Question, { kind: 'cancel' }>): Promise<void> {
    const { id } = question
    const resource = this.#resource
    switch (question.kind) {
      case 'ask':
        return this.#onAsk(question)
      case 'hashes':
        if (resource === undefined) return this.#break(FAULTS.malformed)
        if ((await this.#deps.pace.turn(this.#peer, 1, this.#stopping.signal)) === 0) return
        return this.#say({ kind: 'proof', id, ...(await resource.proof(question.group)) })
      case 'leaves':
        if (resource === undefined) return this.#break(FAULTS.malformed)
        return this.#onLeaves(question, resource)
      default:
        return assertNever(question)
    }
  }

  async #onAsk({ id, root }: Extract<Question, { kind: 'ask' }>): Promise<void> {
    // One stream is about one resource.
    if (this.#root !== undefined && !equalBytes(root, this.#root)) return this.#break(FAULTS.malformed)
    this.#root = root
    // It is looked at anew: it may have grown, or be gone.
    await this.#resource?.close()
    this.#resource = undefined
    const found = await this.#events.open(root)
    if (typeof found === 'string') return this.#say({ kind: 'refused', id, reason: found, afterMs: found === 'busy' ? COME_AGAIN_MS : 0 })
    this.#resource = found
    return this.#say({ kind: 'have', id, length: found.length, ranges: found.ranges })
  }

  async #onLeaves(question: Extract<Question, { kind: 'leaves' }>, resource: OpenResource): Promise<void> {
    const { id } = question
    const frames = this.#ahead?.id === id ? this.#ahead.frames : this.#read(question, resource)
    this.#ahead = undefined
    const ready = await frames
    this.#readAhead(resource)
    for (let i = 0; i < ready.length; ) {
      if (this.#cancelled.has(id)) return this.#say({ kind: 'refused', id, reason: 'cancelled', afterMs: 0 })
      const batch = this.#batch(ready, i)
      for (let left = Math.ceil(batch.bytes / LEAF_BYTES); left > 0; ) {
        const leaves = await this.#deps.pace.turn(this.#peer, left, this.#stopping.signal)
        if (leaves === 0) return
        left -= leaves
      }
      if (!this.#frames.send(batch.frames)) await this.#frames.drained(this.#deps.clock, WRITE_DEADLINE_MS)
      this.#speed.add(this.#deps.clock.now(), batch.bytes)
      this.#events.onServed(batch.bytes)
      i += batch.count
    }
  }

  /** Frames from `first` on that are handed to the transport at once: they lie one behind the other in memory. */
  #batch(ready: readonly DataFrame[], first: number): { readonly frames: Uint8Array; readonly bytes: number; readonly count: number } {
    const most = Math.min(MAX_BATCH_BYTES, this.#speed.perSecond(this.#deps.clock.now()) * BATCH_SECONDS)
    let [length, bytes, count] = [0, 0, 0]
    for (const { frame, data } of ready.slice(first)) {
      if (count > 0 && length + frame.length > most) break
      length += frame.length
      bytes += data.length
      count++
    }
    const { frame } = ready[first] as DataFrame
    return { frames: new Uint8Array(frame.buffer, frame.byteOffset, length), bytes, count }
  }

  #readAhead(resource: OpenResource): void {
    const next = this.#queue[1]
    if (next?.kind !== 'leaves' || this.#cancelled.has(next.id)) return
    const frames = this.#read(next, resource)
    // Whoever comes to the question hears of it.
    frames.catch(() => undefined)
    this.#ahead = { id: next.id, frames }
  }

  async #read(question: Extract<Question, { kind: 'leaves' }>, resource: OpenResource): Promise<readonly DataFrame[]> {
    const { index, count } = question
    const { length, ranges } = resource
    for (let leaf = index; leaf < index + count; leaf++) {
      if (leaf >= leafCount(length) || !covers(ranges, leaf)) throw new ServeError('outside', `Leaf ${leaf} is not here.`)
    }
    const frames = dataFrames(question, length, this.#deps.pace.frameLeaves)
    await resource.read(index, frames.map(({ data }) => data))
    return frames
  }

  async #say(answer: Answer): Promise<void> {
    if (!this.#frames.send(encodeFrame(encodeAnswer(answer)))) await this.#frames.drained(this.#deps.clock, WRITE_DEADLINE_MS)
  }

  #waitForQuestion(): void {
    this.#idle?.()
    this.#idle = this.#ended ? undefined : this.#deps.clock.schedule(IDLE_MS, () => this.#break())
  }

  /** The peer asks for what it may not, or for nothing at all. */
  #break(fault?: PeerFault): void {
    this.#frames.end(new Error(fault?.code ?? 'nothing is asked for'))
    this.#end(fault)
  }

  #end(fault?: PeerFault): void {
    if (this.#ended) return
    this.#ended = true
    this.#idle?.()
    this.#stopping.abort()
    const over = this.#working ?? this.#resource?.close() ?? Promise.resolve()
    void over.catch(() => undefined).then(() => this.#events.onEnd(fault))
  }
}
