/** Two sessions on a line that a test makes: with a rate, a delay and a buffer, cut where the test says, and time that it turns. */
import { FakeClock } from '../../node-core/base/clock.ts'
import { Budget } from '../../node-core/net/channels/budget.ts'
import type { SessionChannel } from '../../node-core/net/channels/channel/channel.ts'
import type { ChannelError } from '../../node-core/net/channels/errors.ts'
import { ChannelFrameReader } from '../../node-core/net/channels/frames/frame-reader.ts'
import { decodeFrameBody } from '../../node-core/net/channels/frames/frame-decode.ts'
import type { Frame } from '../../node-core/net/channels/frames/frames.ts'
import { Session } from '../../node-core/net/channels/session/session.ts'
import type { OpenOptions, OpenRequest, SessionLink } from '../../node-core/net/channels/session/types.ts'
import type { Path } from '../../node-core/net/channels/types.ts'

export interface Line {
  /** Bytes per millisecond. */
  readonly rate: number
  /** Milliseconds one way. */
  readonly delay: number
  /** Bytes that it takes before it is full. */
  readonly buffer: number
  readonly path: Path
}

export const FAST: Line = { rate: 300_000, delay: 0.2, buffer: 256 * 1024, path: 'direct' }

/** One direction of a line. */
class SimulatedLink implements SessionLink {
  readonly path: Path
  readonly #clock: FakeClock
  readonly #line: Line
  readonly #deliver: (bytes: Uint8Array) => void
  readonly #onDrain: () => void
  /** When everything that was given is on its way. */
  #freeAt = 0
  #isCut = false
  bytes = 0

  constructor(clock: FakeClock, line: Line, deliver: (bytes: Uint8Array) => void, onDrain: () => void) {
    this.#clock = clock
    this.#line = line
    this.#deliver = deliver
    this.#onDrain = onDrain
    this.path = line.path
  }

  get queuedBytes(): number {
    return Math.max(0, this.#freeAt - this.#clock.now()) * this.#line.rate
  }

  get isFull(): boolean {
    return this.queuedBytes >= this.#line.buffer
  }

  send(bytes: Uint8Array): void {
    if (this.#isCut) return
    this.bytes += bytes.length
    this.#freeAt = Math.max(this.#freeAt, this.#clock.now()) + bytes.length / this.#line.rate
    const left = this.#freeAt - this.#clock.now()
    this.#clock.schedule(left, () => this.#onDrain())
    this.#clock.schedule(left + this.#line.delay, () => {
      if (!this.#isCut) this.#deliver(bytes)
    })
  }

  cut(): void {
    this.#isCut = true
  }
}

export interface Side {
  readonly name: string
  session: Session
  readonly budget: Budget
  /** Channels that the other side opened and this one took, oldest first. */
  readonly taken: SessionChannel[]
  readonly requests: OpenRequest[]
  readonly frames: Frame[]
  /** What it does with a request. */
  answer: (number: number, request: OpenRequest) => void
  link: SimulatedLink | undefined
  error: ChannelError | undefined
  /** Frames that came, by kind and the link's age. */
  onFrame: ((frame: Frame) => void) | undefined
}

export class SessionPair {
  readonly clock = new FakeClock(1000)
  readonly left: Side
  readonly right: Side
  maxMessageBytes = 1024 * 1024

  /** Sessions of another `seed` are others. */
  constructor(seed = 0) {
    this.left = this.#side('left', true, seed)
    this.right = this.#side('right', false, seed)
  }

  /** Lets what is due in microtasks happen, then time pass, in steps. */
  async run(ms: number, step = 1): Promise<void> {
    const end = this.clock.now() + ms
    while (this.clock.now() < end) {
      await settle()
      this.clock.advance(Math.min(step, end - this.clock.now()))
    }
    await settle()
  }

  /** Goes on until it is so, for a minute of this time at most. */
  async until(condition: () => boolean, step = 1): Promise<void> {
    for (let i = 0; i < 60_000 / step && !condition(); i++) await this.run(step, step)
    if (!condition()) throw new Error('it did not come true within a minute')
  }

  /** Both greet each other over a new line, as peer-session.ts does it. The former line brings nothing any more. */
  connect(line: Line = FAST): void {
    this.cut()
    const { left, right } = this
    const toRight = left.session.hello()
    if (right.session.judge(toRight) !== 'fits') throw new Error('the greeting does not fit')
    const toLeft = right.session.hello()
    if (left.session.judge(toLeft) !== 'fits') throw new Error('the answer does not fit')
    const leftLink = new SimulatedLink(this.clock, line, this.#into(right), () => left.session.pump(this.clock.now()))
    const rightLink = new SimulatedLink(this.clock, line, this.#into(left), () => right.session.pump(this.clock.now()))
    left.link = leftLink
    right.link = rightLink
    right.session.attach(rightLink, toRight)
    left.session.attach(leftLink, toLeft)
  }

  /** What is under way is lost. */
  cut(): void {
    for (const side of [this.left, this.right]) {
      side.link?.cut()
      side.link = undefined
      side.session.detach()
    }
  }

  open(side: Side, options: Partial<OpenOptions> = {}): SessionChannel {
    return side.session.open({ service: 'echo', class: 'normal', metadata: new Uint8Array(0), maxMessageBytes: this.maxMessageBytes, found: 'test', ...options })
  }

  /** A channel that the other side took, and its end there. */
  async pair(options: Partial<OpenOptions> = {}, side: Side = this.left): Promise<[SessionChannel, SessionChannel]> {
    const other = side === this.left ? this.right : this.left
    const count = other.taken.length
    const channel = this.open(side, options)
    await this.until(() => channel.isAccepted)
    return [channel, other.taken[count] as SessionChannel]
  }

  #into(side: Side): (bytes: Uint8Array) => void {
    const reader = new ChannelFrameReader()
    const { session } = side
    return (bytes) =>
      reader.push(bytes, (body) => {
        const frame = decodeFrameBody(body)
        side.frames.push(frame)
        side.onFrame?.(frame)
        if (side.session === session && side.link !== undefined) session.receive(frame, this.clock.now())
        return true
      })
  }

  #side(name: string, isLower: boolean, seed: number): Side {
    const budget = new Budget(64 * 1024 * 1024)
    let isPumpDue = false
    const side: Side = {
      name,
      budget,
      taken: [],
      requests: [],
      frames: [],
      link: undefined,
      error: undefined,
      onFrame: undefined,
      answer: (number) => {
        const channel = side.session.accept(number, this.maxMessageBytes)
        if (channel !== undefined) side.taken.push(channel)
      },
      session: undefined as never,
    }
    side.session = new Session(
      {
        budget,
        nonce: new Uint8Array(16).fill(seed + (isLower ? 1 : 2)),
        events: {
          onWork: () => {
            if (isPumpDue) return
            isPumpDue = true
            queueMicrotask(() => {
              isPumpDue = false
              side.session.pump(this.clock.now())
            })
          },
          onRequest: (number, request) => {
            side.requests.push(request)
            side.answer(number, request)
          },
          onAccepted: () => undefined,
          onEnded: () => undefined,
          onChange: () => undefined,
        },
      },
      { peer: isLower ? 'right' : 'left', isLower, maxChannels: 64 },
    )
    return side
  }
}

/** Microtasks, however many follow on each other. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
