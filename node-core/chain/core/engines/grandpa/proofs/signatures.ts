/** Who signed a vote (Polkadot Host spec, section 6.2 "Initiating the GRANDPA State"): ed25519 over the vote, its round and its set. */
import { fromHex } from '../../../../../base/bytes.ts'
import type { SignatureCheck } from '../../../../../crypto/ed25519/ed25519-batch.ts'
import { signingPayload, type RoundRef, type SignedVote } from '../messages.ts'

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
