/**
 * The authority set in force, and the changes to come (Polkadot Host spec, section 3.3.2.1 "Consensus Messages" and 6.1.3 "Voter Set").
 *
 * A header may announce a *scheduled* change, which takes effect when a block `delay` above it is finalized, or a *forced* one, which
 * takes effect when such a block is imported, finalized or not. Each change raises the set id. The block at which a scheduled change takes
 * effect must be finalized itself, by the old set: nobody may finalize past it in one step, or others could not follow the sets.
 *
 * Stored under `grandpa/set`: set id, authorities, and changes announced by finalized blocks whose delay is not over. Changes announced
 * above the finalized block are found in the headers themselves.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Header } from '../../scale/header.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import type { AuxEntry, AuxStore, BlockRef, BlockStateReader } from '../../state/types.ts'
import { grandpaLogs, readAuthorities, writeAuthorities, type GrandpaAuthority } from './digest.ts'
import { GrandpaError } from './errors.ts'
import { readTarget, writeTarget } from './messages.ts'
import { VoterSet } from './voter-set.ts'

interface PendingChange {
  readonly at: BlockRef
  readonly delay: number
  readonly authorities: readonly GrandpaAuthority[]
}

interface StoredSet {
  readonly voters: VoterSet
  readonly pending: readonly PendingChange[]
}

/** What finalizing a block does to the set. Write `aux` in the same batch, then call `commit`. */
export interface SetTransition {
  readonly aux: readonly AuxEntry[]
  readonly changed: boolean
  commit(): void
}

export type SetBlocks = Pick<BlockStateReader, 'finalized' | 'leaves' | 'header' | 'hasBlock' | 'isAncestor'>

const KEY = 'grandpa/set'

export class AuthoritySets {
  readonly #blocks: SetBlocks
  #stored: StoredSet
  /** Announced above the finalized block. */
  readonly #scheduled = new Map<Hash, PendingChange>()
  readonly #forced = new Map<Hash, PendingChange>()

  /** `genesis` is what `GrandpaApi_grandpa_authorities` says at genesis; it counts only while nothing is stored. */
  constructor(dependencies: { readonly aux: AuxStore; readonly blocks: SetBlocks }, genesis: readonly GrandpaAuthority[]) {
    this.#blocks = dependencies.blocks
    const stored = dependencies.aux.getAux(KEY)
    this.#stored = stored === undefined ? { voters: new VoterSet(0, genesis), pending: [] } : decodeStored(stored)
    this.#readUnfinalized()
  }

  get current(): VoterSet {
    return this.#stored.voters
  }

  /** For the batch that imports this block: what a forced change that takes effect with it makes of the set. */
  blockAux(header: Header, hash: Hash): AuxEntry[] {
    const change = this.#forcedAt(header, hash)
    return change === undefined ? [] : [[KEY, encodeStored(this.#after(change))]]
  }

  /** Takes note of a block after it has been stored. True where a forced change took effect: the voter starts anew. */
  noteImported(header: Header, hash: Hash): boolean {
    this.#note(header, hash)
    const change = this.#forcedAt(header, hash)
    if (change === undefined) return false
    this.#stored = this.#after(change)
    this.#scheduled.clear()
    this.#forced.clear()
    return true
  }

  /** The highest number that may be finalized now on the chain to `hash`: that of the next change there. */
  limit(hash: Hash): number | undefined {
    return this.#changesOn(hash)[0]?.effective
  }

  /** Throws GRANDPA_BEYOND_SET_CHANGE where `target` lies behind the next change. */
  plan(target: BlockRef): SetTransition {
    const changes = this.#changesOn(target.hash)
    const [first] = changes
    if (first !== undefined && first.effective < target.number) {
      const message = `The authorities change with block ${first.effective}, which must be finalized before block ${target.number}.`
      throw new GrandpaError('GRANDPA_BEYOND_SET_CHANGE', message, { data: { limit: first.effective } })
    }
    const applied = first?.effective === target.number ? first.change : undefined
    const pending = changes.filter(({ effective }) => effective > target.number).map(({ change }) => change)
    const { voters } = this.#stored
    const next: StoredSet = { voters: applied === undefined ? voters : new VoterSet(voters.setId + 1, applied.authorities), pending }
    const moved = applied !== undefined || pending.length !== this.#stored.pending.length
    return {
      aux: moved ? [[KEY, encodeStored(next)]] : [],
      changed: applied !== undefined,
      commit: () => {
        this.#stored = next
        for (const map of [this.#scheduled, this.#forced]) {
          for (const [hash, { at }] of map) if (at.number <= target.number) map.delete(hash)
        }
      },
    }
  }

  /** Pending changes on the way to `hash`, the next one first. */
  #changesOn(hash: Hash): { change: PendingChange; effective: number }[] {
    const announced = [...this.#scheduled.values()].filter(({ at }) => this.#isOnWay(at.hash, hash))
    const all = [...this.#stored.pending, ...announced].map((change) => ({ change, effective: change.at.number + change.delay }))
    return all.sort((a, b) => a.effective - b.effective || a.change.at.number - b.change.at.number)
  }

  #isOnWay(ancestor: Hash, descendant: Hash): boolean {
    const blocks = this.#blocks
    if (ancestor === descendant) return true
    return blocks.hasBlock(ancestor) && blocks.hasBlock(descendant) && blocks.isAncestor(ancestor, descendant)
  }

  #forcedAt(header: Header, hash: Hash): PendingChange | undefined {
    const own = forcedOf(header, hash)
    if (own?.delay === 0) return own
    return [...this.#forced.values()].find(
      ({ at, delay }) => delay > 0 && at.number + delay === header.number && this.#isOnWay(at.hash, header.parentHash),
    )
  }

  /** A forced change voids whatever else was announced. */
  #after(change: PendingChange): StoredSet {
    return { voters: new VoterSet(this.#stored.voters.setId + 1, change.authorities), pending: [] }
  }

  #note(header: Header, hash: Hash): void {
    const forced = forcedOf(header, hash)
    if (forced !== undefined) {
      this.#forced.set(hash, forced)
      return
    }
    const log = grandpaLogs(header).find((item) => item.kind === 'scheduled')
    if (log === undefined) return
    this.#scheduled.set(hash, { at: { hash, number: header.number }, delay: log.delay, authorities: log.authorities })
  }

  #readUnfinalized(): void {
    const finalized = this.#blocks.finalized()
    const seen = new Set<Hash>()
    for (const leaf of this.#blocks.leaves()) {
      for (let hash = leaf.hash; !seen.has(hash); ) {
        seen.add(hash)
        const header = this.#blocks.header(hash)
        if (header === undefined || header.number <= finalized.number) break
        this.#note(header, hash)
        hash = header.parentHash
      }
    }
  }
}

function forcedOf(header: Header, hash: Hash): PendingChange | undefined {
  const log = grandpaLogs(header).find((item) => item.kind === 'forced')
  return log === undefined ? undefined : { at: { hash, number: header.number }, delay: log.delay, authorities: log.authorities }
}

function encodeStored({ voters, pending }: StoredSet): Uint8Array {
  const writer = new ScaleWriter().u64(voters.setId)
  writeAuthorities(writer, voters.authorities)
  return writer
    .vec(pending, (w, { at, delay, authorities }) => {
      writeTarget(w, at).u32(delay)
      writeAuthorities(w, authorities)
    })
    .finish()
}

function decodeStored(bytes: Uint8Array): StoredSet {
  const reader = new ScaleReader(bytes)
  const voters = new VoterSet(reader.u64Number(), readAuthorities(reader))
  const pending = reader.vec((r) => ({ at: readTarget(r), delay: r.u32(), authorities: readAuthorities(r) }), 41)
  return { voters, pending }
}
