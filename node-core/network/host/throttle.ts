/**
 * Limits of bandwidth: how many bytes a second the wire may carry, in and out, of all connections together.
 *
 * A home line is shared. What is held back is held where libp2p writes to a socket and reads from it, below encryption and
 * multiplexing, so that nothing of the node can pass by: topics, answers, the routing table. Nothing is dropped. A connection that has
 * to wait stops taking data, and its sender waits as for a slow line: outbound, libp2p keeps what is left until it is told to go on;
 * inbound, the socket is not read (or what a WebSocket brings is not looked at), and the other side's window closes.
 *
 * Connections wait in a line, each for one slice at a time, so that a large answer to one peer delays another's vote by one slice and
 * not by the answer. A relayed connection is not limited by itself: its bytes run through the connection to the relay, which is.
 *
 * A limit slows answers down that have a time limit of their own. What others answer to us may take longer ({@link Throttle.patienceMs}); they do
 * not wait longer for us, so what we answer has to be shorter ({@link Throttle.fittingBytes}).
 */
import type { MultiaddrConnection } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'

/** Bytes per second; 0 is no limit. */
export interface BandwidthLimits {
  readonly inBytesPerSecond: number
  readonly outBytesPerSecond: number
}

/** What one connection may send before the next one has its turn. */
const SLICE = 64 * 1024
/** What was not used is saved for so long: a block that arrives on a quiet line is not held back. */
const SAVED_SECONDS = 1
/** Transfers that may share the line while we wait for one of them. */
const SHARING = 4
const LONGEST_PATIENCE_MS = 120_000
/** Half of the shortest time that other nodes wait for blocks, states and warp proofs (20 s): the line is shared with the rest. */
const ANSWER_SECONDS = 10
/** Four of the largest windows that a stream has, see host.ts. */
const MAX_HELD = 16 * 1024 * 1024

interface Pieces {
  readonly byteLength: number
  sublist(from: number, to: number): Pieces
}

interface Sent {
  readonly sentBytes: number
  readonly canSendMore: boolean
}

/** What every connection of libp2p has below its public face. */
interface Controllable {
  onData(data: { readonly byteLength: number }): void
  sendData(data: Pieces): Sent
  sendPause(): void
  sendResume(): void
  safeDispatchEvent(type: 'drain'): boolean
  abort(error: Error): void
  /** A WebSocket brings what it has: its `sendPause` does nothing. */
  readonly websocket?: object
}

export class Throttle {
  readonly #in: Line | undefined
  readonly #out: Line | undefined
  readonly #limits: BandwidthLimits

  constructor(clock: Clock, limits: BandwidthLimits) {
    this.#limits = limits
    this.#in = limits.inBytesPerSecond > 0 ? new Line(clock, limits.inBytesPerSecond) : undefined
    this.#out = limits.outBytesPerSecond > 0 ? new Line(clock, limits.outBytesPerSecond) : undefined
  }

  /** How much longer an answer to us of so many bytes may take because of our own limit, in milliseconds. */
  patienceMs(answerBytes: number): number {
    const { inBytesPerSecond } = this.#limits
    return inBytesPerSecond === 0 ? 0 : Math.min(LONGEST_PATIENCE_MS, Math.ceil((answerBytes * SHARING * 1000) / inBytesPerSecond))
  }

  /** How large an answer may be that goes out in time; undefined without a limit. */
  get fittingBytes(): number | undefined {
    const { outBytesPerSecond } = this.#limits
    return outBytesPerSecond === 0 ? undefined : outBytesPerSecond * ANSWER_SECONDS
  }

  /** How long what we send may stand in line at present, in milliseconds, through no fault of who reads it. */
  get sendDelayMs(): number {
    return this.#out?.delayMs ?? 0
  }

  /** To be called once, before the connection carries anything. */
  attach(connection: MultiaddrConnection): void {
    if (this.#in === undefined && this.#out === undefined) return
    if (connection.remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit')) return
    if (!isControllable(connection)) throw new TypeError('a connection of libp2p has not the parts by which it is limited')
    if (this.#out !== undefined) limitOut(connection, this.#out)
    if (this.#in !== undefined) limitIn(connection, this.#in)
  }

  stop(): void {
    this.#in?.stop()
    this.#out?.stop()
  }
}

function limitOut(connection: Controllable, line: Line): void {
  const sendData = connection.sendData.bind(connection)
  connection.sendData = (data) => {
    const bytes = Math.min(data.byteLength, line.take(connection))
    const sent = bytes > 0 ? sendData(bytes === data.byteLength ? data : data.sublist(0, bytes)) : { sentBytes: 0, canSendMore: true }
    line.spend(sent.sentBytes)
    // A socket that is full says itself when it is not any more.
    if (sent.sentBytes === data.byteLength || !sent.canSendMore) return sent
    line.wait(connection, () => connection.safeDispatchEvent('drain'))
    return { sentBytes: sent.sentBytes, canSendMore: false }
  }
}

function limitIn(connection: Controllable, line: Line): void {
  const onData = connection.onData.bind(connection)
  const read = (data: { readonly byteLength: number }): boolean => {
    line.spend(data.byteLength)
    const mayGoOn = line.take(connection) > 0
    if (!mayGoOn) line.wait(connection, goOn)
    onData(data)
    return mayGoOn
  }
  if (connection.websocket === undefined) {
    connection.onData = (data) => {
      if (!read(data)) connection.sendPause()
    }
  } else {
    connection.onData = (data) => {
      if (held.length === 0 && !isWaiting) return void (isWaiting = !read(data))
      held.push(data)
      heldBytes += data.byteLength
      if (heldBytes > MAX_HELD) connection.abort(new Error('it sends more than it was given room for'))
    }
  }
  /** What a WebSocket brought while it is not its turn. While it lies here the streams' windows stay closed, so it is not much. */
  const held: { readonly byteLength: number }[] = []
  let heldBytes = 0
  let isWaiting = false
  function goOn(): void {
    isWaiting = false
    connection.sendResume()
    while (held.length > 0 && !isWaiting) {
      const data = held.shift() as { readonly byteLength: number }
      heldBytes -= data.byteLength
      isWaiting = !read(data)
    }
  }
}

/** One direction: what may still go, and who waits for it. */
class Line {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #waiting = new Map<Controllable, () => unknown>()
  /** Those whose turn it is, who were in the line and have not used it yet. */
  readonly #called = new Set<Controllable>()
  /** Below zero where more came than was to. */
  #bytes: number
  #at: number
  #cancel: (() => void) | undefined
  #isOver = false

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#bytes = bytesPerSecond * SAVED_SECONDS
    this.#at = clock.now()
  }

  /** The bytes that this connection may carry now: none while others wait before it. Uses up its turn. */
  take(connection: Controllable): number {
    if (this.#isOver) return Number.POSITIVE_INFINITY
    this.#refill()
    const isCalled = this.#called.delete(connection)
    if (this.#waiting.size > 0 && !isCalled) return 0
    return Math.max(0, Math.min(SLICE, Math.floor(this.#bytes)))
  }

  spend(bytes: number): void {
    this.#refill()
    this.#bytes -= bytes
  }

  /** Calls `goOn` at its turn. */
  wait(connection: Controllable, goOn: () => unknown): void {
    this.#waiting.set(connection, goOn)
    this.#plan()
  }

  /** Until whoever lines up now has had a turn. */
  get delayMs(): number {
    return Math.ceil((((this.#waiting.size + 1) * SLICE - Math.min(0, this.#bytes)) * 1000) / this.#bytesPerSecond)
  }

  /** Lets everybody go: whoever closes a connection waits until what it holds is out. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#isOver = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const goOn of waiting) goOn()
  }

  #plan(): void {
    if (this.#cancel !== undefined || this.#waiting.size === 0) return
    // One at a time: what it uses is known only once it did. Nobody is called for less than a slice or a tenth of a second's worth.
    const wanted = Math.min(SLICE, this.#bytesPerSecond / 10)
    const waitMs = Math.max(0, Math.ceil(((wanted - this.#bytes) * 1000) / this.#bytesPerSecond))
    this.#cancel = this.#clock.schedule(waitMs, () => {
      this.#cancel = undefined
      this.#callNext()
      this.#plan()
    })
  }

  #callNext(): void {
    const [next] = this.#waiting
    if (next === undefined) return
    const [connection, goOn] = next
    this.#waiting.delete(connection)
    this.#called.clear()
    this.#called.add(connection)
    goOn()
  }

  #refill(): void {
    const now = this.#clock.now()
    const gained = (Math.max(0, now - this.#at) * this.#bytesPerSecond) / 1000
    this.#bytes = Math.min(this.#bytesPerSecond * SAVED_SECONDS, this.#bytes + gained)
    this.#at = now
  }
}

function isControllable(connection: object): connection is Controllable {
  return ['onData', 'sendData', 'sendPause', 'sendResume', 'safeDispatchEvent'].every((name) => typeof (connection as Record<string, unknown>)[name] === 'function')
}
