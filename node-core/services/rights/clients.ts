/**
 * Which programs may use the service API, and for what.
 *
 * A client is added by a name and its scopes. Its token is made then and shown that one time; a file keeps a hash of it (clients-file.ts). A token has 256
 * random bits, so that a plain SHA-256 is enough: there is nothing to guess. The file is looked at again when it has changed: a command beside the running
 * node may add and revoke clients, and what it did counts at once. Who changes the file has a lock on it meanwhile: no change undoes another's.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import { ServiceError } from '../errors.ts'
import type { ClientsFile, StoredClient } from './clients-file.ts'
import { parseScopes, type ScopeName } from './scopes.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/
const MAX_CLIENTS = 256
/** That wait for the disk. */
const MAX_CHANGES = 64
/** How long a look at the file counts. */
const LOOK_EVERY_MS = 1_000

/** As people are shown it. */
export interface ClientInfo {
  readonly name: string
  readonly scopes: readonly ScopeName[]
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

/** Whose requests are being answered. */
export interface Client extends ClientInfo {
  /** Aborts when its token is revoked or what it may do is changed. */
  readonly revoked: AbortSignal
}

interface Held {
  readonly stored: StoredClient
  readonly end: AbortController
}

export class Clients {
  readonly #file: ClientsFile
  readonly #clock: Clock
  readonly #changes = new SerialQueue(MAX_CHANGES)
  #byHash = new Map<string, Held>()
  #mark: string | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(file: ClientsFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  /** Throws as {@link ClientsFile.read} does; nobody is let in then. */
  async load(): Promise<void> {
    await this.#changes.run(() => this.#read())
  }

  async list(): Promise<readonly ClientInfo[]> {
    await this.#look()
    return [...this.#byHash.values()].map(({ stored }) => info(stored))
  }

  /** The token is in the answer and nowhere else. Throws SERVICE_CLIENT_{NAME_INVALID,EXISTS}, SERVICE_SCOPE_INVALID, SERVICE_TOO_MANY_CLIENTS, SERVICE_CLIENTS_FILE_LOCKED. */
  add(name: string, scopes: readonly string[]): Promise<{ readonly client: ClientInfo; readonly token: string }> {
    const token = randomBytes(32).toString('base64url')
    return this.#add(name, scopes, token)
  }

  /** The same for a token that was made before, as by a file that keeps one. A client of that name is replaced. */
  async keep(name: string, scopes: readonly string[], token: string): Promise<void> {
    await this.#add(name, scopes, token, true)
  }

  async #add(name: string, scopes: readonly string[], token: string, replace = false): Promise<{ readonly client: ClientInfo; readonly token: string }> {
    if (!NAME.test(name)) {
      throw new ServiceError('SERVICE_CLIENT_NAME_INVALID', 'A client’s name has 1 to 32 lower-case letters, digits, - and _, and begins with a letter or digit.', { data: { name: name.slice(0, 64) } })
    }
    const parsed = parseScopes(scopes)
    return this.#change(async () => {
      const others = this.#stored().filter((client) => !replace || client.name !== name)
      if (others.some((client) => client.name === name)) throw new ServiceError('SERVICE_CLIENT_EXISTS', `There is a client called ${name} already.`, { hint: 'Revoke it first, or choose another name.', data: { name } })
      if (others.length >= MAX_CLIENTS) throw new ServiceError('SERVICE_TOO_MANY_CLIENTS', `There are ${MAX_CLIENTS} clients already.`, { hint: 'Revoke one that is no longer used.' })
      const stored: StoredClient = { name, tokenHash: hashOf(token), scopes: [...parsed], created: this.#clock.now() }
      await this.#save([...others, stored])
      return { client: info(stored), token }
    })
  }

  /** Its token is worth nothing from here on, and its streams end. Throws SERVICE_CLIENT_UNKNOWN, SERVICE_CLIENTS_FILE_LOCKED. */
  async revoke(name: string): Promise<void> {
    const rest = (): StoredClient[] => {
      const others = this.#stored().filter((client) => client.name !== name)
      if (others.length === this.#byHash.size) throw new ServiceError('SERVICE_CLIENT_UNKNOWN', `There is no client called ${name.slice(0, 64)}.`, { data: { name: name.slice(0, 64) } })
      return others
    }
    // Looked at before: where nobody is known, nothing is made for a lock.
    await this.load()
    rest()
    await this.#change(() => this.#save(rest()))
  }

  /** Whose token it is. Throws SERVICE_TOKEN_UNKNOWN, and as {@link load} does. */
  async byToken(token: string): Promise<Client> {
    await this.#look()
    const held = this.#byHash.get(hashOf(token))
    if (held === undefined) throw unknownToken()
    return { ...info(held.stored), revoked: held.end.signal }
  }

  /** One change at a time, here and by whichever process; it sees what is in the file. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    return this.#changes.run(() =>
      this.#file.changing(this.#clock, async () => {
        await this.#read()
        return change()
      }),
    )
  }

  /** Reads the file anew where it is another one. */
  async #look(): Promise<void> {
    const now = this.#clock.now()
    if (now - this.#lookedAt < LOOK_EVERY_MS && now >= this.#lookedAt) return
    this.#lookedAt = now
    if ((await this.#file.mark()) === this.#mark) return
    await this.#changes.run(() => this.#read())
  }

  /** Who is in no file is let in no more, even where the file cannot be read. */
  async #read(): Promise<void> {
    const mark = await this.#file.mark()
    let clients: readonly StoredClient[] = []
    try {
      clients = await this.#file.read()
      this.#mark = mark
    } finally {
      this.#take(clients)
    }
  }

  #stored(): StoredClient[] {
    return [...this.#byHash.values()].map(({ stored }) => stored)
  }

  /** What is not on the disk does not count. */
  async #save(clients: readonly StoredClient[]): Promise<void> {
    await this.#file.write(clients)
    this.#mark = await this.#file.mark()
    this.#take(clients)
  }

  #take(clients: readonly StoredClient[]): void {
    const former = this.#byHash
    this.#byHash = new Map(
      clients.map((stored) => {
        const known = former.get(stored.tokenHash)
        const same = known !== undefined && known.stored.name === stored.name && known.stored.scopes.join() === stored.scopes.join()
        return [stored.tokenHash, same ? known : { stored, end: new AbortController() }]
      }),
    )
    for (const [hash, { end }] of former) if (this.#byHash.get(hash)?.end !== end) end.abort(unknownToken())
  }
}

function unknownToken(): ServiceError {
  return new ServiceError('SERVICE_TOKEN_UNKNOWN', 'The token is of no client that may use this node.', { hint: 'Add a client, and give the program its token.' })
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function info({ name, scopes, created }: StoredClient): ClientInfo {
  return { name, scopes, created }
}
