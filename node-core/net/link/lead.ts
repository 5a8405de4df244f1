/** Leads a program's connection to a peer's program: a place for it, a stream, and the two joined. Forwards and the SOCKS door differ only in who says where to. */
import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { LinkError } from './errors.ts'
import type { Opener } from './opener.ts'
import type { Places } from './places.ts'
import type { Traffic } from './traffic.ts'
import type { Wanted } from './wire.ts'

export interface LeadDependencies {
  readonly opener: Pick<Opener, 'open'>
  readonly places: Places
  readonly clock: Clock
}

export interface LeadOptions {
  readonly peer: string
  readonly wanted: Wanted
  readonly relayed: boolean
  readonly traffic: Traffic
  readonly signal: AbortSignal
  /** What came on the connection already. */
  readonly rest?: Uint8Array
  /** The stream is open, and nothing has gone over it. */
  readonly onOpen?: () => void
}

export class Lead {
  readonly #deps: LeadDependencies

  constructor(dependencies: LeadDependencies) {
    this.#deps = dependencies
  }

  /**
   * The socket is paused. Resolves when the connection is over. Rejects with a LinkError where it was not opened: the socket is as it was then,
   * and the refusal is counted.
   */
  async run(socket: Socket, { peer, wanted, relayed, traffic, signal, rest, onOpen }: LeadOptions): Promise<void> {
    const { clock, opener, places } = this.#deps
    const release = places.take(peer)
    const gone = new AbortController()
    const onClose = (): void => gone.abort(new LinkError('NET_LINK_CLOSED', 'The program is gone.'))
    socket.once('close', onClose)
    try {
      if (release === undefined) throw new LinkError('NET_LINK_FULL', `There are as many connections with the peer ${peer} as there may be, or with all peers.`, { hint: 'Close some of them first.', data: { peer } })
      const { stream, peerRest } = await opener.open(peer, wanted, { relayed, signal: AbortSignal.any([signal, gone.signal]) })
      onOpen?.()
      await traffic.carry(socket, stream, clock, { peer, peerRest, ...(rest === undefined ? {} : { rest }) })
    } catch (error) {
      if (error instanceof LinkError) traffic.refuse(error.code)
      throw error
    } finally {
      socket.off('close', onClose)
      release?.()
    }
  }
}
