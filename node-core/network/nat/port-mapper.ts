/**
 * Keeps the router passing our ports on: finds it, asks, asks again before the time is over, and takes it back at the end.
 *
 *   searching ──> mapped | double-nat ──(a third of an hour)──> asks again
 *       └──> failed ──(half a minute, doubling to ten)──> searches again
 *
 * The ports come from whoever knows at which the node listens for peers; nothing else can get one passed on. A port of UDP, on which there is QUIC, is one more
 * way to the node: where the router does not pass it on, those of TCP stay.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { Logger } from '../../base/logger.ts'
import type { NatState, PortMapping } from '../types.ts'
import { NatError, toNatError } from './errors.ts'
import { isPublicIPv4 } from './public-address.ts'
import type { Router } from './router.ts'

/** How long the router keeps a mapping that nobody asks for again: a crash leaves no open port for long. */
export const DEFAULT_LEASE_SECONDS = 3600
/** A router that was restarted forgot everything. */
const LONGEST_RENEWAL_MS = 20 * 60_000
const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 10 * 60_000
/** Other outside ports to try where somebody has ours. */
const PORTS_TO_TRY = 5
const UNMAP_TIMEOUT_MS = 2_000

export interface PeerPort {
  readonly transport: PortMapping['transport']
  readonly port: number
}

export function isSamePort(one: PeerPort, other: PeerPort): boolean {
  return one.port === other.port && one.transport === other.transport
}

export interface PortMapperDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly findRouter: (signal: AbortSignal) => Promise<Router>
  /** Ports at which the node listens for peers at this address of this computer. */
  readonly peerPorts: (localAddress: string) => readonly PeerPort[]
  readonly onChange: () => void
}

type MapperStatus = Exclude<NatState['status'], 'verified'>

export class PortMapper {
  readonly #deps: PortMapperDependencies
  readonly #leaseSeconds: number
  #status: MapperStatus = 'off'
  #problem: NatError | undefined
  #router: Router | undefined
  #mappings: readonly PortMapping[] = []
  #failures = 0
  #stopper = new AbortController()
  #work: Promise<void> = Promise.resolve()
  #timer: Disposer | undefined

  constructor(dependencies: PortMapperDependencies, leaseSeconds = DEFAULT_LEASE_SECONDS) {
    this.#deps = dependencies
    this.#leaseSeconds = leaseSeconds
  }

  get status(): MapperStatus {
    return this.#status
  }

  get problem(): NatError | undefined {
    return this.#problem
  }

  get mappings(): readonly PortMapping[] {
    return this.#mappings
  }

  /** This computer's address on the router's side; undefined while no router is known. */
  get localAddress(): string | undefined {
    return this.#router?.localAddress
  }

  start(): void {
    this.#stopper = new AbortController()
    this.#failures = 0
    this.#change('searching')
    this.#run()
  }

  /** Asks at once, and not only when the next renewal or attempt is due. */
  again(): void {
    if (this.#status === 'off' || this.#stopper.signal.aborted) return
    this.#timer?.()
    this.#failures = 0
    if (this.#status === 'failed') this.#change('searching')
    const before = this.#work
    this.#work = before.then(() => {
      // What was under way has set the next date.
      this.#timer?.()
      if (this.#stopper.signal.aborted) return
      this.#run()
      return this.#work
    })
  }

  /** Takes the mappings back; gives the router two seconds for that. */
  async stop(): Promise<void> {
    this.#stopper.abort(new NatError('NAT_STOPPED', 'The node is stopping.'))
    this.#timer?.()
    await this.#work
    if (this.#status === 'off') return
    const router = this.#router
    const mappings = this.#mappings
    this.#router = undefined
    this.#change('off', [])
    if (router !== undefined) await this.#unmap(router, mappings)
  }

  /** Settles when what is under way has come to its end. */
  async idle(): Promise<void> {
    await this.#work
  }

  #run(): void {
    this.#work = this.#cycle().then(
      () => {
        this.#failures = 0
        this.#schedule(Math.min(this.#leaseSeconds * 500, LONGEST_RENEWAL_MS))
      },
      (error: unknown) => this.#onFailure(toNatError(error)),
    )
  }

  #schedule(ms: number): void {
    if (!this.#stopper.signal.aborted) this.#timer = this.#deps.clock.schedule(ms, () => this.#run())
  }

  async #cycle(): Promise<void> {
    const { signal } = this.#stopper
    const { findRouter, peerPorts, logger } = this.#deps
    const router = await findRouter(signal)
    const ports = peerPorts(router.localAddress)
    if (ports.length === 0) throw new NatError('NAT_NO_PORTS', 'The node does not listen on an address that the router can forward connections to.')
    const externalAddress = await router.externalAddress(signal)
    this.#router = router
    const mappings: PortMapping[] = []
    try {
      for (const internal of ports) {
        const externalPort = await this.#mapOrPass(router, internal, mappings)
        if (externalPort !== undefined) mappings.push({ transport: internal.transport, internalPort: internal.port, externalAddress, externalPort })
      }
    } catch (error) {
      // What was passed on already is taken back at the stop, or ends by itself.
      this.#mappings = [...mappings, ...this.#mappings.filter((before) => !mappings.some((mapping) => isSamePort(internalOf(mapping), internalOf(before))))]
      throw error
    }
    if (isPublicIPv4(externalAddress)) {
      if (this.#status !== 'mapped') logger.info('the router forwards the peer ports', { router: router.name, externalAddress, ports: mappings.map(({ transport, externalPort }) => `${transport}/${externalPort}`) })
      this.#change('mapped', mappings)
    } else {
      const problem = new NatError('NAT_DOUBLE', `The router opened the port, but its external address (${externalAddress}) is not public: it is behind another router.`)
      if (this.#status !== 'double-nat') logger.warn('the router is behind another router', { router: router.name, externalAddress })
      this.#change('double-nat', mappings, problem)
    }
  }

  /** As {@link PortMapper.#map}; undefined for a port of UDP that the router does not pass on, where it does so with one of TCP. */
  async #mapOrPass(router: Router, internal: PeerPort, taken: readonly PortMapping[]): Promise<number | undefined> {
    try {
      return await this.#map(router, internal, taken)
    } catch (error) {
      const { code, message } = toNatError(error)
      if (internal.transport === 'tcp' || taken.length === 0 || !(code === 'NAT_ROUTER_REFUSED' || code === 'NAT_PORT_TAKEN')) throw error
      if (this.#status !== 'mapped') this.#deps.logger.warn('the router does not forward the UDP port of QUIC', { port: internal.port, reason: message })
      return undefined
    }
  }

  /** Returns the outside port: the one of last time, our own, or one of the next. */
  async #map(router: Router, internal: PeerPort, taken: readonly PortMapping[]): Promise<number> {
    const { transport, port } = internal
    const first = this.#mappings.find((mapping) => isSamePort(internalOf(mapping), internal))?.externalPort ?? port
    for (let i = 0; ; i++) {
      const external = ((first + i * 1000 - 1024) % 64_512) + 1024
      if (taken.some((mapping) => mapping.transport === transport && mapping.externalPort === external)) continue
      try {
        await router.map({ transport, internal: port, external, leaseSeconds: this.#leaseSeconds }, this.#stopper.signal)
        return external
      } catch (error) {
        if (toNatError(error).code !== 'NAT_PORT_TAKEN' || i + 1 >= PORTS_TO_TRY) throw error
      }
    }
  }

  #onFailure(error: NatError): void {
    if (this.#stopper.signal.aborted) return
    if (this.#problem?.code !== error.code) {
      // To be without a router is no fault.
      this.#deps.logger[error.code === 'NAT_ROUTER_ABSENT' ? 'info' : 'warn']('the router does not forward the peer ports', { code: error.code, reason: error.message })
    }
    this.#change('failed', this.#mappings, error)
    this.#schedule(Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, LONGEST_RETRY_MS))
  }

  #change(status: MapperStatus, mappings: readonly PortMapping[] = this.#mappings, problem?: NatError): void {
    this.#status = status
    this.#mappings = mappings
    this.#problem = problem
    this.#deps.onChange()
  }

  async #unmap(router: Router, mappings: readonly PortMapping[]): Promise<void> {
    const signal = AbortSignal.timeout(UNMAP_TIMEOUT_MS)
    const results = await Promise.allSettled(mappings.map(({ transport, externalPort }) => router.unmap({ transport, external: externalPort }, signal)))
    const failed = results.filter(({ status }) => status === 'rejected').length
    if (failed > 0) this.#deps.logger.warn('the router did not remove the port mappings; they expire', { failed, leaseSeconds: this.#leaseSeconds })
  }
}

function internalOf({ transport, internalPort }: PortMapping): PeerPort {
  return { transport, port: internalPort }
}
