/** Who signed a vote (Polkadot Host spec, section 6.2 "Initiating the GRANDPA State"): ed25519 over the vote, its round and its set. */
import { fromHex } from '../../base/bytes.ts'
import { signingPayload, type RoundRef, type SignedVote } from './messages.ts'

/** The signature of ed25519Verify, so that simulations can do with something cheaper. */
export type VerifySignature = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** True where the vote is signed, for this round and set, by the authority that it names. */
export function isSigned({ kind, target, signature, authority }: SignedVote, position: RoundRef, verify: VerifySignature): boolean {
  return verify(signature, signingPayload(kind, target, position), fromHex(authority))
}
