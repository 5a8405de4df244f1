/**
 * The channels of each session, by their ids. One is the session's on which it was opened: no other can name it, and it is broken off when that ends. Channels that have
 * ended stay for a while, since what came can still be read and their figures asked for; the oldest of too many of them goes, with what nobody read.
 */
import { ChannelError } from '../../channels/errors.ts'
import type { Channel } from '../../channels/types.ts'
import type { CallContext } from '../session/methods.ts'
import { Allowance } from './allowances.ts'

/** Channels of a session that have ended and can still be asked about. */
const ENDED = 64

interface Shelf {
  readonly channels: Map<string, Channel>
  /** In the order in which they ended. */
  readonly ended: string[]
}

type Owner = Pick<CallContext, 'program' | 'session'>

export class KeptChannels {
  readonly #allowance = new Allowance('channels')
  readonly #bySession = new Map<number, Shelf>()

  hasRoom({ program }: Owner): boolean {
    return this.#allowance.hasRoom(program.name)
  }

  /** Throws NET_TOO_MANY_OPEN, or the reason for which the session has ended. */
  keep({ program, session }: Owner, channel: Channel): void {
    session.ended.throwIfAborted()
    const free = this.#allowance.take(program.name)
    let shelf = this.#bySession.get(session.id)
    if (shelf === undefined) {
      this.#bySession.set(session.id, (shelf = { channels: new Map(), ended: [] }))
      session.ended.addEventListener('abort', () => this.#release(session.id), { once: true })
    }
    const { channels, ended } = shelf
    channels.set(channel.id, channel)
    void channel.closed.then(() => {
      free()
      ended.push(channel.id)
      if (ended.length > ENDED) this.#drop(channels, ended.shift() as string)
    })
  }

  /** Throws a ChannelError CHANNEL_CLOSED. */
  find({ session }: Owner, id: string): Channel {
    const channel = this.#bySession.get(session.id)?.channels.get(id)
    if (channel === undefined) throw new ChannelError('CHANNEL_CLOSED', 'The channel was closed, or is none of this connection.', { data: { channel: id.slice(0, 64) } })
    return channel
  }

  #release(session: number): void {
    const shelf = this.#bySession.get(session)
    this.#bySession.delete(session)
    for (const id of [...(shelf?.channels.keys() ?? [])]) this.#drop(shelf?.channels, id)
  }

  #drop(channels: Map<string, Channel> | undefined, id: string): void {
    const channel = channels?.get(id)
    channels?.delete(id)
    if (channel === undefined) return
    const { phase } = channel.state
    // What was closed in good order is still sent.
    if (phase !== 'closed') channel.reset()
    else drain(channel)
  }
}

/** What came and was not read holds memory that is promised to the peer. */
function drain(channel: Channel): void {
  try {
    channel.onMessage(() => undefined)
  } catch {
    // Somebody reads it.
  }
}
