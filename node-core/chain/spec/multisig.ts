/**
 * The account of a multisig: several accounts of which a number has to agree.
 *
 * Nobody has its key. Its id is a hash of who its members are, in order, and of how many have to agree (`pallet-multisig`), so it can be
 * named in a genesis before anybody has used it.
 */
import { compareBytes, equalBytes, utf8 } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import { ScaleWriter } from '../../scale/writer.ts'

const PREFIX = utf8('modlpy/utilisuba')

/** `members` in any order, without repetition. */
export function multisigAccount(members: readonly Uint8Array[], threshold: number): Uint8Array {
  const sorted = members.toSorted(compareBytes)
  if (sorted.some((member, index) => index > 0 && equalBytes(member, sorted[index - 1] as Uint8Array))) throw new RangeError('a member is there twice')
  return blake2b256(new ScaleWriter().raw(PREFIX).vec(sorted, (writer, member) => writer.raw(member)).u16(threshold).finish())
}
