/**
 * Keys by which clients are known, and told apart: each has a name, a rate and a quota. A key is made once, shown then, and kept as a hash; it has 256
 * random bits, so that a plain SHA-256 is enough: there is nothing to guess. The file is looked at again when it has changed: commands add
 * and revoke keys beside the running gateway, and what they did counts within a second.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { GatewayError } from '../errors.ts'
import type { KeysFile, StoredKey } from './keys-file.ts'

const NAME = /^[a-z0-9][a-z0-9_.-]{0,63}$/
const MAX_KEYS = 10_000
const MAX_CHANGES = 64
/** How long a look at the file counts. */
const LOOK_EVERY_MS = 1_000

export interface KeyLimits {
  readonly perMinute?: number | undefined
  readonly perDay?: number | undefined
}

export interface KeyInfo extends KeyLimits {
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

/** A key that was said. */
export interface HeldKey extends KeyInfo {
  /** Aborts when it is revoked or its limits are changed. */
  readonly revoked: AbortSignal
}

interface Held {
  readonly stored: StoredKey
  readonly end: AbortController
}

export class Keys {
  readonly #file: KeysFile
  readonly #clock: Clock
  readonly #changes = new SerialQueue(MAX_CHANGES)
  #byHash = new Map<string, Held>()
  #mark: string | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(file: KeysFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  /** Throws GATEWAY_KEYS_FILE_{INVALID,OPEN}; nobody has a key then. */
  async load(): Promise<void> {
    await this.#changes.run(() => this.#read())
  }

  async list(): Promise<readonly KeyInfo[]> {
    await this.load()
    return [...this.#byHash.values()].map(({ stored }) => infoOf(stored))
  }

  /** The key is in the answer and nowhere else. Throws GATEWAY_KEY_{NAME_INVALID,EXISTS}, GATEWAY_TOO_MANY_KEYS. */
  async add(name: string, limits: KeyLimits): Promise<{ readonly info: KeyInfo; readonly key: string }> {
    if (!NAME.test(name)) {
      throw new GatewayError('GATEWAY_KEY_NAME_INVALID', 'The name of a key has 1 to 64 lower-case letters, digits, and . - _, and begins with a letter or digit.', { data: { name: name.slice(0, 64) } })
    }
    return this.#changes.run(async () => {
      await this.#read()
      const others = [...this.#byHash.values()].map(({ stored }) => stored)
      if (others.some((key) => key.name === name)) throw new GatewayError('GATEWAY_KEY_EXISTS', `There is a key called ${name} already.`, { hint: 'Revoke it first, or choose another name.', data: { name } })
      if (others.length >= MAX_KEYS) throw new GatewayError('GATEWAY_TOO_MANY_KEYS', `There are ${MAX_KEYS} keys already.`, { hint: 'Revoke those that are no longer used.' })
      const key = randomBytes(32).toString('base64url')
      const { perMinute, perDay } = limits
      const stored: StoredKey = { name, keyHash: hashOf(key), created: this.#clock.now(), ...(perMinute === undefined ? {} : { perMinute }), ...(perDay === undefined ? {} : { perDay }) }
      await this.#save([...others, stored])
      return { info: infoOf(stored), key }
    })
  }

  /** Throws GATEWAY_KEY_UNKNOWN. */
  async revoke(name: string): Promise<void> {
    await this.#changes.run(async () => {
      await this.#read()
      const rest = [...this.#byHash.values()].map(({ stored }) => stored).filter((key) => key.name !== name)
      if (rest.length === this.#byHash.size) throw new GatewayError('GATEWAY_KEY_UNKNOWN', `There is no key called ${name.slice(0, 64)}.`, { data: { name: name.slice(0, 64) } })
      await this.#save(rest)
    })
  }

  /** Undefined where nobody has this key. Throws as {@link load} does where the file has become unreadable. */
  async find(key: string): Promise<HeldKey | undefined> {
    await this.look()
    const held = this.#byHash.get(hashOf(key))
    return held === undefined ? undefined : { ...infoOf(held.stored), revoked: held.end.signal }
  }

  /** Reads the file anew where it is another one. */
  async look(): Promise<void> {
    const now = this.#clock.now()
    if (now - this.#lookedAt < LOOK_EVERY_MS && now >= this.#lookedAt) return
    this.#lookedAt = now
    if ((await this.#file.mark()) === this.#mark) return
    await this.load()
  }

  async #read(): Promise<void> {
    const mark = await this.#file.mark()
    let keys: readonly StoredKey[] = []
    try {
      keys = await this.#file.read()
      this.#mark = mark
    } finally {
      this.#take(keys)
    }
  }

  async #save(keys: readonly StoredKey[]): Promise<void> {
    await this.#file.write(keys)
    this.#mark = await this.#file.mark()
    this.#take(keys)
  }

  #take(keys: readonly StoredKey[]): void {
    const former = this.#byHash
    this.#byHash = new Map(
      keys.map((stored) => {
        const known = former.get(stored.keyHash)
        const same = known !== undefined && known.stored.name === stored.name && known.stored.perMinute === stored.perMinute && known.stored.perDay === stored.perDay
        return [stored.keyHash, same ? known : { stored, end: new AbortController() }]
      }),
    )
    for (const [hash, { end }] of former) if (this.#byHash.get(hash)?.end !== end) end.abort()
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function infoOf({ name, created, perMinute, perDay }: StoredKey): KeyInfo {
  return { name, created, perMinute, perDay }
}
