/**
 * WebSockets whose listener does not wait for ever. libp2p's reads the first byte of a socket before it lets an HTTP server
 * and then the connection manager see it; until then nothing limits how many sockets say nothing, or for how long. Here
 * a socket that did not become a WebSocket in time is closed, and of those on the way there are only so many; see
 * peers/admission.ts for whom that meets.
 */
import type { Server as HttpServer } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Transport } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { systemClock } from '../../base/clock.ts'
import { Admission, type AdmissionOptions, type Arrival } from '../peers/admission.ts'

/** As much of libp2p's listener as is needed to see its sockets. */
interface ListenerParts {
  readonly server: Server
  readonly http: HttpServer | undefined
}

/** `upgradeMs` is from the first packet to the end of the WebSocket's handshake. */
export function guardedWebSockets(options: AdmissionOptions & { readonly upgradeMs: number }): ReturnType<typeof webSockets> {
  const { upgradeMs } = options
  const create = webSockets({ http: { headersTimeout: upgradeMs, requestTimeout: upgradeMs } })
  return (components): Transport => {
    const transport = create(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (listenerOptions) => {
      const listener = createListener(listenerOptions)
      const parts = listener as unknown as ListenerParts
      const door = new SocketDoor(options)
      parts.server.on('connection', (socket) => door.arrive(socket))
      listener.addEventListener('listening', () => parts.http?.on('upgrade', (_request, socket: Socket) => door.settle(socket)))
      return listener
    }
    return transport
  }
}

class SocketDoor {
  readonly #admission: Admission
  readonly #upgradeMs: number
  readonly #waiting = new Map<Socket, { readonly arrival: Arrival; readonly cancel: () => void }>()

  constructor(options: AdmissionOptions & { readonly upgradeMs: number }) {
    this.#admission = new Admission(systemClock, options)
    this.#upgradeMs = options.upgradeMs
  }

  arrive(socket: Socket): void {
    const arrival: Arrival = {
      abort: () => void socket.destroy(),
      addEventListener: (_type, listener) => void socket.once('close', listener),
    }
    socket.once('close', () => this.settle(socket))
    this.#waiting.set(socket, { arrival, cancel: systemClock.schedule(this.#upgradeMs, () => void socket.destroy()) })
    if (!this.#admission.admits(arrival, socket.remoteAddress)) socket.destroy()
  }

  settle(socket: Socket): void {
    const waiting = this.#waiting.get(socket)
    if (waiting === undefined) return
    this.#waiting.delete(socket)
    waiting.cancel()
    this.#admission.settle(waiting.arrival)
  }
}
