/**
 * How others reach this node: the router's part (port-mapper.ts), told to libp2p, and what peers outside say of it.
 *
 * A mapped address is told to peers at once, because most nodes of these networks cannot check it for us; it is called
 * *verified* only when one outside dialled it and said so (autonat). Where nothing is mapped, `reachable` still says
 * whether peers confirmed one of our addresses: the node may have a public address, or a port passed on by hand.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import type { NatState, PortMapping } from '../types.ts'
import { PortMapper, type PeerPort } from './port-mapper.ts'
import { isPublicIPv4 } from './public-address.ts'
import { findRouter, type Router } from './router.ts'

/** What is asked of the host. */
export interface HostAddresses {
  /** Ports at which it listens for peers at `localAddress`; those of TCP first. */
  peerPorts(localAddress: string): readonly PeerPort[]
  announce(localAddress: string, mapping: PortMapping): void
  withdraw(localAddress: string, mapping: PortMapping): void
  /** Our addresses that peers outside confirmed, as `transport:ip:port`. */
  confirmed(): readonly string[]
  onUpdate(listener: () => void): Disposer
}

export interface NatDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly findRouter?: (signal: AbortSignal) => Promise<Router>
}

export interface NatOptions {
  /** Ask the router to pass the ports for peers on. */
  readonly upnp?: boolean
  readonly upnpLeaseSeconds?: number
}

export interface NatEvents {
  changed: NatState
}

export class Nat {
  readonly #options: NatOptions
  readonly #mapper: PortMapper
  readonly #events = new Emitter<NatEvents>()
  #host: HostAddresses | undefined
  #unsubscribe: Disposer | undefined
  /** What libp2p was told. */
  #announced: readonly { readonly localAddress: string; readonly mapping: PortMapping }[] = []
  #last = ''

  constructor({ clock, logger, findRouter: find = findRouter }: NatDependencies, options: NatOptions) {
    this.#options = options
    this.#mapper = new PortMapper(
      {
        clock,
        logger,
        findRouter: (signal) => find(signal),
        peerPorts: (localAddress) => this.#host?.peerPorts(localAddress) ?? [],
        onChange: () => this.#onMappings(),
      },
      options.upnpLeaseSeconds,
    )
  }

  get events(): EventSource<NatEvents> {
    return this.#events
  }

  /** The host listens already. */
  start(host: HostAddresses): void {
    this.#host = host
    this.#unsubscribe = host.onUpdate(() => this.#tell())
    if (this.#options.upnp === true) this.#mapper.start()
  }

  /** Asks the router at once. */
  again(): void {
    this.#mapper.again()
  }

  /** Before the host stops. */
  async stop(): Promise<void> {
    await this.#mapper.stop()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#host = undefined
  }

  /** Settles when what is under way with the router has come to its end. */
  async idle(): Promise<void> {
    await this.#mapper.idle()
  }

  state(): NatState {
    const { status, mappings, problem } = this.#mapper
    const confirmed = this.#host?.confirmed() ?? []
    const verified = status === 'mapped' && mappings.some(({ transport, externalAddress, externalPort }) => confirmed.includes(`${transport}:${externalAddress}:${externalPort}`))
    return {
      status: verified ? 'verified' : status,
      mappings: status === 'failed' ? [] : mappings,
      reachable: confirmed.length > 0,
      ...(problem === undefined ? {} : { problem: { code: problem.code, message: problem.message, hint: problem.hint ?? '' } }),
    }
  }

  #onMappings(): void {
    const { localAddress, mappings, status } = this.#mapper
    const now = localAddress !== undefined && status === 'mapped' ? mappings.filter(({ externalAddress }) => isPublicIPv4(externalAddress)).map((mapping) => ({ localAddress, mapping })) : []
    const key = (entry: (typeof now)[number]): string => JSON.stringify(entry)
    const before = this.#announced
    this.#announced = now
    for (const entry of before) if (!now.some((other) => key(other) === key(entry))) this.#host?.withdraw(entry.localAddress, entry.mapping)
    for (const entry of now) if (!before.some((other) => key(other) === key(entry))) this.#host?.announce(entry.localAddress, entry.mapping)
    this.#tell()
  }

  #tell(): void {
    const state = this.state()
    const text = JSON.stringify(state)
    if (text === this.#last) return
    this.#last = text
    this.#events.emit('changed', state)
  }
}
