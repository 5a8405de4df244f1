/**
 * What this node signs: once per key, round and kind, and never anything else for the same, whatever became of its database.
 *
 * What a key voted last lies beside the keys and is on disk before a vote leaves: the voter stores `records()` with its state. A node that
 * begins anew says again what it has said in a round, and nothing in rounds that it may have voted in before: others carry it past them
 * by their commits and catch-ups. Where the local keys are a supermajority by themselves nobody else can, so the voter goes on behind
 * the last round that they voted in.
 */
import { toHex, type Hash } from '../../../../../base/bytes.ts'
import type { KeyMemory } from '../../../../../crypto/keys/key-memory.ts'
import type { Keystore } from '../../../../../crypto/keys/keystore.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { SigningGuard } from '../../../signing/guard.ts'
import { signingPayload, type GrandpaMessage, type RoundRef, type SignedVote, type VoteKind } from '../messages.ts'
import type { Round } from './round.ts'
import { decodeKeyVotes, encodeKeyVotes, isForeign, mayVote, votesIn, withVote, type KeyVotes } from './vote-record.ts'
import type { VoterSet } from '../sets/voter-set.ts'
import type { StoredVoter } from './voter-state.ts'

/** For the key memory. */
export interface VoteRecord {
  readonly publicKey: Hash
  readonly value: Uint8Array
}

interface VoteMessage {
  readonly kind: 'broadcast'
  readonly message: Extract<GrandpaMessage, { type: 'vote' }>
}

/** Local keys of the set may not vote in the present round. */
export type Abstention =
  /** Others carry the voter past those rounds: `upTo` is the highest set and the highest round that the keys voted in. */
  | { readonly kind: 'abstains'; readonly keys: readonly Hash[]; readonly upTo: RoundRef }
  /** The local keys are a supermajority, so nobody does: the voter goes on in this round. */
  | { readonly kind: 'leap'; readonly round: number }

export const GRANDPA_KEY_TYPE = 'gran'

export interface OwnVotesDependencies {
  readonly keystore: Pick<Keystore, 'publicKeys' | 'sign'>
  /** What these keys voted last. */
  readonly signed: Pick<KeyMemory, 'keys' | 'last'>
  /** Which of the keys may vote now, and who hears of votes that others cast with them. */
  readonly guard: Pick<SigningGuard, 'allows' | 'heardVote' | 'onRound'>
}

export class OwnVotes {
  readonly #keystore: OwnVotesDependencies['keystore']
  readonly #memory: OwnVotesDependencies['signed']
  readonly #guard: OwnVotesDependencies['guard']
  /** What each key voted last. */
  readonly #known = new Map<Hash, KeyVotes>()
  /** Keys of which the key memory may not have the newest. */
  readonly #changed = new Set<Hash>()
  #votes: SignedVote[] = []
  #position: RoundRef = { round: 0, setId: 0 }
  #someAbstain = false
  /** The set in which an abstention was told last. */
  #toldIn: number | undefined

  constructor({ keystore, signed, guard }: OwnVotesDependencies) {
    this.#keystore = keystore
    this.#memory = signed
    this.#guard = guard
  }

  /** Those of the present round. */
  get all(): readonly SignedVote[] {
    return this.#votes
  }

  /** What the voter's state has and the key memory may lack: earlier versions kept it in the database alone. */
  adopt({ setId, round, own, previous }: Pick<StoredVoter, 'setId' | 'round' | 'own' | 'previous'>): void {
    this.#readMemory()
    const before = previous === undefined ? [] : this.#among([...previous.prevotes, ...previous.precommits])
    for (const vote of before) this.#adoptVote({ setId, round: round - 1 }, vote)
    for (const vote of own) this.#adoptVote({ setId, round }, vote)
  }

  /** Into a round, with the votes of it that were signed before a restart. */
  enter(position: RoundRef): void {
    this.#position = position
    this.#guard.onRound(position)
    this.#readMemory()
    const known = [...this.#known.values()]
    this.#votes = known.flatMap((of) => votesIn(of, position))
    this.#someAbstain = known.some((of) => !mayVote(of, position))
  }

  /**
   * Votes with every local key of the set that `who` lets and that has not cast one of this kind; `choose` is asked only
   * if there is one.
   */
  cast(kind: VoteKind, voters: VoterSet, choose: () => BlockRef, who: (key: Hash) => boolean): SignedVote[] {
    const keys = this.#localKeys(voters).filter(({ id }) => this.#guard.allows(GRANDPA_KEY_TYPE, id) && who(id) && this.#mayVote(id) && !this.#votes.some((vote) => vote.kind === kind && vote.authority === id))
    if (keys.length === 0) return []
    const target = choose()
    const payload = signingPayload(kind, target, this.#position)
    const votes = keys.map(
      ({ bytes, id }): SignedVote => ({ kind, target, signature: this.#keystore.sign(GRANDPA_KEY_TYPE, bytes, payload), authority: id }),
    )
    for (const vote of votes) this.#know(vote.authority, withVote(this.#known.get(vote.authority), this.#position, vote))
    this.#votes.push(...votes)
    return votes
  }

  /** What must be on disk before a vote leaves: of every key that voted since the start, or whose votes were adopted. */
  records(): VoteRecord[] {
    return [...this.#known].flatMap(([publicKey, known]) => (this.#changed.has(publicKey) ? [{ publicKey, value: encodeKeyVotes(known) }] : []))
  }

  /** What is to be done where local keys of the set may not vote; that they abstain is told once in a set. */
  standAside(voters: VoterSet): Abstention | undefined {
    if (!this.#someAbstain) return undefined
    const local = this.#localKeys(voters).map(({ id }) => id)
    const keys = local.filter((id) => this.#known.has(id) && !this.#mayVote(id))
    if (keys.length === 0) return undefined
    const known = local.flatMap((id) => this.#known.get(id) ?? [])
    const upTo = { setId: Math.max(...known.map(({ highestSetId }) => highestSetId)), round: Math.max(...known.map(({ highestRound }) => highestRound)) }
    if (local.reduce((sum, id) => sum + voters.weightOf(id), 0) >= voters.threshold) return { kind: 'leap', round: upTo.round + 1 }
    if (this.#toldIn === this.#position.setId) return undefined
    this.#toldIn = this.#position.setId
    return { kind: 'abstains', keys, upTo }
  }

  /** A checked vote from outside: one by a local key that this node did not cast for certain tells of another computer with the key. */
  heard(vote: SignedVote, position: RoundRef): void {
    const { authority, target } = vote
    if (!this.#keystore.publicKeys(GRANDPA_KEY_TYPE).some((key) => toHex(key) === authority)) return
    if (!this.#isReadable(authority) || !isForeign(this.#known.get(authority), position, vote)) return
    this.#guard.heardVote({ keyType: GRANDPA_KEY_TYPE, publicKey: authority, number: target.number, ...position })
  }

  /** Votes of the present round, all of them or these, as others hear them. */
  messages(votes: readonly SignedVote[] = this.#votes): VoteMessage[] {
    return votes.map((vote) => ({ kind: 'broadcast', message: { type: 'vote', ...this.#position, vote } }))
  }

  /** What local keys said in an earlier round of the set. */
  messagesOf(round: Round | undefined): VoteMessage[] {
    if (round === undefined) return []
    const { setId } = this.#position
    return this.#among([...round.prevotes.votes(), ...round.precommits.votes()]).map((vote) => ({ kind: 'broadcast', message: { type: 'vote', setId, round: round.number, vote } }))
  }

  #among(votes: readonly SignedVote[]): SignedVote[] {
    const local = new Set(this.#keystore.publicKeys(GRANDPA_KEY_TYPE).map(toHex))
    return votes.filter(({ authority }) => local.has(authority))
  }

  #localKeys(voters: VoterSet): { readonly bytes: Uint8Array; readonly id: Hash }[] {
    const keys = this.#keystore.publicKeys(GRANDPA_KEY_TYPE).map((bytes) => ({ bytes, id: toHex(bytes) }))
    return keys.filter(({ id }) => voters.has(id))
  }

  #mayVote(key: Hash): boolean {
    return this.#isReadable(key) && mayVote(this.#known.get(key), this.#position)
  }

  /** Looks into the key memory where that was not done yet. False where what the key voted cannot be read: then it votes nothing. */
  #isReadable(key: Hash): boolean {
    if (this.#known.has(key)) return true
    try {
      const value = this.#memory.last(GRANDPA_KEY_TYPE, key)
      if (value !== undefined) this.#known.set(key, decodeKeyVotes(value))
      return true
    } catch {
      // The key memory has said so, and why, when it was opened.
      return false
    }
  }

  #readMemory(): void {
    for (const key of this.#memory.keys(GRANDPA_KEY_TYPE)) this.#isReadable(key)
  }

  #adoptVote(position: RoundRef, vote: SignedVote): void {
    if (!this.#isReadable(vote.authority)) return
    const known = this.#known.get(vote.authority)
    const isKnown = known !== undefined && votesIn(known, position).some(({ kind }) => kind === vote.kind)
    if (!isKnown && mayVote(known, position)) this.#know(vote.authority, withVote(known, position, vote))
  }

  #know(key: Hash, known: KeyVotes): void {
    this.#known.set(key, known)
    this.#changed.add(key)
  }
}
