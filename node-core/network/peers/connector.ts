/**
 * Keeps the outbound slots filled. It knows addresses (bootnodes, reserved nodes, what discovery found), dials them a few at a
 * time while slots are free, and waits longer after each failure. Reserved peers are dialled whether or not slots are
 * free. It decides; dialling itself is the host's.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { isNodeError } from '../../base/errors.ts'

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 10 * 60_000
const LONGEST_RESERVED_RETRY_MS = 60_000
const MAX_DIALS = 4
const MAX_KNOWN = 1000

export interface ConnectorHost {
  /** Connects and opens the topics. Resolves when the peer holds a slot; rejects with why it does not. */
  connect(peerId: string, addresses: readonly string[], signal?: AbortSignal): Promise<void>
  isConnected(peerId: string): boolean
  isBanned(peerId: string): boolean
  /** Outbound slots that nobody holds. */
  freeSlots(): number
}

export interface ConnectorOptions {
  readonly reservedOnly: boolean
}

/** A dial that failed: its error's code, when, when the next one is due, and who answered instead where it was another peer. */
export interface Attempt {
  readonly code: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly nextAt: number
  readonly found: string | undefined
}

interface Known {
  readonly peerId: string
  addresses: readonly string[]
  reserved: boolean
  /** Comes from the configuration: is never forgotten for want of room. */
  readonly kept: boolean
  /** Was good before: is dialled before strangers and bootnodes, of which many may be dead. */
  readonly met: boolean
  failures: number
  nextAt: number
  dialling: boolean
  /** The last one, where that failed. */
  attempt: Omit<Attempt, 'nextAt'> | undefined
}

export class Connector {
  readonly #clock: Clock
  readonly #host: ConnectorHost
  readonly #options: ConnectorOptions
  readonly #known = new Map<string, Known>()
  #longestReservedRetryMs = LONGEST_RESERVED_RETRY_MS
  #dials = 0
  #running = false
  /** Counts how often everybody was to be tried again. */
  #retries = 0
  #timer: Disposer | undefined

  constructor(clock: Clock, host: ConnectorHost, options: ConnectorOptions) {
    this.#clock = clock
    this.#host = host
    this.#options = options
  }

  start(): void {
    this.#running = true
    this.fill()
  }

  stop(): void {
    this.#running = false
    this.#timer?.()
    this.#timer = undefined
  }

  get knownPeers(): number {
    return this.#known.size
  }

  /** Addresses may be empty for a peer whose addresses the host knows. */
  know(peerId: string, addresses: readonly string[], { reserved = false, kept = false, met = false } = {}): void {
    this.#note(peerId, addresses, { reserved, kept, met })
    this.fill()
  }

  /**
   * A person wants this peer now, at this address, and for good: it becomes a reserved one, and is dialled at once, whoever
   * else is. Resolves when it holds a slot; rejects with why it does not, and then it is dialled again like any other reserved one.
   */
  async call(peerId: string, address: string, signal?: AbortSignal): Promise<void> {
    const known = this.#note(peerId, [address], { reserved: true, kept: true, met: false })
    // The two become one dial at the host.
    if (known.dialling) return this.#host.connect(peerId, [address], signal)
    return this.#dial(known, [address], signal)
  }

  /** A reserved peer with these addresses and no others, due at once. */
  fix(peerId: string, addresses: readonly string[]): void {
    const known = this.#note(peerId, addresses, { reserved: true, kept: true, met: false })
    known.addresses = addresses
    known.failures = 0
    known.nextAt = 0
    this.fill()
  }

  /** It is dialled no more. */
  forget(peerId: string): void {
    this.#known.delete(peerId)
  }

  /** How long a reserved peer that failed waits at most. */
  setLongestReservedRetry(ms: number): void {
    this.#longestReservedRetryMs = ms
  }

  /** The last dial of the peer, where it failed. */
  lastAttempt(peerId: string): Attempt | undefined {
    const known = this.#known.get(peerId)
    return known?.attempt === undefined ? undefined : { ...known.attempt, nextAt: known.nextAt }
  }

  setReserved(peerId: string, reserved: boolean): void {
    const known = this.#known.get(peerId)
    if (known !== undefined) known.reserved = reserved
    this.fill()
  }

  /** The peer is gone: it is not dialled again at once. */
  onLost(peerId: string): void {
    const known = this.#known.get(peerId)
    if (known !== undefined && !known.dialling) known.nextAt = Math.max(known.nextAt, this.#clock.now() + FIRST_RETRY_MS)
    this.fill()
  }

  /** Everybody is due at once, whatever failed before: the way to them may be another one now. */
  retry(): void {
    this.#retries++
    for (const known of this.#known.values()) {
      known.nextAt = 0
      known.failures = 0
    }
    this.fill()
  }

  /** Dials whoever is due, and comes back when the next one is. */
  fill(): void {
    if (!this.#running) return
    const now = this.#clock.now()
    let free = this.#host.freeSlots() - [...this.#known.values()].filter(({ dialling, reserved }) => dialling && !reserved).length
    let next: number | undefined
    for (const known of this.#candidates()) {
      if (!known.reserved && free <= 0) break
      if (this.#dials >= MAX_DIALS) break
      if (known.nextAt > now) {
        next = next === undefined ? known.nextAt : Math.min(next, known.nextAt)
        continue
      }
      if (!known.reserved) free--
      // The host has told the log why not.
      this.#dial(known, known.addresses).catch(() => undefined)
    }
    this.#timer?.()
    this.#timer = next === undefined ? undefined : this.#clock.schedule(next - now, () => this.fill())
  }

  /** Reserved ones first, then those that failed least, of these those that were good before. */
  #candidates(): Known[] {
    return [...this.#known.values()]
      .filter((known) => !known.dialling && (known.reserved || !this.#options.reservedOnly))
      .filter(({ peerId }) => !this.#host.isConnected(peerId) && !this.#host.isBanned(peerId))
      .sort((a, b) => Number(b.reserved) - Number(a.reserved) || a.failures - b.failures || Number(b.met) - Number(a.met))
  }

  #note(peerId: string, addresses: readonly string[], { reserved, kept, met }: Pick<Known, 'reserved' | 'kept' | 'met'>): Known {
    const old = this.#known.get(peerId)
    if (old !== undefined) {
      old.addresses = [...new Set([...addresses, ...old.addresses])].slice(0, 16)
      if (reserved) old.reserved = true
      return old
    }
    const known: Known = { peerId, addresses: addresses.slice(0, 16), reserved, kept, met, failures: 0, nextAt: 0, dialling: false, attempt: undefined }
    this.#known.set(peerId, known)
    this.#forget()
    return known
  }

  async #dial(known: Known, addresses: readonly string[], signal?: AbortSignal): Promise<void> {
    known.dialling = true
    this.#dials++
    const retries = this.#retries
    let success = false
    try {
      await this.#host.connect(known.peerId, addresses, signal)
      success = true
      known.attempt = undefined
    } catch (error) {
      known.attempt = { at: this.#clock.now(), ...reasonOf(error) }
      throw error
    } finally {
      this.#dials--
      known.dialling = false
      // A dial that began before everybody was to be tried again counts for nothing.
      const old = !success && retries !== this.#retries
      known.failures = success || old ? 0 : known.failures + 1
      known.nextAt = old ? 0 : this.#clock.now() + (success ? FIRST_RETRY_MS : this.#pause(known))
      this.fill()
    }
  }

  /** Milliseconds until one that failed is dialled again. */
  #pause({ failures, reserved }: Known): number {
    return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), reserved ? this.#longestReservedRetryMs : LONGEST_RETRY_MS)
  }

  /** Makes room: who failed most goes first. */
  #forget(): void {
    if (this.#known.size <= MAX_KNOWN) return
    let worst: Known | undefined
    for (const known of this.#known.values()) {
      if (!known.kept && !known.reserved && !known.dialling && (worst === undefined || known.failures > worst.failures)) worst = known
    }
    if (worst !== undefined) this.#known.delete(worst.peerId)
  }
}

function reasonOf(error: unknown): Pick<Attempt, 'code' | 'found'> {
  if (!isNodeError(error)) return { code: 'NETWORK_DIAL_FAILED', found: undefined }
  const { found } = error.data
  return { code: error.code, found: typeof found === 'string' ? found : undefined }
}
