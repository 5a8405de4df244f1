/**
 * A forward: a port of this computer that leads to a port of a peer. A program connects to it as to any other; each connection gets a stream with the peer of
 * its own, which the peer joins to its program.
 *
 * TCP has no words for a refusal behind the connection, so a program whose connection is not opened sees it reset. Why is told to whoever made the
 * forward, by its figures and by `onRefused`.
 */
import type { Socket } from 'node:net'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { LinkError } from './errors.ts'
import type { Lead } from './lead.ts'
import { LoopbackPort } from './loopback-port.ts'
import type { Forward } from './rules.ts'
import { Traffic, type TrafficFigures } from './traffic.ts'

export interface ForwardDependencies {
  /** Of all forwards and the door. */
  readonly total: Traffic
  readonly lead: Pick<Lead, 'run'>
  readonly logger: Logger
  readonly onRefused: (forward: Forward, error: LinkError) => void
}

export class ForwardPort {
  readonly forward: Forward
  readonly #deps: ForwardDependencies
  readonly #port: LoopbackPort
  readonly #traffic: Traffic
  readonly #end = new AbortController()

  constructor(dependencies: ForwardDependencies, forward: Forward, { maxConnections }: { readonly maxConnections: number }) {
    this.#deps = dependencies
    this.#traffic = new Traffic(dependencies.total)
    this.forward = forward
    this.#port = new LoopbackPort({ port: forward.localPort, maxConnections }, (socket) => void this.#take(socket))
  }

  get figures(): TrafficFigures {
    return this.#traffic.figures
  }

  /** Rejects NET_LINK_PORT_{TAKEN,FAILED}. */
  start(): Promise<void> {
    return this.#port.start()
  }

  /** Idempotent; resets what is open. */
  async stop(): Promise<void> {
    this.#end.abort(new LinkError('NET_LINK_CLOSED', 'The forward was taken away.'))
    this.#traffic.end('the forward was taken away')
    await this.#port.stop()
  }

  async #take(socket: Socket): Promise<void> {
    const { lead, logger, onRefused } = this.#deps
    const { peer, wanted, relayed } = this.forward
    try {
      await lead.run(socket, { peer, wanted, relayed, traffic: this.#traffic, signal: this.#end.signal })
    } catch (error) {
      socket.resetAndDestroy()
      logger.debug('a connection was not forwarded', { peer, reason: errorMessage(error) })
      if (error instanceof LinkError && !this.#end.signal.aborted) onRefused(this.forward, error)
    }
  }
}
