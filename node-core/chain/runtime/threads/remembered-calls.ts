/**
 * Answers of runtime calls, for whoever asks the same again: wallets all ask for the metadata, and for the same nonces at each new block. A call on a state is
 * a pure function of the state, the runtime's function and its arguments, so an answer never grows old: it outlives the state on the disk.
 *
 * What is being asked for already is asked once. Failures are not kept: the next one asks anew. Pure.
 */
import { toHex, type Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'

/** Bytes of all that is kept: some metadata, and thousands of small answers. */
const LIMIT_BYTES = 8 * 1024 * 1024
/** A longer answer would push out too much, and long arguments hardly come twice. */
const MAX_ANSWER_BYTES = LIMIT_BYTES / 4
const MAX_ARGS_BYTES = 1024
/** Of an entry, besides its key and its answer. */
const ENTRY_BYTES = 256

interface Remembered {
  readonly answer: Uint8Array
  readonly weight: number
}

export class RememberedCalls {
  readonly #answers: Lru<string, Remembered>
  /** Those that are being asked for; replaced when everything is forgotten. */
  #asking = new Map<string, Promise<Uint8Array>>()

  constructor(limitBytes = LIMIT_BYTES) {
    this.#answers = new Lru(limitBytes, ({ weight }) => weight)
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#answers.weight
  }

  /** The answer, which several may get and nobody may write on. `ask` is called where it is not known. */
  async answer(stateRoot: Hash, method: string, args: Uint8Array, ask: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (args.length > MAX_ARGS_BYTES) return ask()
    const key = `${stateRoot}${method}:${toHex(args)}`
    const known = this.#answers.get(key)
    if (known !== undefined) return known.answer
    return this.#asking.get(key) ?? this.#ask(key, ask())
  }

  #ask(key: string, asked: Promise<Uint8Array>): Promise<Uint8Array> {
    const asking = this.#asking
    asking.set(key, asked)
    asked.then(
      (answer) => {
        // What was forgotten meanwhile stays so.
        if (asking !== this.#asking) return
        asking.delete(key)
        if (answer.length <= MAX_ANSWER_BYTES) this.#answers.set(key, { answer, weight: ENTRY_BYTES + 2 * key.length + answer.length })
      },
      () => asking.delete(key),
    )
    return asked
  }

  /** Also what is being asked for. */
  forget(): void {
    this.#answers.clear()
    this.#asking = new Map()
  }
}
