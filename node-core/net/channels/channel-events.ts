/** What happens to channels, for whoever watches them all: they are taken, move to a direct path, and end. */
import { Emitter, type EventSource } from '../../base/events.ts'
import type { ChannelError } from './errors.ts'
import type { Channel, ChannelState, Path } from './types.ts'

type Named = Pick<ChannelState, 'id' | 'peer' | 'service'>

export interface ChannelEvents {
  /** Both sides have it. */
  opened: ChannelState
  /** Its bytes take a direct path, where they took a relayed one. */
  moved: Named & { readonly path: Path }
  /** Both directions have ended; `error` is undefined where in good order. */
  closed: Named & { readonly error: ChannelError | undefined }
}

export class ChannelWatch {
  readonly events: EventSource<ChannelEvents>
  readonly #emitter = new Emitter<ChannelEvents>()
  /** By peer: the path that its session took last. */
  readonly #paths = new Map<string, Path>()

  constructor() {
    this.events = this.#emitter
  }

  /** A channel was taken. */
  opened(channel: Channel): void {
    const { state } = channel
    if (state.path !== undefined) this.#paths.set(state.peer, state.path)
    this.#emitter.emit('opened', state)
    const { id, peer, service } = state
    void channel.closed.then((error) => this.#emitter.emit('closed', { id, peer, service, error }))
  }

  /** The session with a peer may have gone on over another path; these are its channels. */
  onPath(peer: string, path: Path | undefined, channels: () => readonly Channel[]): void {
    if (path === undefined) return
    const former = this.#paths.get(peer)
    if (former !== undefined) this.#paths.set(peer, path)
    if (former !== 'relayed' || path !== 'direct') return
    for (const { state } of channels()) this.#emitter.emit('moved', { id: state.id, peer, service: state.service, path })
  }

  /** There is nothing with the peer any more. */
  forget(peer: string): void {
    this.#paths.delete(peer)
  }
}
