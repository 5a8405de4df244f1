/**
 * A WebSocket of the ws package as the transport of a connection: what was sent and when it left, a sign of life every half minute, and a
 * sentence for whoever sends a message that is too large.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Clock } from '../base/clock.ts'
import { PROTOCOL_CODE, RpcError } from './errors.ts'
import { errorText } from './message.ts'

/** What a connection needs of a socket. */
export interface Transport {
  /** Sends a text frame, UTF-8; `sent` is called once it has left (or never will). */
  send(data: Buffer, sent: () => void): void
  /** Bytes accepted and not sent yet. */
  backlog(): number
  /** Stops and resumes reading. */
  pause(): void
  resume(): void
  /** Closes with a WebSocket status code and a reason for people. */
  close(code: number, reason: string): void
  /** Closes without a word, and forgets what is unsent. */
  terminate(): void
}

/** WebSocket status codes (RFC 6455, section 7.4.1, and IANA's registry). */
export const CLOSE = { goingAway: 1001, policyViolation: 1008, tryAgainLater: 1013 } as const

/** How often a client is asked for a sign of life; one that gave none since the last time is gone. */
const PING_INTERVAL_MS = 30_000
/** RFC 6455, section 7.4.1. */
const MESSAGE_TOO_BIG = 1009

/**
 * What the server makes of an upgraded request. A message beyond `maxBytes` cannot be skipped, its sender has not even sent it; so the connection
 * ends, but with the answer that a request of this size has over HTTP.
 */
export function webSocketClass(maxBytes: number): typeof WebSocket {
  return class extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      if (code !== MESSAGE_TOO_BIG || reason !== undefined) return super.close(code, reason)
      const why = `Exceeded max limit of ${maxBytes}`
      this.send(errorText(null, new RpcError(PROTOCOL_CODE.requestTooBig, 'Request is too big', why)))
      super.close(code, `the message is larger than ${maxBytes} bytes`)
    }
  }
}

/** `graceMs`: how long the client gets to answer a closing frame. */
export function transportOf(webSocket: WebSocket, socket: Duplex, clock: Clock, graceMs: number): Transport {
  const gather = gathering(socket)
  return {
    send: (data, sent) => {
      gather()
      webSocket.send(data, { binary: false }, () => sent())
    },
    backlog: () => webSocket.bufferedAmount,
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (code, reason) => {
      // Its own closing frame can only be seen while the socket is read; and it gets no long time to send one.
      webSocket.resume()
      webSocket.close(code, reason)
      const cancel = clock.schedule(graceMs, () => webSocket.terminate())
      webSocket.once('close', cancel)
    },
    terminate: () => webSocket.terminate(),
  }
}

/** What is written in one turn of the event loop after a call of this leaves together: the system is asked once, not for each answer. */
function gathering(socket: Duplex): () => void {
  let gathers = false
  return () => {
    if (gathers) return
    gathers = true
    socket.cork()
    setImmediate(() => {
      gathers = false
      socket.uncork()
    })
  }
}

/** Hangs up on a client that gives no sign of life; the function it returns stops asking. */
export function keepAlive(webSocket: WebSocket, clock: Clock): () => void {
  let alive = true
  webSocket.on('pong', () => (alive = true))
  const check = (): void => {
    if (!alive) return webSocket.terminate()
    alive = false
    webSocket.ping()
    cancel = clock.schedule(PING_INTERVAL_MS, check)
  }
  let cancel = clock.schedule(PING_INTERVAL_MS, check)
  return () => cancel()
}

/** Tells of bytes of messages that are not whole yet: `came` with each read, `whole` when a message is complete. */
export function watchArrival(webSocket: WebSocket, socket: Socket, { came, whole }: { readonly came: (bytes: number) => void; readonly whole: (bytes: number) => void }): void {
  let bytes = 0
  // Before the parser reads the same, which may make the message whole.
  socket.prependListener('data', (chunk: Buffer) => {
    bytes += chunk.length
    came(chunk.length)
  })
  webSocket.prependListener('message', () => {
    whole(bytes)
    bytes = 0
  })
}
