/**
 * A stream with a peer and a program's socket, joined: bytes both ways, each way as fast as the slower of the two ends takes them, and each way ended on its own.
 *
 *   what happened                            what follows
 *   the program ends its half                the stream is closed for writing; what the peer sends still arrives
 *   the peer ends its half                   the same for the socket
 *   the peer resets the stream               the socket is closed at once, and reset where it is of TCP
 *   the program is gone                      what it sent is sent on, with an end behind it; when the peer sends more, or does not end
 *                                            its half in a while, the stream is reset
 *   the program ends with an error           the stream is reset
 *
 * A program that closes its socket right behind its last bytes means them to arrive, so its going is no reset: peers drop what they have not read when one comes.
 */
import type { Socket } from 'node:net'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../base/clock.ts'
import type { Disposer } from '../base/disposers.ts'
import { onRoom } from '../network/stream-room.ts'
import { probeHalfClosed } from './half-closed.ts'

/** For the peer to end its half, after a program that is gone. */
const LINGER_MS = 10_000
/** For the peer to take what a program sent that is gone. */
const FLUSH_MS = 60_000

export interface PipeOptions {
  /** What came from the program before the two were joined. */
  readonly rest?: Uint8Array
  /** The same of the peer. */
  readonly peerRest?: Uint8Array
  /** A TCP connection: a reset is passed on as one, and nobody asks whether the program behind an ended half is there. */
  readonly tcp?: boolean
  /** How long a program that has ended its half waits for a peer that says nothing, in milliseconds. */
  readonly halfClosedMs: number
}

export class StreamPipe {
  /** Resolves when both ends are closed. */
  readonly done: Promise<void>
  readonly #socket: Socket
  readonly #stream: Stream
  readonly #clock: Clock
  readonly #halfClosedMs: number
  readonly #tcp: boolean
  readonly #stopProbing: Disposer
  readonly #stopAsking: Disposer
  readonly #resolve: () => void
  #deadline: Disposer | undefined
  /** The program ended its half: `close` of the stream was called. */
  #programEnded = false
  #peerEnded = false
  #socketEnded = false
  #sent = 0
  #received = 0
  #socketClosed = false
  #streamClosed = false
  #streamPaused = false
  #resuming = false

  /** The socket is paused, and nobody listens to the stream. */
  constructor(socket: Socket, stream: Stream, clock: Clock, { rest, peerRest, tcp = false, halfClosedMs }: PipeOptions) {
    this.#socket = socket
    this.#stream = stream
    this.#clock = clock
    this.#halfClosedMs = halfClosedMs
    this.#tcp = tcp
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#resolve = resolve
    this.#stopProbing = tcp ? () => undefined : probeHalfClosed(socket, clock)
    socket.on('data', this.#onData)
    socket.on('end', this.#onProgramEnd)
    socket.on('drain', this.#onSocketDrain)
    socket.on('error', ignore)
    socket.once('close', this.#onSocketClose)
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', this.#onPeerEnd)
    this.#stopAsking = onRoom(stream, () => this.#socket.destroyed || this.#socket.resume())
    stream.addEventListener('close', this.#onStreamClose)
    if (rest !== undefined && rest.length > 0) this.#onData(rest)
    if (peerRest !== undefined && peerRest.length > 0) this.#write([peerRest])
    if (stream.readableEnded) this.#onPeerEnd()
    if (stream.status === 'aborted' || stream.status === 'reset' || stream.status === 'closed') this.#onStreamClosed(stream.status !== 'closed')
    if (socket.destroyed) this.#onSocketClose()
    else if (socket.readableEnded) this.#onProgramEnd()
    else if (!stream.writableNeedsDrain) socket.resume()
  }

  /** Bytes that the peer was sent. */
  get sentBytes(): number {
    return this.#sent
  }

  /** Bytes that came from the peer. */
  get receivedBytes(): number {
    return this.#received
  }

  /** Resets both ends. */
  abort(reason: string): void {
    this.#resetSocket()
    this.#stream.abort(new Error(reason))
  }

  // From the program to the peer.

  readonly #onData = (chunk: Uint8Array): void => {
    try {
      if (!this.#stream.send(chunk)) this.#socket.pause()
      this.#sent += chunk.length
    } catch {
      // Only a stream that is closed takes nothing.
      this.#resetSocket()
    }
  }

  readonly #onProgramEnd = (): void => {
    if (this.#programEnded) return
    this.#programEnded = true
    this.#awaitPeer(this.#halfClosedMs)
    this.#stream.close({ signal: AbortSignal.timeout(this.#halfClosedMs) }).catch((error: Error) => this.#stream.abort(error))
  }

  // From the peer to the program.

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    if (this.#socketClosed) {
      this.#stream.abort(new Error('the program is gone'))
      return
    }
    if (this.#programEnded) this.#awaitPeer(this.#halfClosedMs)
    this.#write(data instanceof Uint8Array ? [data] : data)
    if (this.#peerEnded) this.#endSocket()
  }

  #write(pieces: Iterable<Uint8Array>): void {
    let takesMore = true
    this.#socket.cork()
    for (const piece of pieces) {
      this.#received += piece.length
      takesMore = this.#socket.write(piece)
    }
    this.#socket.uncork()
    if (!takesMore) this.#pauseStream()
  }

  readonly #onSocketDrain = (): void => {
    if (!this.#streamPaused || this.#resuming) return
    this.#streamPaused = false
    if (!this.#canPause()) return
    this.#resuming = true
    this.#stream.resume()
    this.#resuming = false
    if (!this.#socketClosed && this.#socket.writableNeedDrain) this.#pauseStream()
  }

  /** What waits is handed out while the stream resumes, and only then is the peer told that there is room: a pause in the midst of that is lost. */
  #pauseStream(): void {
    if (this.#streamPaused || this.#resuming || !this.#canPause()) return
    this.#streamPaused = true
    this.#stream.pause()
  }

  /** Data that comes with the end of the stream is announced behind it. */
  readonly #onPeerEnd = (): void =>
    queueMicrotask(() => {
      this.#peerEnded = true
      this.#endSocket()
    })

  #endSocket(): void {
    if (this.#socketEnded || this.#stream.readBufferLength > 0) return
    this.#socketEnded = true
    this.#deadline?.()
    this.#socket.end()
  }

  #canPause(): boolean {
    return this.#stream.readStatus !== 'closing' && this.#stream.readStatus !== 'closed'
  }

  // Ends.

  readonly #onSocketClose = (): void => {
    this.#socketClosed = true
    this.#stopProbing()
    if (!this.#streamClosed) {
      if (!this.#programEnded) this.#stream.abort(new Error('the program is gone'))
      else if (!this.#peerEnded) {
        this.#awaitPeer(FLUSH_MS)
        // What was paused for the program's sake is looked at for what it is now: bytes for nobody.
        this.#onSocketDrain()
        void this.#flushed().then(() => this.#awaitPeer(LINGER_MS))
      } else this.#awaitPeer(FLUSH_MS)
    }
    this.#settle()
  }

  readonly #onStreamClose = ({ error }: StreamCloseEvent): void => this.#onStreamClosed(error !== undefined)

  #onStreamClosed(isReset: boolean): void {
    this.#streamClosed = true
    if (isReset) this.#resetSocket()
    else this.#onPeerEnd()
    this.#settle()
  }

  /** A program on TCP must not take what was cut off for the end. */
  #resetSocket(): void {
    if (this.#tcp && !this.#socket.destroyed) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  /** The stream is reset where nothing comes from the peer for so long. */
  #awaitPeer(ms: number): void {
    this.#deadline?.()
    if (!this.#streamClosed) this.#deadline = this.#clock.schedule(ms, () => this.abort('the peer says nothing'))
  }

  /** Resolves when the peer's end of the connection has what the program sent, or the stream is closed. */
  async #flushed(): Promise<void> {
    while (!this.#streamClosed && this.#stream.writeStatus !== 'closed') {
      await new Promise<void>((resolve) => {
        const tell = (): void => {
          this.#stream.removeEventListener('idle', tell)
          this.#stream.removeEventListener('close', tell)
          resolve()
        }
        this.#stream.addEventListener('idle', tell)
        this.#stream.addEventListener('close', tell)
        if (this.#stream.writeBufferLength === 0) tell()
      })
      if (this.#stream.writeBufferLength === 0) return
    }
  }

  #settle(): void {
    if (!this.#socketClosed || !this.#streamClosed) return
    this.#deadline?.()
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('end', this.#onPeerEnd)
    this.#stopAsking()
    this.#stream.removeEventListener('close', this.#onStreamClose)
    this.#resolve()
  }
}

function ignore(): void {
  // 'close' follows, and says so.
}
