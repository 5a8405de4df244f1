/**
 * What happens on the network of this node, told to services and programs: peers that come and go, channels that open, move to a direct path and end, providers of
 * services that searches find and that are gone again.
 *
 * An event is a fact that has happened; it asks for nothing and waits for nobody. Whoever listens keeps a bounded queue of its own (event-queue.ts; a program has
 * that of its call), so that one who is slow loses its own oldest events, counted, and holds nobody.
 */
import { Disposers, type Disposer } from '../../base/disposers.ts'
import type { EventSource } from '../../base/events.ts'
import type { Path, StreamEvents } from '../../network/streams.ts'
import type { ChannelEvents } from '../channels/channel-events.ts'
import type { ServiceEvents } from '../discovery/known-services.ts'

interface OfChannel {
  /** Its id. */
  readonly channel: string
  readonly peer: string
  readonly service: string
}

export type NetEvent =
  | { readonly kind: 'peer-connected' | 'peer-path'; readonly peer: string; readonly path: Path | undefined }
  | { readonly kind: 'peer-disconnected'; readonly peer: string }
  | ({ readonly kind: 'channel-opened'; readonly direction: 'inbound' | 'outbound'; readonly path: Path | undefined } & OfChannel)
  /** Its bytes take a direct path, where they took a relayed one. */
  | ({ readonly kind: 'channel-moved'; readonly path: Path } & OfChannel)
  /** `code`: of the error that it ended with; undefined where it ended in good order. */
  | ({ readonly kind: 'channel-closed'; readonly code: string | undefined } & OfChannel)
  /** A search found a peer that says that it offers the service. `addresses`: multiaddresses. */
  | { readonly kind: 'service-found'; readonly service: string; readonly peer: string; readonly addresses: readonly string[] }
  /** `refused`: the peer answered that it does not have it. `expired`: no search found it again in time. */
  | { readonly kind: 'service-lost'; readonly service: string; readonly peer: string; readonly reason: 'refused' | 'expired' }

export interface NetEventSource {
  /** Calls at once, where it happens; it must not take long. */
  listen(listener: (event: NetEvent) => void): Disposer
}

export interface NetEventsDependencies {
  readonly streams: EventSource<StreamEvents>
  /** Undefined where there are none, as upon a host alone. */
  readonly channels?: EventSource<ChannelEvents>
  readonly services?: EventSource<ServiceEvents>
}

export class NetEvents implements NetEventSource {
  readonly #deps: NetEventsDependencies

  constructor(dependencies: NetEventsDependencies) {
    this.#deps = dependencies
  }

  listen(listener: (event: NetEvent) => void): Disposer {
    const { streams, channels, services } = this.#deps
    const all = new Disposers()
    all.add(streams.on('connected', ({ peer, path }) => listener({ kind: 'peer-connected', peer, path })))
    all.add(streams.on('path', ({ peer, path }) => listener({ kind: 'peer-path', peer, path })))
    all.add(streams.on('disconnected', ({ peer }) => listener({ kind: 'peer-disconnected', peer })))
    if (channels !== undefined) {
      all.add(channels.on('opened', ({ id, peer, service, direction, path }) => listener({ kind: 'channel-opened', channel: id, peer, service, direction, path })))
      all.add(channels.on('moved', ({ id, peer, service, path }) => listener({ kind: 'channel-moved', channel: id, peer, service, path })))
      all.add(channels.on('closed', ({ id, peer, service, error }) => listener({ kind: 'channel-closed', channel: id, peer, service, code: error?.code })))
    }
    if (services !== undefined) {
      all.add(services.on('found', ({ service, peer, addresses }) => listener({ kind: 'service-found', service, peer, addresses })))
      all.add(services.on('lost', ({ service, peer, reason }) => listener({ kind: 'service-lost', service, peer, reason })))
    }
    return () => all.dispose()
  }
}
