/**
 * What was seen lately: names that are remembered for a span of time, in a bounded number. A message that comes again within the
 * span is a duplicate, whoever sends it and in whichever way.
 *
 * Each operation takes constant time on average, whatever the number of entries: the names lie in a ring in the order in which
 * they came, beside a set. A full memory forgets its oldest name early and counts it in {@link Seen.displaced}; where that number grows the
 * memory is too small for the traffic, and a message may be handed on twice. Seeing a name again does not keep it longer.
 */
import { SteadyClock, type Clock } from '../../base/clock.ts'

export interface SeenOptions {
  /** Names at most. */
  readonly entries: number
  /** How long one is remembered, in milliseconds. */
  readonly spanMs: number
}

export class Seen {
  readonly #clock: Clock
  readonly #options: SeenOptions
  readonly #names = new Set<string>()
  /** The ring: name and time of each, the oldest at `#first`. It grows up to the limit, and from then on is written round and round. */
  readonly #ring: string[] = []
  readonly #times: number[] = []
  #first = 0
  #displaced = 0

  constructor(dependencies: { readonly clock: Clock }, options: SeenOptions) {
    if (!(options.entries >= 1)) throw new RangeError('a memory has room for one name at least')
    this.#clock = new SteadyClock(dependencies.clock)
    this.#options = options
  }

  get size(): number {
    this.#forgetOld()
    return this.#names.size
  }

  /** Names that were forgotten before their time, because there was no room. */
  get displaced(): number {
    return this.#displaced
  }

  has(name: string): boolean {
    this.#forgetOld()
    return this.#names.has(name)
  }

  /** Notes a name. False where it is known already. */
  add(name: string): boolean {
    this.#forgetOld()
    if (this.#names.has(name)) return false
    if (this.#names.size >= this.#options.entries) {
      this.#forgetFirst()
      this.#displaced++
    }
    const at = (this.#first + this.#names.size) % this.#options.entries
    this.#ring[at] = name
    this.#times[at] = this.#clock.now()
    this.#names.add(name)
    return true
  }

  #forgetOld(): void {
    const until = this.#clock.now() - this.#options.spanMs
    while (this.#names.size > 0 && (this.#times[this.#first] as number) <= until) this.#forgetFirst()
  }

  #forgetFirst(): void {
    this.#names.delete(this.#ring[this.#first] as string)
    this.#ring[this.#first] = ''
    this.#first = (this.#first + 1) % this.#options.entries
  }
}
