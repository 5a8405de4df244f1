/** Who is connected: for the limits, and for people, who see it and may end it. */
import { Emitter, type EventSource } from '../../base/events.ts'
import { IpcError } from './errors.ts'
import type { IpcLimits } from './limits.ts'

/** What a connection is at the moment. */
export type ClientKind = 'waiting' | 'requests' | 'stream' | 'topic' | 'session'

/** One connection of a program, as people are shown it. */
export interface ClientInfo {
  readonly id: number
  /** Undefined until it has said who it is. */
  readonly program: string | undefined
  readonly kind: ClientKind
  /** What it calls its own software; of sessions and hellos alone. */
  readonly software: string
  /** Milliseconds since the Unix epoch. */
  readonly since: number
}

export interface Client {
  program: string | undefined
  kind: ClientKind
  software: string
  readonly id: number
  readonly since: number
  /** Ends the connection at once. */
  end(): void
}

export interface ClientsEvents {
  /** Somebody came, went, or became something else. */
  changed: undefined
}

export class Clients {
  readonly events: EventSource<ClientsEvents>
  readonly #emitter = new Emitter<ClientsEvents>()
  readonly #limits: IpcLimits
  readonly #all = new Map<number, Client>()
  #lastId = 0
  #refused = 0

  constructor(limits: IpcLimits) {
    this.#limits = limits
    this.events = this.#emitter
  }

  /** Connections that found no place since the start. */
  get refused(): number {
    return this.#refused
  }

  get size(): number {
    return this.#all.size
  }

  list(): readonly ClientInfo[] {
    return [...this.#all.values()].map(({ id, program, kind, software, since }) => ({ id, program, kind, software, since }))
  }

  /** Throws NET_TOO_MANY_CLIENTS. */
  add(program: string | undefined, since: number, end: () => void): Client {
    const { clients, strangers } = this.#limits
    if (this.#all.size >= clients || (program === undefined && this.#count(undefined) >= strangers)) throw this.#tooMany()
    if (program !== undefined) this.#room(program)
    const client: Client = { id: ++this.#lastId, program, kind: 'waiting', software: '', since, end }
    this.#all.set(client.id, client)
    this.#emitter.emit('changed', undefined)
    return client
  }

  /** The connection has said who it is. Throws NET_TOO_MANY_CLIENTS. */
  identify(client: Client, program: string, software: string): void {
    if (client.program !== program) this.#room(program)
    client.program = program
    client.software = software
    this.#emitter.emit('changed', undefined)
  }

  become(client: Client, kind: ClientKind): void {
    if (client.kind === kind) return
    client.kind = kind
    this.#emitter.emit('changed', undefined)
  }

  remove(client: Client): void {
    if (this.#all.delete(client.id)) this.#emitter.emit('changed', undefined)
  }

  /** All connections of a program, or one. */
  end(which: { readonly program: string } | { readonly id: number }): void {
    for (const client of [...this.#all.values()]) if ('id' in which ? client.id === which.id : client.program === which.program) client.end()
  }

  #room(program: string): void {
    if (this.#count(program) >= this.#limits.clientsPerProgram) throw this.#tooMany()
  }

  #count(program: string | undefined): number {
    let count = 0
    for (const client of this.#all.values()) if (client.program === program) count++
    return count
  }

  #tooMany(): IpcError {
    this.#refused++
    return new IpcError('NET_TOO_MANY_CLIENTS', 'The node has as many connections of programs as it takes.', { hint: 'Close some of the program’s connections, or end them in the settings under local programs.' })
  }
}
