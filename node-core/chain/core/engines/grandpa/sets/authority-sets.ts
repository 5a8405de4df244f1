/**
 * The authority set in force, and the changes to come (Polkadot Host spec, section 3.3.2.1 "Consensus Messages" and 6.1.3 "Voter Set").
 *
 * The rules stand in pending-changes.ts. Here they are tied to the chain and to what is stored (authority-record.ts). The order of calls:
 * before a block is stored, `blockAux` says what goes into its batch, or refuses the block; when it is stored, `noteImported` takes
 * it over. Before a block is finalized, `plan` says what that means and what goes into the batch; when it is done, `commit` takes
 * it over. A batch that fails changes nothing here.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { AuthorityFork } from '../../engine.ts'
import type { Header } from '../../../../scale/header.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../../../state/types.ts'
import { authorityEntries, olderAuthorities, storedAuthorities } from './authority-record.ts'
import type { GrandpaAuthority } from '../digest.ts'
import {
  announce, assertIndependent, corrected, effectiveNumber, enact, finalizeAt, forcedAt, scheduledOn, type AuthorityState, type IsOnWay,
} from './pending-changes.ts'
import type { VoterSet } from './voter-set.ts'

/** What finalizing a block does to the set. Write `aux` in the same batch, then call `commit`. */
export interface SetTransition {
  readonly aux: readonly AuxEntry[]
  readonly changed: boolean
  commit(): void
}

export type SetBlocks = Pick<BlockStateReader, 'finalized' | 'leaves' | 'header' | 'hasBlock' | 'isAncestor'>

/** A forced set begins no further below the finalized block: a runtime may say anything, and each vote is led from there. */
const LOWEST_BASE = 256

export class AuthoritySets {
  readonly #blocks: SetBlocks
  readonly #forks: ReadonlyMap<Hash, AuthorityFork>
  #state: AuthorityState
  /** What the last batch wrote; undefined while nothing is stored in the present form. */
  #stored: AuthorityState | undefined
  /** Asked for with every message that comes in. */
  #counted: { readonly state: AuthorityState; readonly largest: number } | undefined
  /** For the block whose batch is being written. */
  #prepared: { readonly hash: Hash; readonly state: AuthorityState } | undefined

  /** `genesis` is what `GrandpaApi_grandpa_authorities` says at the finalized block: it counts while nothing is stored, so while no change took effect. */
  constructor(
    { aux, blocks }: { readonly aux: AuxStore; readonly blocks: SetBlocks }, genesis: readonly GrandpaAuthority[], forks: readonly AuthorityFork[] = [],
  ) {
    this.#blocks = blocks
    this.#forks = new Map(forks.map((fork) => [fork.block, fork]))
    const stored = storedAuthorities(aux)
    this.#state = corrected(stored ?? olderAuthorities(aux, blocks, genesis, this.#isOnWay), this.#forks)
    this.#stored = stored === undefined ? undefined : this.#state
  }

  get current(): VoterSet {
    return this.#state.voters
  }

  /** The block on which round 1 of the present set builds. */
  get base(): BlockRef {
    return this.#state.base ?? this.#blocks.finalized()
  }

  /** How many voters the present set has, or the largest that was announced. */
  get largest(): number {
    if (this.#counted?.state !== this.#state) {
      const { voters, scheduled, forced } = this.#state
      const largest = Math.max(voters.authorities.length, ...[...scheduled, ...forced].map(({ authorities }) => authorities.length))
      this.#counted = { state: this.#state, largest }
    }
    return this.#counted.largest
  }

  /**
   * For the batch that imports this block. Throws GRANDPA_BAD_AUTHORITIES, GRANDPA_SECOND_FORCED_CHANGE or
   * GRANDPA_FORCED_CHANGE_TOO_EARLY where no node of the network would take the block, or not yet.
   */
  blockAux(header: Header, hash: Hash): AuxEntry[] {
    const state = this.#after(header, hash)
    this.#prepared = { hash, state }
    return state === this.#stored || (this.#stored === undefined && state === this.#state) ? [] : authorityEntries(state)
  }

  /** Takes note of a block after it has been stored. True where a forced change took effect: the voter starts anew. */
  noteImported(header: Header, hash: Hash): boolean {
    const before = this.#state
    if (this.#prepared?.hash === hash) {
      this.#state = this.#prepared.state
      if (this.#stored !== undefined || this.#state !== before) this.#stored = this.#state
    } else {
      this.#state = this.#after(header, hash)
    }
    this.#prepared = undefined
    return this.#state.voters !== before.voters
  }

  /** The highest number that may be finalized now on the chain to `hash`: that of the next change there. */
  limit(hash: Hash): number | undefined {
    const [next] = scheduledOn(this.#state, hash, this.#isOnWay)
    return next === undefined ? undefined : effectiveNumber(next)
  }

  /** True where a forced change is pending on the chain to `hash`: the present authorities are about to be discharged. */
  isForcedOn(hash: Hash): boolean {
    return this.#state.forced.some(({ at }) => this.#isOnWay(at.hash, hash))
  }

  /** Throws GRANDPA_BEYOND_SET_CHANGE where `target` lies behind the next change. */
  plan(target: BlockRef): SetTransition {
    const next = finalizeAt(this.#state, target, this.#isOnWay)
    const write = this.#stored === undefined ? next !== this.#state || this.#isPending(next) : next !== this.#stored
    return {
      aux: write ? authorityEntries(next) : [],
      changed: next.voters !== this.#state.voters,
      commit: () => {
        this.#state = next
        if (write) this.#stored = next
      },
    }
  }

  /** What the state is with this block, whose parent is stored. */
  #after(header: Header, hash: Hash): AuthorityState {
    const isOnWay: IsOnWay = (ancestor, descendant) =>
      descendant === hash ? ancestor === hash || this.#isOnWay(ancestor, header.parentHash) : this.#isOnWay(ancestor, descendant)
    const state = announce(this.#state, header, hash, isOnWay, this.#forks)
    const change = forcedAt(state, { hash, number: header.number }, isOnWay)
    if (change === undefined) return state
    assertIndependent(state, change, isOnWay)
    return enact(state, change, this.#baseOf(change.medianFinalized), this.#blocks.finalized().number)
  }

  /** The finalized block at this height, or the newest where that is lower. */
  #baseOf(medianFinalized: number): BlockRef {
    const blocks = this.#blocks
    const final = blocks.finalized()
    const lowest = Math.max(medianFinalized, final.number - LOWEST_BASE)
    let base = final
    while (base.number > lowest) {
      const parentHash = blocks.header(base.hash)?.parentHash
      if (parentHash === undefined || blocks.header(parentHash) === undefined) break
      base = { hash: parentHash, number: base.number - 1 }
    }
    return base
  }

  /** Whether headers above the finalized block alone would no longer tell the state. */
  #isPending({ scheduled, forced }: AuthorityState): boolean {
    return scheduled.length + forced.length > 0
  }

  readonly #isOnWay: IsOnWay = (ancestor, descendant) => {
    const blocks = this.#blocks
    if (ancestor === descendant) return true
    return blocks.hasBlock(ancestor) && blocks.hasBlock(descendant) && blocks.isAncestor(ancestor, descendant)
  }
}
