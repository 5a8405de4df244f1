/** What this node signs: once per key, round and kind, and never anything else for the same. */
import { toHex, type Hash } from '../../base/bytes.ts'
import type { Keystore } from '../../crypto/keystore.ts'
import type { BlockRef } from '../../state/types.ts'
import { signingPayload, type RoundRef, type SignedVote, type VoteKind } from './messages.ts'
import type { VoterSet } from './voter-set.ts'

const KEY_TYPE = 'gran'

export class OwnVotes {
  readonly #keystore: Pick<Keystore, 'publicKeys' | 'sign'>
  #votes: SignedVote[] = []

  constructor(keystore: Pick<Keystore, 'publicKeys' | 'sign'>) {
    this.#keystore = keystore
  }

  /** Those of the present round. */
  get all(): readonly SignedVote[] {
    return this.#votes
  }

  /** A new round, with the votes of it that were signed before a restart. */
  reset(votes: readonly SignedVote[] = []): void {
    this.#votes = [...votes]
  }

  /**
   * Votes with every local key of the set that `who` lets and that has not cast one of this kind; `choose` is asked only
   * if there is one.
   */
  cast(kind: VoteKind, position: RoundRef, voters: VoterSet, choose: () => BlockRef, who: (key: Hash) => boolean): SignedVote[] {
    const keys = this.#keystore
      .publicKeys(KEY_TYPE)
      .map((bytes) => ({ bytes, id: toHex(bytes) }))
      .filter(({ id }) => voters.has(id) && who(id) && !this.#votes.some((vote) => vote.kind === kind && vote.authority === id))
    if (keys.length === 0) return []
    const target = choose()
    const payload = signingPayload(kind, target, position)
    const votes = keys.map(
      ({ bytes, id }): SignedVote => ({ kind, target, signature: this.#keystore.sign(KEY_TYPE, bytes, payload), authority: id }),
    )
    this.#votes.push(...votes)
    return votes
  }

  /** Which of these votes are by local keys. */
  among(votes: readonly SignedVote[]): SignedVote[] {
    const local = new Set(this.#keystore.publicKeys(KEY_TYPE).map(toHex))
    return votes.filter(({ authority }) => local.has(authority))
  }
}
