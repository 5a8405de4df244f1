/**
 * What a program holds, counted against its limits, so that all of it can be taken back: connections, streams with peers, tags. Handlers and their
 * streams outlive the connection on which they were registered, as the daemon's clients expect; they belong to the program.
 */
import type { Disposer } from '../../base/disposers.ts'
import { IpcError } from './errors.ts'
import type { IpcLimits } from './limits.ts'
import type { PeerKeeping } from './ports.ts'

/** Something that is open and can be ended. */
export interface Held {
  abort(reason: string): void
}

class Holding {
  readonly streams = new Set<Held>()
  /** Names of tags by peer. */
  readonly tags = new Map<string, Set<string>>()
  /** Streams that are being opened. */
  opening = 0
}

export class Holdings {
  readonly #limits: IpcLimits
  readonly #peers: PeerKeeping
  readonly #byProgram = new Map<string, Holding>()

  constructor(dependencies: { readonly peers: PeerKeeping }, limits: IpcLimits) {
    this.#peers = dependencies.peers
    this.#limits = limits
  }

  /** Takes a place for a stream; it is filled by {@link hold} or given back by the disposer. Throws NET_TOO_MANY_STREAMS. */
  reserveStream(program: string): Disposer {
    const holding = this.#of(program)
    if (holding.streams.size + holding.opening >= this.#limits.streamsPerProgram) {
      throw new IpcError('NET_TOO_MANY_STREAMS', `The program has ${this.#limits.streamsPerProgram} streams open already.`, { data: { limit: this.#limits.streamsPerProgram } })
    }
    holding.opening++
    let given = false
    return () => {
      if (given) return
      given = true
      holding.opening--
      this.#forget(program, holding)
    }
  }

  /** Until `done`. */
  hold(program: string, stream: Held, done: Promise<void>): void {
    const holding = this.#of(program)
    holding.streams.add(stream)
    void done.then(() => {
      holding.streams.delete(stream)
      this.#forget(program, holding)
    })
  }

  streams(program: string): number {
    return this.#byProgram.get(program)?.streams.size ?? 0
  }

  /** Throws NET_TOO_MANY_TAGS. */
  async tag(program: string, peer: string, tag: string, weight: number): Promise<void> {
    const holding = this.#of(program)
    const total = [...holding.tags.values()].reduce((sum, { size }) => sum + size, 0)
    const names = holding.tags.get(peer) ?? new Set()
    if (!names.has(tag) && total >= this.#limits.tagsPerProgram) throw new IpcError('NET_TOO_MANY_TAGS', `The program has given ${this.#limits.tagsPerProgram} tags already.`)
    holding.tags.set(peer, names.add(tag))
    await this.#peers.tag(peer, tagName(program, tag), weight)
  }

  async untag(program: string, peer: string, tag: string): Promise<void> {
    const holding = this.#byProgram.get(program)
    const names = holding?.tags.get(peer)
    if (holding === undefined || names?.delete(tag) !== true) return
    if (names.size === 0) holding.tags.delete(peer)
    this.#forget(program, holding)
    await this.#peers.untag(peer, tagName(program, tag))
  }

  /** Ends and takes back all of a program. */
  release(program: string, reason: string): void {
    const holding = this.#byProgram.get(program)
    if (holding === undefined) return
    for (const stream of [...holding.streams]) stream.abort(reason)
    const tags = [...holding.tags]
    holding.tags.clear()
    for (const [peer, names] of tags) for (const tag of names) void this.#peers.untag(peer, tagName(program, tag)).catch(() => undefined)
    this.#forget(program, holding)
  }

  releaseAll(reason: string): void {
    for (const program of [...this.#byProgram.keys()]) this.release(program, reason)
  }

  #of(program: string): Holding {
    let holding = this.#byProgram.get(program)
    if (holding === undefined) this.#byProgram.set(program, (holding = new Holding()))
    return holding
  }

  #forget(program: string, holding: Holding): void {
    if (holding.streams.size === 0 && holding.opening === 0 && holding.tags.size === 0 && this.#byProgram.get(program) === holding) this.#byProgram.delete(program)
  }
}

/** Programs do not know each other's tags, nor the node's own. */
function tagName(program: string, tag: string): string {
  return `program:${program}:${tag}`
}
