/**
 * Where the open table (open-table.ts) keeps what others tell it: who provides what, and values. What strangers can put into a node must have an end:
 * so many records, so many of them from one provider and for one key, and so many bytes of values. Where the room is full, the oldest of the
 * provider that has most goes first; what this node itself provides stays.
 *
 * It is memory alone: records are told again before their time is over, so whoever starts anew hears them again.
 */
import type { KadDHTComponents } from '@libp2p/kad-dht'

type Datastore = KadDHTComponents['datastore']
type Key = Parameters<Datastore['delete']>[0]
type Pair = Parameters<Datastore['put']>[1]

/** Of one node; a record takes some hundred bytes. */
export const ROOM = { providers: 4096, perKey: 64, perProvider: 256, own: 1024, values: 256, valueBytes: 4096 } as const

interface Provided {
  readonly provider: string
  readonly time: Pair
}

export class RecordRoom implements Datastore {
  readonly #self: () => string
  /** By key without the provider, then by provider; Maps keep the order in which they came. */
  readonly #provided = new Map<string, Map<string, Provided>>()
  /** Keys of each provider, the oldest first. */
  readonly #byProvider = new Map<string, Set<string>>()
  readonly #values = new Map<string, Pair>()
  #count = 0

  /** `self`: the peer id of this node. */
  constructor(self: () => string) {
    this.#self = self
  }

  /** Records of who provides what, this node's own among them. */
  get size(): number {
    return this.#count
  }

  put(key: Key, value: Pair): Key {
    const entry = parse(key)
    if (entry === undefined) this.#putValue(key.toString(), value)
    else this.#provide(entry.of, { provider: entry.provider, time: value })
    return key
  }

  get(key: Key): Pair {
    const entry = parse(key)
    const found = entry === undefined ? this.#values.get(key.toString()) : this.#provided.get(entry.of)?.get(entry.provider)?.time
    if (found === undefined) throw Object.assign(new Error('Not Found'), { name: 'NotFoundError' })
    return found
  }

  has(key: Key): boolean {
    const entry = parse(key)
    return entry === undefined ? this.#values.has(key.toString()) : this.#provided.get(entry.of)?.has(entry.provider) === true
  }

  delete(key: Key): void {
    const entry = parse(key)
    if (entry === undefined) this.#values.delete(key.toString())
    else this.#forget(entry.of, entry.provider)
  }

  async *query({ prefix = '' }: { readonly prefix?: string }): AsyncGenerator<{ key: Key; value: Pair }> {
    // The table asks for one key, or for all: never for a part of a key.
    const one = this.#provided.get(prefix)
    const keys = one === undefined ? [...this.#provided].filter(([of]) => of.startsWith(prefix)) : [[prefix, one] as const]
    for (const [of, records] of keys) for (const { provider, time } of [...records.values()]) yield { key: this.#key(`${of}/${provider}`), value: time }
  }

  async *queryKeys(query: { readonly prefix?: string }): AsyncGenerator<Key> {
    for await (const { key } of this.query(query)) yield key
  }

  async *putMany(pairs: Iterable<{ key: Key; value: Pair }>): AsyncGenerator<Key> {
    for (const { key, value } of pairs) yield this.put(key, value)
  }

  async *getMany(keys: Iterable<Key>): AsyncGenerator<{ key: Key; value: Pair }> {
    for (const key of keys) yield { key, value: this.get(key) }
  }

  async *deleteMany(keys: Iterable<Key>): AsyncGenerator<Key> {
    for (const key of keys) {
      this.delete(key)
      yield key
    }
  }

  batch(): ReturnType<Datastore['batch']> {
    return { put: (key, value) => void this.put(key, value), delete: (key) => this.delete(key), commit: () => undefined }
  }

  #provide(of: string, record: Provided): void {
    const { provider } = record
    const isOwn = provider === this.#self()
    this.#forget(of, provider)
    const own = this.#byProvider.get(provider)
    if ((own?.size ?? 0) >= (isOwn ? ROOM.own : ROOM.perProvider)) this.#forgetOldest(provider)
    const records = this.#provided.get(of)
    if (!isOwn && (records?.size ?? 0) >= ROOM.perKey) {
      const oldest = [...(records?.keys() ?? [])].find((one) => one !== this.#self())
      if (oldest !== undefined) this.#forget(of, oldest)
    }
    if (!isOwn && this.#count >= ROOM.providers) this.#makeRoom()
    const kept = this.#provided.get(of) ?? new Map<string, Provided>()
    this.#provided.set(of, kept.set(provider, record))
    this.#byProvider.set(provider, (this.#byProvider.get(provider) ?? new Set()).add(of))
    this.#count++
  }

  /** Who has most must give. */
  #makeRoom(): void {
    let [most, size] = ['', 0]
    for (const [provider, keys] of this.#byProvider) if (provider !== this.#self() && keys.size > size) [most, size] = [provider, keys.size]
    this.#forgetOldest(most)
  }

  #forgetOldest(provider: string): void {
    const oldest = this.#byProvider.get(provider)?.values().next().value
    if (oldest !== undefined) this.#forget(oldest, provider)
  }

  #forget(of: string, provider: string): void {
    const records = this.#provided.get(of)
    if (records?.delete(provider) !== true) return
    this.#count--
    if (records.size === 0) this.#provided.delete(of)
    const keys = this.#byProvider.get(provider)
    keys?.delete(of)
    if (keys?.size === 0) this.#byProvider.delete(provider)
  }

  #putValue(key: string, value: Pair): void {
    if (value.length > ROOM.valueBytes) throw new RangeError(`a value of ${value.length} bytes is longer than ${ROOM.valueBytes}`)
    this.#values.delete(key)
    if (this.#values.size >= ROOM.values) this.#values.delete(this.#values.keys().next().value as string)
    this.#values.set(key, value)
  }

  /** As much of a datastore key as its readers use. */
  #key(text: string): Key {
    return { toString: () => text } as Key
  }
}

/** `/…/provider/<key>/<peer id>`; undefined for a value's. */
function parse(key: Key): { readonly of: string; readonly provider: string } | undefined {
  const text = key.toString()
  const match = /^(.*\/provider\/[^/]+)\/([^/]+)$/.exec(text)
  return match?.[1] === undefined || match[2] === undefined ? undefined : { of: match[1], provider: match[2] }
}
