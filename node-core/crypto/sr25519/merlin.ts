/**
 * Merlin transcripts (merlin.cool) on Strobe-128 (strobe.sourceforge.io/specs): how schnorrkel turns a protocol into challenges.
 *
 * A transcript absorbs labelled messages into one Keccak state; a challenge is squeezed from everything before it. Each
 * operation starts with a frame (where the last one began, and which kind this is), so no two sequences of messages look alike.
 * Only what Merlin needs of Strobe is here: AD and meta-AD to absorb, PRF to squeeze.
 */
import { utf8 } from '../../base/bytes.ts'
import { KECCAK_STATE_SIZE, keccakF1600 } from '../hashes/keccak.ts'
import { ORDER, littleEndian } from './ristretto.ts'

/** Bytes of the Keccak state that data goes through: 200 - 2 * 128 / 8, less two that Strobe keeps. */
const RATE = 166

/** Strobe's flags: I = inbound, A = application, C = cipher, M = meta. */
const FLAG_I = 1
const FLAG_A = 2
const FLAG_C = 4
const FLAG_M = 16

export class Transcript {
  readonly #state: Uint8Array
  #position = 0
  #begin = 0

  constructor(label: string)
  /** A transcript in the same state, which goes its own way. */
  constructor(original: Transcript)
  constructor(from: string | Transcript) {
    this.#state = new Uint8Array(KECCAK_STATE_SIZE)
    if (typeof from !== 'string') {
      this.#state.set(from.#state)
      this.#position = from.#position
      this.#begin = from.#begin
      return
    }
    this.#state.set([1, RATE + 2, 1, 0, 1, 96])
    this.#state.set(utf8('STROBEv1.0.2'), 6)
    keccakF1600(this.#state)
    this.#operation(FLAG_M | FLAG_A)
    this.#absorb(utf8('Merlin v1.0'))
    this.append('dom-sep', utf8(from))
  }

  /** `append_message`: `label` names what `message` is. */
  append(label: string, message: Uint8Array): this {
    this.#frame(label, message.length)
    this.#operation(FLAG_A)
    this.#absorb(message)
    return this
  }

  appendU64(label: string, value: number | bigint): this {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
    return this.append(label, bytes)
  }

  /** schnorrkel's `proto_name`. */
  protocol(name: string): this {
    return this.append('proto-name', utf8(name))
  }

  /** `challenge_bytes`: `length` bytes that depend on everything appended so far. */
  challenge(label: string, length: number): Uint8Array {
    this.#frame(label, length)
    this.#operation(FLAG_I | FLAG_A | FLAG_C)
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      out[i] = this.#state[this.#position] as number
      this.#state[this.#position++] = 0
      if (this.#position === RATE) this.#permute()
    }
    return out
  }

  /** schnorrkel's `challenge_scalar`: 64 bytes reduced modulo the group's order. */
  challengeScalar(label: string): bigint {
    return littleEndian(this.challenge(label, 64)) % ORDER
  }

  /** Overwrites the state: for transcripts that absorbed a secret. */
  wipe(): void {
    this.#state.fill(0)
  }

  #frame(label: string, length: number): void {
    this.#operation(FLAG_M | FLAG_A)
    this.#absorb(utf8(label))
    const size = new Uint8Array(4)
    new DataView(size.buffer).setUint32(0, length, true)
    this.#absorb(size)
  }

  #operation(flags: number): void {
    const previous = this.#begin
    this.#begin = this.#position + 1
    this.#absorb(Uint8Array.of(previous, flags))
    if ((flags & FLAG_C) !== 0 && this.#position !== 0) this.#permute()
  }

  #absorb(data: Uint8Array): void {
    const state = this.#state
    for (let i = 0; i < data.length; i++) {
      state[this.#position] = (state[this.#position] as number) ^ (data[i] as number)
      if (++this.#position === RATE) this.#permute()
    }
  }

  #permute(): void {
    const state = this.#state
    state[this.#position] = (state[this.#position] as number) ^ this.#begin
    state[this.#position + 1] = (state[this.#position + 1] as number) ^ 0x04
    state[RATE + 1] = (state[RATE + 1] as number) ^ 0x80
    keccakF1600(state)
    this.#position = 0
    this.#begin = 0
  }
}

/** schnorrkel's `signing_context(context).bytes(message)`. */
export function signingTranscript(context: Uint8Array, message: Uint8Array): Transcript {
  return new Transcript('SigningContext').append('', context).append('sign-bytes', message)
}
