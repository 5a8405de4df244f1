/**
 * A program's connection as a line of messages: read one at a time, so that whoever answers holds the program, and written with the
 * socket's own back-pressure.
 *
 * Programs come and go without a word, so the line says when the other end is gone ({@link Line.gone}). A socket tells of an end for writing only, and a
 * program may end its half and still wait for an answer. Whether somebody is there is asked by writing nothing: on a Unix socket that fails where the other
 * end was closed, and does nothing where half of it was.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { FrameReader } from '../../network/framing.ts'
import { probeHalfClosed } from '../half-closed.ts'
import { IpcError } from './errors.ts'
import { FrameWriter } from './frame-writer.ts'

/** Kept of what comes while nobody reads: enough to see the end behind a short request. */
const READ_AHEAD_BYTES = 64 * 1024

export class Line {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #writer: FrameWriter
  readonly #gone = new AbortController()
  readonly #stopProbing: Disposer
  #reading: { readonly maxBytes: number; readonly resolve: (message: Uint8Array | undefined) => void; readonly reject: (error: Error) => void } | undefined
  #ended = false
  #drains: (() => void)[] = []

  /** The socket is paused, and half-open where the other end has ended. */
  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    this.#stopProbing = probeHalfClosed(socket, clock)
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('drain', this.#onDrain)
    socket.on('error', ignore)
    socket.once('close', this.#onClose)
    if (socket.destroyed) this.#onClose()
  }

  /** Aborts when the connection is closed, whoever closed it. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Bytes that were written and not taken by the system. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /**
   * The next message; undefined where the program has ended its half, or is gone. One at a time. Rejects with a FrameError where what comes is no message, or
   * one that is too long: nothing that follows can be read then.
   */
  read(maxBytes: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#reading = { maxBytes, resolve, reject }
      this.#serve()
    })
  }

  /** False where the program takes nothing at the moment: see {@link drained}. What is written to one that is gone is lost. */
  write(message: Uint8Array): boolean {
    if (!this.#socket.writable) return true
    return this.#writer.write(message)
  }

  /** Resolves when the program takes more, or is gone. */
  drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#gone.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => this.#drains.push(resolve))
  }

  /** Lets go of the socket: what came behind the last message goes with it. */
  take(): { readonly socket: Socket; readonly rest: Uint8Array } {
    this.#socket.pause()
    this.#stopProbing()
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
    this.#socket.off('drain', this.#onDrain)
    return { socket: this.#socket, rest: this.#frames.takeRest() }
  }

  /** The program had ended its half before {@link take}. */
  get ended(): boolean {
    return this.#ended
  }

  /** After what was written. */
  end(): void {
    this.#socket.end()
    // Nobody reads what still comes; the socket closes when the other end has.
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#frames.push(chunk)
    this.#serve()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#serve()
  }

  readonly #onDrain = (): void => {
    const drains = this.#drains
    this.#drains = []
    for (const resolve of drains) resolve()
  }

  readonly #onClose = (): void => {
    this.#ended = true
    this.#stopProbing()
    this.#onDrain()
    this.#serve()
    this.#gone.abort(new IpcError('NET_CALL_CANCELLED', 'The program is gone.'))
  }

  #serve(): void {
    const reading = this.#reading
    if (reading !== undefined) {
      try {
        const message = this.#frames.next(reading.maxBytes)
        if (message !== undefined || this.#ended) {
          this.#reading = undefined
          reading.resolve(message)
        }
      } catch (error) {
        this.#reading = undefined
        reading.reject(error as Error)
      }
    }
    if (this.#reading === undefined && this.#frames.buffered >= READ_AHEAD_BYTES) this.#socket.pause()
    else this.#socket.resume()
  }
}

function ignore(): void {
  // 'close' follows, and tells.
}
