/**
 * Who is let in, and how much they may ask. A request passes by its address first, with a key or without, then by its key: so nobody can use up a key's rate
 * from many addresses unseen, or try keys without end from one.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { GatewayError } from '../errors.ts'
import { networkOf, type ClientAddresses } from './addresses.ts'
import { Buckets } from './buckets.ts'
import type { HeldKey, Keys } from './keys.ts'
import type { Usage } from './usage.ts'

/** Whose request it is. */
export interface Visitor {
  readonly address: string
  readonly key: HeldKey | undefined
}

export interface DoorOptions {
  readonly anonymousPerMinute: number
  readonly addressPerMinute: number
}

interface DoorDependencies {
  readonly keys: Keys
  readonly usage: Usage
  readonly addresses: ClientAddresses
  readonly clock: Clock
  readonly logger: Logger
}

/** What our keys look like; anything else is of nobody. */
const KEY = /^[A-Za-z0-9_-]{1,128}$/

export class Door {
  readonly #deps: DoorDependencies
  readonly #options: DoorOptions
  readonly #addresses: Buckets
  readonly #anonymous: Buckets
  /** Apart from the others, whose buckets anybody can make. */
  readonly #keys: Buckets
  #turnedAway = 0

  constructor(deps: DoorDependencies, options: DoorOptions) {
    this.#deps = deps
    this.#options = options
    this.#addresses = new Buckets(deps.clock)
    this.#anonymous = new Buckets(deps.clock)
    this.#keys = new Buckets(deps.clock)
  }

  /** Requests that were one too many. */
  get turnedAway(): number {
    return this.#turnedAway
  }

  addressOf(peer: string | undefined, headers: IncomingHttpHeaders): string {
    return this.#deps.addresses.addressOf(peer, headers['x-forwarded-for'])
  }

  /** `pathKey`: the key that the path names, for clients that can send no header. Throws GATEWAY_KEY_{MISSING,REFUSED}, GATEWAY_RATE_LIMITED. */
  async identify(address: string, headers: IncomingHttpHeaders, pathKey: string | undefined): Promise<Visitor> {
    const said = pathKey ?? keyIn(headers)
    if (said === undefined) {
      if (this.#options.anonymousPerMinute > 0) return { address, key: undefined }
      throw new GatewayError('GATEWAY_KEY_MISSING', 'This gateway answers clients with a key alone.', { hint: 'Send the header "Authorization: Bearer <key>" or "X-Api-Key", or put /k/<key> before the path.' })
    }
    const key = KEY.test(said) ? await this.#find(said) : undefined
    if (key !== undefined) return { address, key }
    this.#takeOf(address)
    throw new GatewayError('GATEWAY_KEY_REFUSED', 'The key is of nobody who may use this gateway.', { hint: 'It may have been revoked: ask for another one.' })
  }

  /** One request. Throws GATEWAY_RATE_LIMITED, GATEWAY_QUOTA_USED. */
  take({ address, key }: Visitor): void {
    this.#takeOf(address)
    if (key === undefined) {
      this.#wait(this.#anonymous.take(networkOf(address), this.#options.anonymousPerMinute), `Clients without a key may make ${this.#options.anonymousPerMinute} requests a minute here.`)
      return
    }
    const { name, perMinute, perDay } = key
    if (perMinute !== undefined) this.#wait(this.#keys.take(name, perMinute), `The key ${name} is good for ${perMinute} requests a minute.`)
    const ms = perDay === undefined ? 0 : this.#deps.usage.take(name, perDay)
    if (ms === 0) return
    this.#turnedAway++
    throw new GatewayError('GATEWAY_QUOTA_USED', `The key ${name} is good for ${perDay ?? 0} requests a day, and they are used up.`, { hint: 'The next day begins at midnight UTC.', data: { retryAfterMs: ms } })
  }

  /** Where the file of keys has become unreadable nobody has one. */
  async #find(said: string): Promise<HeldKey | undefined> {
    try {
      return await this.#deps.keys.find(said)
    } catch (error) {
      this.#deps.logger.error('the keys cannot be read: none is taken', { reason: errorMessage(error) })
      return undefined
    }
  }

  #takeOf(address: string): void {
    const { addressPerMinute } = this.#options
    this.#wait(this.#addresses.take(networkOf(address), addressPerMinute), `An address may make ${addressPerMinute} requests a minute here.`)
  }

  #wait(ms: number, why: string): void {
    if (ms === 0) return
    this.#turnedAway++
    throw new GatewayError('GATEWAY_RATE_LIMITED', why, { hint: 'Wait, and ask for less at once.', data: { retryAfterMs: ms } })
  }
}

function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1]
  const other = headers['x-api-key']
  return bearer ?? (typeof other === 'string' && other !== '' ? other.trim() : undefined)
}
