/**
 * A TCP port of this computer that only this computer reaches: it listens at 127.0.0.1, and takes nothing that says it comes from elsewhere. Every program
 * and user of this computer can connect, and so can pages in its browser as far as a browser lets them: what is behind a port is not private to one user.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { isLoopback } from '../../network/peers/address.ts'
import { LinkError } from './errors.ts'

const HOST = '127.0.0.1'

export interface LoopbackPortOptions {
  readonly port: number
  /** Connections at the same time; further ones are closed at once. */
  readonly maxConnections: number
}

export class LoopbackPort {
  readonly #server: Server
  readonly #port: number
  readonly #sockets = new Set<Socket>()

  /** `onSocket` gets sockets that are paused, and half-open where the program has ended its half. */
  constructor({ port, maxConnections }: LoopbackPortOptions, onSocket: (socket: Socket) => void) {
    this.#port = port
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
      socket.on('error', ignore)
      if (!isLoopback(socket.remoteAddress ?? '')) {
        socket.destroy()
        return
      }
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      onSocket(socket)
    })
    this.#server.maxConnections = maxConnections
  }

  /** Where it listens. */
  get address(): string {
    return `${HOST}:${(this.#server.address() as AddressInfo | null)?.port ?? this.#port}`
  }

  /** Rejects NET_LINK_PORT_TAKEN where another program listens there, NET_LINK_PORT_FAILED where nobody can. */
  async start(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen({ host: HOST, port: this.#port, exclusive: true }, () => {
          this.#server.off('error', reject)
          resolve()
        })
      })
      // Of what is open already one that fails takes nothing away.
      this.#server.on('error', ignore)
    } catch (error) {
      throw failed(this.#port, error as NodeJS.ErrnoException)
    }
  }

  /** Idempotent; ends all connections. */
  async stop(): Promise<void> {
    const closed = this.#server.listening ? new Promise<void>((resolve) => this.#server.close(() => resolve())) : undefined
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }
}

function failed(port: number, cause: NodeJS.ErrnoException): LinkError {
  const data = { port }
  if (cause.code === 'EADDRINUSE') return new LinkError('NET_LINK_PORT_TAKEN', `Another program listens at port ${port} of this computer.`, { hint: 'End that program, or choose another port.', cause, data })
  const hint = cause.code === 'EACCES' ? 'Choose a port above 1023: the system keeps the others for its administrator.' : 'Choose another port.'
  return new LinkError('NET_LINK_PORT_FAILED', `Port ${port} of this computer could not be opened (${cause.code ?? cause.message}).`, { hint, cause, data })
}

function ignore(): void {
  // 'close' follows where it matters.
}
