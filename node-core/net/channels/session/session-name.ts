/**
 * Which session a stream is for: the nonces of both sides are its name. A greeting says it, and how many frames of the other side were
 * taken. Whoever greets first does not know the other side's nonce: to it the session is a new one.
 */
import { equalBytes, toHex } from '../../../base/bytes.ts'
import { NONCE_BYTES, type HelloFrame } from '../frames/frames.ts'

const NO_NONCE = new Uint8Array(NONCE_BYTES)

/** Whoever greets does not know the other side's nonce: to it the session is a new one. */
export function isUnnamed(hello: HelloFrame): boolean {
  return equalBytes(hello.peerNonce, NO_NONCE)
}

/** An answer to a greeting of a session that is not known here: it fits none. */
export function strangeHello(nonce: Uint8Array): HelloFrame {
  return { kind: 'hello', nonce, peerNonce: NO_NONCE, received: 0 }
}

export class SessionName {
  readonly #own: Uint8Array
  #peer: Uint8Array | undefined

  /** 16 bytes, new in each session. */
  constructor(nonce: Uint8Array) {
    this.#own = nonce
  }

  /** To greet with, `received` frames of the other side having been taken. */
  hello(received: number): HelloFrame {
    return { kind: 'hello', nonce: this.#own, peerNonce: this.#peer ?? NO_NONCE, received }
  }

  /** Whether the other side's greeting may be of this session. */
  fits(hello: HelloFrame): boolean {
    const isKnown = this.#peer === undefined || equalBytes(hello.nonce, this.#peer)
    const knowsUs = equalBytes(hello.peerNonce, this.#own)
    // It has not heard of us yet; then it has not taken anything either.
    const isNew = isUnnamed(hello) && hello.received === 0
    return isKnown && (knowsUs || isNew)
  }

  /** The other side greeted, and that {@link fits}. */
  learn(hello: HelloFrame): void {
    this.#peer = hello.nonce.slice()
  }

  /** Numbers are of both sides, nonces of one: channels that we open are named by ours, those of the other side by its own. */
  channelId(number: number, direction: 'inbound' | 'outbound'): string {
    const owner = direction === 'outbound' ? this.#own : (this.#peer ?? this.#own)
    return `${toHex(owner.subarray(0, 8)).slice(2)}-${number}`
  }
}
