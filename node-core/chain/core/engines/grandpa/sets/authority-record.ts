/**
 * The authority set and its pending changes as they are stored: whole, in the batch of the block that changed them, so that a restart at any
 * moment finds what was there before. Headers do not say it all: a forced change that took effect voids announcements that still
 * stand in them.
 *
 * Under `grandpa/authorities`: version (u8), set id, authorities, base, scheduled changes, forced changes, forced changes that took
 * effect, and since which height these are recorded. Before, `grandpa/set` held set id, authorities and the changes announced by
 * finalized blocks; the rest was read from the headers above the finalized block, as it is now once for a data folder of then.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import type { Header } from '../../../../scale/header.ts'
import { decodeAll, ScaleReader } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { AuxEntry, AuxStore, BlockStateReader } from '../../../../state/types.ts'
import { grandpaLogs, readAuthorities, writeAuthorities, type GrandpaAuthority } from '../digest.ts'
import { GrandpaError } from '../errors.ts'
import { readTarget, writeTarget } from '../messages.ts'
import { announce, forcedAt, type AuthorityState, type EnactedChange, type ForcedChange, type IsOnWay, type PendingChange } from './pending-changes.ts'
import { VoterSet } from './voter-set.ts'

const KEY = 'grandpa/authorities'
const OLD_KEY = 'grandpa/set'
const VERSION = 1

/** Hash, number, delay and the length of an empty list. */
const SMALLEST_CHANGE = 32 + 4 + 4 + 1
const ENACTED_SIZE = 32 + 4 + 4

export type UnfinalizedBlocks = Pick<BlockStateReader, 'finalized' | 'leaves' | 'header'>

export function authorityEntries(state: AuthorityState): AuxEntry[] {
  return [
    [KEY, encode(state)],
    [OLD_KEY, undefined],
  ]
}

/** Without what a block announced that is taken back. */
export function revertedAuthorities(aux: AuxStore, { hash }: BlockRef): AuxEntry[] {
  const state = storedAuthorities(aux)
  const isKept = ({ at }: PendingChange): boolean => at.hash !== hash
  if (state === undefined || (state.scheduled.every(isKept) && state.forced.every(isKept))) return []
  return authorityEntries({ ...state, scheduled: state.scheduled.filter(isKept), forced: state.forced.filter(isKept) })
}

/**
 * The highest block with which a forced change took effect: blocks up to it cannot be taken back, because the set before is not kept. 0 where
 * there was none.
 */
export function lastForcedChange(aux: AuxStore, blocks: Pick<BlockStateReader, 'header'>): number {
  const heights = (storedAuthorities(aux)?.enacted ?? []).map(({ announced: { hash, number } }) => {
    const header = blocks.header(hash)
    const forced = header === undefined ? undefined : grandpaLogs(header).find(({ kind }) => kind === 'forced')
    return number + (forced?.kind === 'forced' ? forced.delay : 0)
  })
  return Math.max(0, ...heights)
}

/** Undefined where nothing is stored in this form. Throws GRANDPA_UNKNOWN_RECORD for one of a later program. */
export function storedAuthorities(aux: AuxStore): AuthorityState | undefined {
  const bytes = aux.getAux(KEY)
  if (bytes === undefined) return undefined
  if (bytes[0] !== VERSION) {
    throw new GrandpaError('GRANDPA_UNKNOWN_RECORD', `The GRANDPA authorities are stored in format ${bytes[0]}, which needs a newer version of this program.`)
  }
  return decodeAll(bytes.subarray(1), 'the authorities of GRANDPA', read)
}

/** What a data folder of before this form says, or a fresh one; `genesis` are the authorities of set 0. */
export function olderAuthorities(aux: AuxStore, blocks: UnfinalizedBlocks, genesis: readonly GrandpaAuthority[], isOnWay: IsOnWay): AuthorityState {
  const bytes = aux.getAux(OLD_KEY)
  const { number } = blocks.finalized()
  const stored = bytes === undefined ? { voters: new VoterSet(0, genesis), scheduled: [] } : readOld(new ScaleReader(bytes))
  let state: AuthorityState = { ...stored, base: undefined, forced: [], enacted: [], recordedSince: number }
  for (const [hash, header] of unfinalized(blocks)) {
    state = announced(state, header, hash, isOnWay)
    // It took effect when this block came, and voided what had been announced until then; the set id that is stored counts it.
    if (forcedAt(state, { hash, number: header.number }, isOnWay) !== undefined) state = { ...state, scheduled: stored.scheduled, forced: [] }
  }
  return state
}

/** Then, announcements that are refused now were stored. */
function announced(state: AuthorityState, header: Header, hash: Hash, isOnWay: IsOnWay): AuthorityState {
  try {
    return announce(state, header, hash, isOnWay)
  } catch (error) {
    if (error instanceof GrandpaError) return state
    throw error
  }
}

/** Every block above the finalized one, parents first. */
function unfinalized(blocks: UnfinalizedBlocks): (readonly [Hash, Header])[] {
  const found = new Map<Hash, Header>()
  for (const leaf of blocks.leaves()) {
    for (let { hash } = leaf; !found.has(hash); ) {
      const header = blocks.header(hash)
      if (header === undefined || header.number <= blocks.finalized().number) break
      found.set(hash, header)
      hash = header.parentHash
    }
  }
  return [...found].sort(([, a], [, b]) => a.number - b.number)
}

function encode({ voters, base, scheduled, forced, enacted, recordedSince }: AuthorityState): Uint8Array {
  const writer = new ScaleWriter(voters.authorities.length * 40 + 256).u8(VERSION).u64(voters.setId)
  writeAuthorities(writer, voters.authorities)
  return writer
    .option(base, writeTarget)
    .vec(scheduled, writeChange)
    .vec(forced, (w, change) => writeChange(w, change).u32(change.medianFinalized))
    .vec(enacted, (w, { announced: at, finalized }) => writeTarget(w, at).u32(finalized))
    .u32(recordedSince)
    .finish()
}

function read(reader: ScaleReader): AuthorityState {
  return {
    voters: new VoterSet(reader.u64Number(), readAuthorities(reader)),
    base: reader.option(readTarget),
    scheduled: reader.vec(readChange, SMALLEST_CHANGE),
    forced: reader.vec((r): ForcedChange => ({ ...readChange(r), medianFinalized: r.u32() }), SMALLEST_CHANGE + 4),
    enacted: reader.vec((r): EnactedChange => ({ announced: readTarget(r), finalized: r.u32() }), ENACTED_SIZE),
    recordedSince: reader.u32(),
  }
}

function writeChange(writer: ScaleWriter, { at, delay, authorities }: PendingChange): ScaleWriter {
  return writeAuthorities(writeTarget(writer, at).u32(delay), authorities)
}

function readChange(reader: ScaleReader): PendingChange {
  const at: BlockRef = readTarget(reader)
  return { at, delay: reader.u32(), authorities: readAuthorities(reader) }
}

function readOld(reader: ScaleReader): { readonly voters: VoterSet; readonly scheduled: readonly PendingChange[] } {
  const voters = new VoterSet(reader.u64Number(), readAuthorities(reader))
  return { voters, scheduled: reader.vec(readChange, SMALLEST_CHANGE) }
}
