/**
 * The messages in shards that this node holds, bounded in number, bytes and time.
 *
 * *Open* ones lack shards. Room for a whole message is reserved with its first shard, so what is begun can be finished; each source has a
 * quota. Where there is no room for another one, the oldest of the source that holds most is given up, if that source holds more than the
 * newcomer's would: a source that begins many messages and ends none takes the room from itself. *Kept* ones are whole, and here for those who
 * ask for shards; the oldest goes first.
 */
import type { Assembly } from './assembly.ts'

export interface StoreOptions {
  /** Open messages at most, and bytes of their contents. */
  readonly open: number
  readonly openBytes: number
  /** The same for one source. */
  readonly openPerSource: number
  readonly openBytesPerSource: number
  /** How long a message may stay open, in milliseconds. */
  readonly openMs: number
  /** Bytes of shards that are kept for others; the newest message is kept whatever it takes. */
  readonly keptBytes: number
  readonly keptMs: number
}

interface Share {
  messages: number
  bytes: number
}

export class MessageStore {
  readonly #options: StoreOptions
  /** By digest, the oldest first. */
  readonly #open = new Map<string, Assembly>()
  readonly #kept = new Map<string, { readonly assembly: Assembly; readonly since: number }>()
  readonly #shares = new Map<string, Share>()
  #openBytes = 0
  #keptBytes = 0

  constructor(options: StoreOptions) {
    this.#options = options
  }

  /** Open ones, the oldest first. */
  get open(): ReadonlyMap<string, Assembly> {
    return this.#open
  }

  get sizes(): { readonly open: number; readonly openBytes: number; readonly kept: number; readonly keptBytes: number } {
    return { open: this.#open.size, openBytes: this.#openBytes, kept: this.#kept.size, keptBytes: this.#keptBytes }
  }

  get(digest: string): Assembly | undefined {
    return this.#open.get(digest) ?? this.#kept.get(digest)?.assembly
  }

  /** Takes a new message in, and says how many were given up for it; undefined where there is no room for it. */
  admit(digest: string, assembly: Assembly): number | undefined {
    const { openPerSource, openBytesPerSource, open, openBytes } = this.#options
    const own = this.#shares.get(assembly.source)
    const bytes = (own?.bytes ?? 0) + assembly.reservedBytes
    if ((own?.messages ?? 0) >= openPerSource || bytes > openBytesPerSource) return undefined
    let givenUp = 0
    while (this.#open.size >= open || this.#openBytes + assembly.reservedBytes > openBytes) {
      const [source, share] = this.#largest() ?? [undefined, undefined]
      if (source === undefined || source === assembly.source || share.bytes <= bytes) return undefined
      this.drop([...this.#open].find(([, held]) => held.source === source)?.[0] as string)
      givenUp++
    }
    this.#open.set(digest, assembly)
    this.#account(assembly, 1)
    return givenUp
  }

  /** Holds a whole message for those who ask; one that was open is no more. */
  keep(digest: string, assembly: Assembly, now: number): void {
    this.drop(digest)
    this.#kept.set(digest, { assembly, since: now })
    this.#keptBytes += assembly.wholeBytes
    while (this.#keptBytes > this.#options.keptBytes && this.#kept.size > 1) this.#forget(this.#kept.keys().next().value as string)
  }

  drop(digest: string): void {
    const assembly = this.#open.get(digest)
    if (assembly === undefined) return
    this.#open.delete(digest)
    this.#account(assembly, -1)
  }

  /** Forgets what is past its time; says how many open ones were given up. */
  expire(now: number): number {
    let givenUp = 0
    for (const [digest, { startedAt }] of this.#open) {
      if (now < startedAt + this.#options.openMs) break
      this.drop(digest)
      givenUp++
    }
    for (const [digest, { since }] of this.#kept) {
      if (now < since + this.#options.keptMs) break
      this.#forget(digest)
    }
    return givenUp
  }

  /** When {@link expire} has something to do next; undefined where nothing is held. */
  nextExpiry(): number | undefined {
    const [open] = this.#open.values()
    const [kept] = this.#kept.values()
    const times = [...(open === undefined ? [] : [open.startedAt + this.#options.openMs]), ...(kept === undefined ? [] : [kept.since + this.#options.keptMs])]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  clear(): void {
    for (const digest of [...this.#open.keys()]) this.drop(digest)
    for (const digest of [...this.#kept.keys()]) this.#forget(digest)
  }

  #forget(digest: string): void {
    this.#keptBytes -= this.#kept.get(digest)?.assembly.wholeBytes ?? 0
    this.#kept.delete(digest)
  }

  #account({ source, reservedBytes }: Assembly, sign: 1 | -1): void {
    const share = this.#shares.get(source) ?? { messages: 0, bytes: 0 }
    share.messages += sign
    share.bytes += sign * reservedBytes
    this.#openBytes += sign * reservedBytes
    if (share.messages === 0) this.#shares.delete(source)
    else this.#shares.set(source, share)
  }

  /** The source whose open messages take most. */
  #largest(): [string, Share] | undefined {
    let largest: [string, Share] | undefined
    for (const entry of this.#shares) if (largest === undefined || entry[1].bytes > largest[1].bytes) largest = entry
    return largest
  }
}
