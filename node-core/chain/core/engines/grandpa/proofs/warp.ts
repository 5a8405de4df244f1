/**
 * `/sync/warp`: proofs that lead a light client (or a node that syncs fast) from a block that it trusts to the newest
 * finalized one, in as many steps as the GRANDPA authorities changed (Polkadot Host spec, section 4.8.5 "Warp Sync").
 *
 * Whoever knows the authorities can check a justification; a header that was finalized says who the next authorities are.
 * So a proof is: every header that changes the set, with its justification, and at the end the newest justified header.
 * Here such proofs are served; warp-proof.ts asks for them and follows them.
 */
import type { Hash } from '../../../../../base/bytes.ts'
import { writeHeader } from '../../../../scale/header.ts'
import { decodeAll } from '../../../../../scale/reader.ts'
import { ScaleWriter } from '../../../../../scale/writer.ts'
import type { BlockRef } from '../../../../scale/block.ts'
import type { BlockStateReader } from '../../../../state/types.ts'
import type { RequestAnswer, RequestHandler, RequestSpec } from '../../../../../network/contracts.ts'
import { GRANDPA_ENGINE } from '../digest.ts'
import { PROOFS_BUDGET } from '../../../../protocols/requests/budgets.ts'
import { REFUSED, decodingHandler, respond } from '../../../../protocols/requests/errors.ts'
import type { AuthorityChange } from '../../../../protocols/requests/sync.ts'

const MIB = 1024 * 1024

export const WARP_SPEC: RequestSpec = {
  protocol: '/sync/warp',
  maxRequestBytes: 32,
  maxResponseBytes: 16 * MIB,
  timeoutMs: 20_000,
  perMinute: 60,
  noRepeats: true,
  places: { total: 2, perPeer: 1 },
  usualResponseBytes: 8 * MIB,
  budget: PROOFS_BUDGET,
}

/** What the fragments of one proof may take, encoded: everybody in this family of networks keeps to it. Less where the line carries less in time. */
export const MAX_PROOF_BYTES = 8 * MIB

/** Room for the length of the vector and the flag at the end. */
const PROOF_MARGIN = 50

/** How far below the highest possible block a justification for the last step is looked for. */
const MAX_JUSTIFICATION_DISTANCE = 1024

/** Which finalized blocks changed the authorities; core keeps it. */
export interface AuthorityChanges {
  /** Sees to it that everything up to this finalized height is known, unless `signal` aborts before. */
  scan(finalized: number, signal: AbortSignal): Promise<void>
  /** Changes above this height are known; a proof from below would leave out steps. */
  readonly since: number
  /**
   * Changes above `from` and up to `to`, lowest first. `provenUpTo` is the highest block that the authorities before can have justified,
   * where that is known to be lower than the block of the change.
   */
  after(from: number, to: number): readonly (BlockRef & { readonly kind: NonNullable<ReturnType<AuthorityChange>>; readonly provenUpTo?: number })[]
}

export interface WarpDependencies {
  readonly blocks: Pick<BlockStateReader, 'header' | 'hashByNumber' | 'justifications' | 'finalized'>
  readonly changes: AuthorityChanges
}

export function warpHandler(dependencies: WarpDependencies): RequestHandler {
  const decode = (request: Uint8Array): Hash => decodeAll(request, 'the block hash', (reader) => reader.hash())
  return decodingHandler(WARP_SPEC, decode, (begin, signal, _peer, fitting) => serveProof(dependencies, begin, signal, fitting))
}

async function serveProof(
  { blocks, changes }: WarpDependencies, begin: Hash, signal: AbortSignal, fitting = MAX_PROOF_BYTES,
): Promise<RequestAnswer> {
  const finalized = blocks.finalized()
  const start = blocks.header(begin)
  // Not known here, or not final: the other side may simply be ahead of us.
  if (start === undefined || start.number > finalized.number || blocks.hashByNumber(start.number) !== begin) return REFUSED
  await changes.scan(finalized.number, signal)
  if (signal.aborted || start.number < changes.since) return REFUSED

  const fragments: Uint8Array[] = []
  // One step there must be; the rest is asked for from the last one on.
  const fits = (bytes: number): boolean => bytes < (fragments.length === 0 ? MAX_PROOF_BYTES : Math.min(fitting, MAX_PROOF_BYTES)) - PROOF_MARGIN
  let size = 0
  let last = start.number
  let isFinished = true
  /** The highest block that the authorities of the last step can have justified. */
  let highest = finalized.number
  for (const change of changes.after(start.number, finalized.number)) {
    // What a justification does not prove ends the chain of trust: from there on others must sync block by block.
    if (change.kind === 'other') {
      highest = Math.min(change.number - 1, change.provenUpTo ?? Infinity)
      break
    }
    const fragment = await encodeFragment(blocks, change)
    if (signal.aborted) return REFUSED
    if (fragment === undefined || !fits(size + fragment.length)) {
      isFinished = false
      break
    }
    fragments.push(fragment)
    size += fragment.length
    last = change.number
  }
  if (isFinished) {
    const fragment = await newestFragment(blocks, highest, last)
    if (fragment !== undefined && fits(size + fragment.length)) fragments.push(fragment)
    else if (fragment !== undefined && fragments.length > 0) isFinished = false
  } else if (fragments.length === 0) {
    return REFUSED
  }
  return respond(new ScaleWriter(size + PROOF_MARGIN).vec(fragments, (writer, fragment) => writer.raw(fragment)).bool(isFinished).finish())
}

/** Header and justification; undefined where the block has none. */
async function encodeFragment(blocks: WarpDependencies['blocks'], { hash }: BlockRef): Promise<Uint8Array | undefined> {
  const header = blocks.header(hash)
  const proof = (await blocks.justifications(hash))?.find(({ engine }) => engine === GRANDPA_ENGINE)
  if (header === undefined || proof === undefined) return undefined
  return writeHeader(new ScaleWriter(proof.data.length + 512), header).raw(proof.data).finish()
}

/** The highest justified block above `above` and not above `highest`: usually the finalized block itself. */
async function newestFragment(blocks: WarpDependencies['blocks'], highest: number, above: number): Promise<Uint8Array | undefined> {
  const lowest = Math.max(above + 1, highest - MAX_JUSTIFICATION_DISTANCE)
  for (let number = highest; number >= lowest; number--) {
    const hash = blocks.hashByNumber(number)
    const fragment = hash === undefined ? undefined : await encodeFragment(blocks, { hash, number })
    if (fragment !== undefined) return fragment
  }
  return undefined
}
