/** Connections of one opening, forward or door: those that are open, and how many there were and what went through them. */
import type { Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { StreamPipe } from '../pipe.ts'
import type { LinkErrorCode } from './errors.ts'

/** How long a connection of which one half has ended waits for the other, which says nothing. One of which none has ended may be silent for ever. */
const HALF_CLOSED_MS = 10 * 60_000

/** Since the node started. */
export interface TrafficFigures {
  /** Open now. */
  readonly connections: number
  /** Opened so far. */
  readonly opened: number
  /** Not opened, by this side or the other. */
  readonly refused: number
  /** Why the last of them was not. */
  readonly lastRefusal: LinkErrorCode | undefined
  readonly sentBytes: number
  readonly receivedBytes: number
}

export class Traffic {
  readonly #sum: Traffic | undefined
  /** With the peer at the other end. */
  readonly #pipes = new Map<StreamPipe, string>()
  #opened = 0
  #refused = 0
  #lastRefusal: LinkErrorCode | undefined
  #sentBytes = 0
  #receivedBytes = 0

  /** What is counted here is counted in `sum` too. */
  constructor(sum?: Traffic) {
    this.#sum = sum
  }

  /** Joins a TCP connection and a stream that was opened for it; resolves when both are closed. `peerRest` came on the stream already, `rest` on the connection. */
  async carry(socket: Socket, stream: Stream, clock: Clock, { peer, rest, peerRest }: { readonly peer: string; readonly rest?: Uint8Array; readonly peerRest?: Uint8Array }): Promise<void> {
    const pipe = new StreamPipe(socket, stream, clock, { tcp: true, halfClosedMs: HALF_CLOSED_MS, ...(rest === undefined ? {} : { rest }), ...(peerRest === undefined ? {} : { peerRest }) })
    this.#add(pipe, peer)
    await pipe.done
    this.#remove(pipe)
  }

  refuse(code: LinkErrorCode): void {
    this.#sum?.refuse(code)
    this.#refused++
    this.#lastRefusal = code
  }

  /** Resets what is open: all of it, or what is open with one peer. */
  end(reason: string, peer?: string): void {
    for (const [pipe, other] of this.#pipes) if (peer === undefined || other === peer) pipe.abort(reason)
  }

  get figures(): TrafficFigures {
    let [sentBytes, receivedBytes] = [this.#sentBytes, this.#receivedBytes]
    for (const pipe of this.#pipes.keys()) {
      sentBytes += pipe.sentBytes
      receivedBytes += pipe.receivedBytes
    }
    return { connections: this.#pipes.size, opened: this.#opened, refused: this.#refused, lastRefusal: this.#lastRefusal, sentBytes, receivedBytes }
  }

  #add(pipe: StreamPipe, peer: string): void {
    if (this.#sum !== undefined) this.#sum.#add(pipe, peer)
    this.#pipes.set(pipe, peer)
    this.#opened++
  }

  #remove(pipe: StreamPipe): void {
    if (this.#sum !== undefined) this.#sum.#remove(pipe)
    this.#pipes.delete(pipe)
    this.#sentBytes += pipe.sentBytes
    this.#receivedBytes += pipe.receivedBytes
  }
}
