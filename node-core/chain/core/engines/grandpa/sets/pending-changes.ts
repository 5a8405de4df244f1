/**
 * Changes of the authority set that blocks have announced and that are not in force yet (Polkadot Host spec, section 3.3.2.1 "Consensus
 * Messages"), by the rules of the network's nodes: a node that applied one at another block than the others would follow other voters.
 *
 * A *scheduled* change takes effect when a block `delay` above the announcing one is finalized. Several may wait on one branch, and take
 * effect in their order. A *forced* change takes effect when such a block is *imported*: finality has stalled, and waiting for it would
 * be waiting for ever. There is one of them on a branch at the most. It says how far a majority had finalized when it was announced
 * (`medianFinalized`): a scheduled change on its way that must have taken effect by then comes first, and until it has, the block that
 * would enact the forced one is refused. Once a forced change took effect, everything else that was announced is void, on every branch.
 *
 * Everything here is a function from one state to the next. Blocks are asked about while all of them are known: before pruning.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { AuthorityFork } from '../../engine.ts'
import type { Header } from '../../../../scale/header.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import { grandpaLogs, type GrandpaAuthority } from '../digest.ts'
import { GrandpaError } from '../errors.ts'
import { VoterSet } from './voter-set.ts'

export interface PendingChange {
  /** The block that announced it. */
  readonly at: BlockRef
  readonly delay: number
  readonly authorities: readonly GrandpaAuthority[]
}

export interface ForcedChange extends PendingChange {
  readonly medianFinalized: number
}

/** A forced change that took effect; the headers alone do not tell that it did. */
export interface EnactedChange {
  readonly announced: BlockRef
  /** What was final here at that moment: what is above it, the new authorities finalized. */
  readonly finalized: number
}

export interface AuthorityState {
  readonly voters: VoterSet
  /** The block on which round 1 of a set builds that was forced; undefined for the finalized block. */
  readonly base: BlockRef | undefined
  /** In the order in which they were announced. */
  readonly scheduled: readonly PendingChange[]
  readonly forced: readonly ForcedChange[]
  readonly enacted: readonly EnactedChange[]
  /** Forced changes that took effect above this height are among `enacted`. */
  readonly recordedSince: number
}

/** True where the first block is the second or an ancestor of it. */
export type IsOnWay = (ancestor: Hash, descendant: Hash) => boolean

export function effectiveNumber({ at, delay }: PendingChange): number {
  return at.number + delay
}

/**
 * The state with what the header announces. Throws GRANDPA_BAD_AUTHORITIES where nobody could vote, and GRANDPA_SECOND_FORCED_CHANGE
 * where one is pending on this branch already.
 */
export function announce(
  state: AuthorityState, header: Header, hash: Hash, isOnWay: IsOnWay, forks: ReadonlyMap<Hash, AuthorityFork> = new Map(),
): AuthorityState {
  const at = { hash, number: header.number }
  const agreed = forked(at, forks)
  if (agreed !== undefined) return { ...state, scheduled: [...state.scheduled, agreed] }
  const logs = grandpaLogs(header)
  const forced = logs.find(({ kind }) => kind === 'forced')
  if (forced?.kind === 'forced') {
    const { delay, authorities, medianFinalized } = forced
    if (state.forced.some((change) => change.at.hash === hash)) return state
    assertAuthorities(authorities)
    const other = state.forced.find((change) => isOnWay(change.at.hash, hash))
    if (other !== undefined) {
      const message = `Block ${header.number} forces a change of authorities while the one that block ${other.at.number} forces is pending.`
      throw new GrandpaError('GRANDPA_SECOND_FORCED_CHANGE', message)
    }
    return { ...state, forced: [...state.forced, { at, delay, authorities, medianFinalized }] }
  }
  const scheduled = logs.find(({ kind }) => kind === 'scheduled')
  if (scheduled?.kind !== 'scheduled' || state.scheduled.some((change) => change.at.hash === hash)) return state
  const { delay, authorities } = scheduled
  assertAuthorities(authorities)
  return { ...state, scheduled: [...state.scheduled, { at, delay, authorities }] }
}

/** The forced change that takes effect with the import of `block`. */
export function forcedAt({ forced }: AuthorityState, block: BlockRef, isOnWay: IsOnWay): ForcedChange | undefined {
  return forced.find((change) => effectiveNumber(change) === block.number && isOnWay(change.at.hash, block.hash))
}

/** Throws GRANDPA_FORCED_CHANGE_TOO_EARLY where a scheduled change must take effect before this one. */
export function assertIndependent({ scheduled }: AuthorityState, { at, medianFinalized }: ForcedChange, isOnWay: IsOnWay): void {
  const first = rootsOf(scheduled, isOnWay).find(
    (change) => effectiveNumber(change) <= medianFinalized && change.at.hash !== at.hash && isOnWay(change.at.hash, at.hash),
  )
  if (first === undefined) return
  const message =
    `The change of authorities that block ${at.number} forces follows the one that takes effect with block ${effectiveNumber(first)}, ` +
    'which is not final here yet.'
  throw new GrandpaError('GRANDPA_FORCED_CHANGE_TOO_EARLY', message, { data: { after: effectiveNumber(first) } })
}

/** `base` is the finalized block, or the one at `medianFinalized` where that is lower. */
export function enact(state: AuthorityState, { at, authorities }: ForcedChange, base: BlockRef, finalized: number): AuthorityState {
  return {
    ...state,
    voters: new VoterSet(state.voters.setId + 1, authorities),
    base,
    scheduled: [],
    forced: [],
    enacted: [...state.enacted, { announced: at, finalized }],
  }
}

/** Scheduled changes on the way to `hash`, the next one first. */
export function scheduledOn({ scheduled }: AuthorityState, hash: Hash, isOnWay: IsOnWay): PendingChange[] {
  return scheduled
    .filter(({ at }) => isOnWay(at.hash, hash))
    .sort((a, b) => effectiveNumber(a) - effectiveNumber(b) || a.at.number - b.at.number)
}

/**
 * The state once `target` is final. Throws GRANDPA_BEYOND_SET_CHANGE where a change takes effect below it: the block of the change must
 * be finalized itself, by the old authorities, or others could not follow from the one set to the next.
 */
export function finalizeAt(state: AuthorityState, target: BlockRef, isOnWay: IsOnWay): AuthorityState {
  const [next] = scheduledOn(state, target.hash, isOnWay)
  if (next !== undefined && effectiveNumber(next) < target.number) throw beyond(effectiveNumber(next), target)
  const applied = next !== undefined && effectiveNumber(next) === target.number ? next : undefined
  const isAlive = ({ at }: PendingChange): boolean => isOnWay(at.hash, target.hash) || isOnWay(target.hash, at.hash)
  const scheduled = state.scheduled.filter(
    (change) => change !== applied && isAlive(change) && !(effectiveNumber(change) <= target.number && isOnWay(change.at.hash, target.hash)),
  )
  const died = rootsOf(state.scheduled, isOnWay).some((change) => change !== applied && !isAlive(change))
  // Finality moves again: what is forced without knowing of it has no reason any more.
  const forced = state.forced.filter((change) =>
    applied !== undefined || died
      ? effectiveNumber(change) > target.number && change.at.hash !== target.hash && isOnWay(target.hash, change.at.hash)
      : isAlive(change),
  )
  if (applied !== undefined) {
    return { ...state, voters: new VoterSet(state.voters.setId + 1, applied.authorities), base: undefined, scheduled, forced }
  }
  const same = scheduled.length === state.scheduled.length && forced.length === state.forced.length
  return same ? state : { ...state, scheduled, forced }
}

/** The state by what a network agreed on instead of what its headers say; `forks` by the block whose announcement they replace. */
export function corrected(state: AuthorityState, forks: ReadonlyMap<Hash, AuthorityFork>): AuthorityState {
  if (forks.size === 0) return state
  const { voters } = state
  const present = [...forks.values()].find(({ setId }) => setId === voters.setId)
  const scheduled = state.scheduled.map((change) => forked(change.at, forks) ?? change)
  return { ...state, voters: present === undefined ? voters : new VoterSet(voters.setId, authoritiesOf(present)), scheduled }
}

function forked(at: BlockRef, forks: ReadonlyMap<Hash, AuthorityFork>): PendingChange | undefined {
  const fork = forks.get(at.hash)
  return fork === undefined ? undefined : { at, delay: 0, authorities: authoritiesOf(fork) }
}

function authoritiesOf({ authorities }: AuthorityFork): readonly GrandpaAuthority[] {
  return authorities.map((key) => ({ key, weight: 1 }))
}

function beyond(limit: number, target: BlockRef): GrandpaError {
  const message = `The authorities change with block ${limit}, which must be finalized before block ${target.number}.`
  return new GrandpaError('GRANDPA_BEYOND_SET_CHANGE', message, { data: { limit } })
}

/** Those that wait for no other one on their branch. */
function rootsOf(changes: readonly PendingChange[], isOnWay: IsOnWay): PendingChange[] {
  return changes.filter((change) => !changes.some((other) => other !== change && isOnWay(other.at.hash, change.at.hash)))
}

/** Throws GRANDPA_BAD_AUTHORITIES where nobody could vote. */
export function assertAuthorities(authorities: readonly GrandpaAuthority[]): void {
  if (authorities.length > 0 && authorities.every(({ weight }) => weight > 0)) return
  throw new GrandpaError('GRANDPA_BAD_AUTHORITIES', 'A block announces GRANDPA authorities without weight, or none.')
}
