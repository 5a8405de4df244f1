/** Who signed a vote (Polkadot Host spec, section 6.2 "Initiating the GRANDPA State"): ed25519 over the vote, its round and its set. */
import { concatBytes, fromHex, toBinaryString } from '../../base/bytes.ts'
import { ed25519Verify } from '../../crypto/ed25519.ts'
import type { BatchVerifier, SignatureCheck } from '../../crypto/ed25519-batch.ts'
import { signingPayload, type RoundRef, type SignedVote } from './messages.ts'

/** The signature of ed25519Verify, so that simulations can do with something cheaper. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** So many signatures are worth the way to another thread. */
export const MANY_SIGNATURES = 8

/** True where the vote is signed, for this round and set, by the authority that it names. */
export function isSigned(vote: SignedVote, position: RoundRef, verify: VerifySignature): boolean {
  const { signature, message, publicKey } = checkOf(vote, position)
  return verify(signature, message, publicKey)
}

/** What {@link isSigned} asks, for a batch. */
export function checkOf({ kind, target, signature, authority }: SignedVote, position: RoundRef): SignatureCheck {
  return { signature, message: signingPayload(kind, target, position), publicKey: fromHex(authority) }
}

/**
 * Signatures that another thread has found good while a message waited for it. The voter, which takes messages whole and at
 * once, asks here first; what is not known is checked in this thread, so that its answers are the same with and without.
 */
export class KnownSignatures {
  readonly #verifier: BatchVerifier
  readonly #good = new Set<string>()

  constructor(verifier: BatchVerifier) {
    this.#verifier = verifier
  }

  readonly verify: VerifySignature = (signature, message, publicKey) =>
    this.#good.has(nameOf({ signature, message, publicKey })) || ed25519Verify(signature, message, publicKey)

  /** Runs `task` with the good ones among these votes known. Where the other thread fails, `task` runs all the same. */
  async during(votes: readonly SignedVote[], position: RoundRef, task: () => void): Promise<void> {
    const checks = votes.map((vote) => checkOf(vote, position))
    const verdicts = await this.#verifier.verifyEd25519(checks).catch((): readonly boolean[] => [])
    checks.forEach((check, i) => {
      if (verdicts[i] === true) this.#good.add(nameOf(check))
    })
    try {
      task()
    } finally {
      this.#good.clear()
    }
  }
}

function nameOf({ signature, message, publicKey }: SignatureCheck): string {
  return toBinaryString(concatBytes(signature, publicKey, message))
}
