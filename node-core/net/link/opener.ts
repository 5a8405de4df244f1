/** Reaches a peer, and opens a stream there that leads to one of its programs, for whoever has a connection to put on it. */
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { PeerFault } from '../../network/contracts.ts'
import { FAULTS } from '../../network/faults.ts'
import { encodeFrame, FrameError } from '../../network/framing.ts'
import { until } from '../../network/host/until.ts'
import type { PeerStream, StreamDoor } from '../../network/streams.ts'
import { within } from '../within.ts'
import { LinkError } from './errors.ts'
import { firstFrame } from './first-frame.ts'
import { decodeAnswer, describeWanted, encodeAsk, LINK_PROTOCOL, MAX_ANSWER_BYTES, refusalError, type Asked } from './wire.ts'

/** For a way to be found and a connection to be made. */
const REACH_MS = 60_000
/** For the stream, and for the other side to have connected to its program. */
const ANSWER_MS = 30_000

/** Finds a way to a peer and connects: `RouteFinder.reach` fits. */
export type Reach = (peer: string, options: { readonly signal: AbortSignal; readonly relayed: boolean }) => Promise<unknown>

export interface OpenerDependencies {
  readonly door: Pick<StreamDoor, 'open'>
  readonly reach: Reach
  readonly report: (peer: string, fault: PeerFault) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** A stream that the other side has joined to its program. */
export interface OpenedStream {
  readonly stream: Stream
  /** What that program said already. */
  readonly peerRest: Uint8Array
}

export class Opener {
  readonly #deps: OpenerDependencies

  constructor(dependencies: OpenerDependencies) {
    this.#deps = dependencies
  }

  /** Rejects with a LinkError that says why not, or with the signal's reason. */
  async open(peer: string, wanted: Asked, { relayed, signal }: { readonly relayed: boolean; readonly signal: AbortSignal }): Promise<OpenedStream> {
    const { clock, door, reach } = this.#deps
    try {
      await within(clock, REACH_MS, signal, (own) => until(own, reach(peer, { signal: own, relayed })))
    } catch (error) {
      signal.throwIfAborted()
      throw unreachable(peer, error)
    }
    const opening = within(clock, ANSWER_MS, signal, async (own) => {
      const opened = await door.open(peer, [LINK_PROTOCOL], { signal: own, relayed })
      return this.#agree(opened, wanted, own)
    })
    return opening.catch((error: unknown) => {
      signal.throwIfAborted()
      throw told(peer, error)
    })
  }

  async #agree({ stream, peer }: PeerStream, wanted: Asked, signal: AbortSignal): Promise<OpenedStream> {
    try {
      stream.send(encodeFrame(encodeAsk(wanted)))
      const { frame, rest } = await firstFrame(stream, MAX_ANSWER_BYTES, signal)
      const answer = decodeAnswer(frame)
      this.#deps.logger.debug('a peer was asked for a private link', { peer, wanted: describeWanted(wanted), answer })
      if (answer === 'open') return { stream, peerRest: rest }
      throw refusalError(peer, wanted, answer)
    } catch (error) {
      if (isMalformed(error)) this.#deps.report(peer, FAULTS.malformed)
      stream.abort(error as Error)
      throw error
    }
  }
}

function isMalformed(error: unknown): boolean {
  return error instanceof FrameError || (error instanceof LinkError && error.code === 'NET_LINK_MALFORMED')
}

/** What became of an open connection, in the words of this room. */
function told(peer: string, error: unknown): LinkError {
  if (error instanceof LinkError) return error
  const data = { peer }
  if (error instanceof FrameError) return new LinkError('NET_LINK_MALFORMED', `The peer ${peer} answered with what is no answer.`, { cause: error, data })
  if (isNodeError(error) && error.code === 'NETWORK_PROTOCOL_UNSUPPORTED') {
    return new LinkError('NET_LINK_NOT_SPOKEN', `The peer ${peer} takes no private links.`, { hint: 'Ask its user to open what you want for your peer id, with a version that can.', cause: error, data })
  }
  if (isNodeError(error)) return unreachable(peer, error)
  return new LinkError('NET_LINK_NO_ANSWER', `The peer ${peer} opened no private link: ${errorMessage(error)}.`, { hint: 'See that it is still there, and try again.', cause: error, data })
}

function unreachable(peer: string, cause: unknown): LinkError {
  return new LinkError('NET_LINK_PEER_UNREACHABLE', `The peer ${peer} is not reached: ${errorMessage(cause)}`, { hint: 'See that it runs and is in this network.', cause, data: { peer } })
}
