/**
 * `/state/2`: the entries of a state, for nodes that start from a recent block instead of from genesis.
 *
 * A response goes through the main trie in the order of its keys. Where it meets the root of a child trie, it goes through
 * that one as a level of its own and then on (trie/range.ts). Whoever asks gets the entries inside a proof (a compact one),
 * which shows under the state's root that they are these and that none is missing; or, with `no_proof`, bare entries, of
 * which nothing is known before all of them are there and build to that root. We ask for proofs.
 */
import { fromHex, toHex, type Hash } from '../../../base/bytes.ts'
import { isNodeError } from '../../../base/errors.ts'
import { decodeCompact } from '../../trie/proofs/compact-proof.ts'
import { proveRange } from '../../trie/proofs/range-proof.ts'
import { NodeStore } from '../../trie/nodes/node-store.ts'
import { rangeEnd, readRange, type RangeLevel } from '../../trie/range.ts'
import { runInTurns, type Steps } from '../../trie/steps.ts'
import type { Entry, TrieSource } from '../../trie/types.ts'
import type { RequestAnswer, RequestHandler, RequestSender, RequestSpec } from '../../../network/contracts.ts'
import type { KnownHeaders } from '../chain.ts'
import { PROOFS_BUDGET } from './budgets.ts'
import { REFUSED, ResponseError, decodeResponse, decodingHandler, mismatch, respond } from './errors.ts'
import type { KnownState } from './light.ts'
import {
  decodeStateRequest, decodeStateResponse, encodeProofResponse, encodeStateRequest, encodeStateResponse, type StateLevel, type StateRequest,
} from './state-messages.ts'

export type { StateLevel } from './state-messages.ts'

const MIB = 1024 * 1024

export const STATE_SPEC: RequestSpec = {
  protocol: '/state/2',
  maxRequestBytes: 64 * 1024,
  maxResponseBytes: 16 * MIB,
  timeoutMs: 40_000,
  perMinute: 600,
  noRepeats: true,
  // Each piece takes its turns on the event loop.
  places: { total: 8, perPeer: 2 },
  usualResponseBytes: 3 * MIB,
  budget: PROOFS_BUDGET,
}

/** Keys and values, or nodes, in a response, less where the line carries less in time; the last one may go beyond. */
const SOFT_RESPONSE_BYTES = 2 * MIB

/** Where a value would make more of a proof, it is left to the next piece. */
const MAX_PROOF_BYTES = 14 * MIB

/** What a bare entry takes beside its key and value: tags and lengths. */
const ENTRY_OVERHEAD = 12

/** What is taken out of one proof. A state that repeats itself has far more entries than nodes; the rest comes with the next piece. */
const MAX_ENTRIES = 300_000
const MAX_ENTRY_BYTES = 64 * MIB

/** The state is not here, or was given up, perhaps while it was read. */
const GONE: readonly string[] = ['STATE_UNKNOWN_ROOT', 'STATE_PRUNED', 'TRIE_MISSING_NODE']

export interface StateDependencies {
  readonly blocks: Pick<KnownHeaders, 'header'>
  /** The nodes of a state. Throws STATE_UNKNOWN_ROOT where it is not here. */
  readonly proofs: { nodes(stateRoot: Hash): TrieSource }
}

export function stateHandler({ blocks, proofs }: StateDependencies): RequestHandler {
  return decodingHandler(STATE_SPEC, decodeStateRequest, async (request, signal, _peer, fitting): Promise<RequestAnswer> => {
    const stateRoot = blocks.header(request.block)?.stateRoot
    if (stateRoot === undefined) return REFUSED
    try {
      const source = proofs.nodes(stateRoot)
      const serve = request.noProof ? barePiece : provenPiece
      const response = await runInTurns(serve(source, fromHex(stateRoot), request.start, Math.min(fitting ?? SOFT_RESPONSE_BYTES, SOFT_RESPONSE_BYTES)), signal)
      return response === undefined || response.length > STATE_SPEC.maxResponseBytes ? REFUSED : respond(response)
    } catch (error) {
      // The state is not here, or is being pruned while we read it.
      if (isNodeError(error) && GONE.includes(error.code)) return REFUSED
      throw error
    }
  })
}

/** Undefined where `start` names a child that is not there. */
function* barePiece(source: TrieSource, root: Uint8Array, start: readonly Uint8Array[], softBytes: number): Steps<Uint8Array | undefined> {
  let size = 0
  const takes = ([key, value]: Entry, level: RangeLevel): boolean => {
    // A piece has something in it; and a child without an entry could not be continued.
    const isNeeded = level.childRoot === undefined ? size === 0 : level.entries.length === 0
    const added = key.length + value.length + ENTRY_OVERHEAD
    if (!isNeeded && size + added > softBytes) return false
    size += added
    return true
  }
  const levels = yield* readRange(new NodeStore(source), root, { start, takes, isPartial: false })
  return levels && encodeStateResponse({ levels: levels.map(toMessage), proof: undefined })
}

function* provenPiece(source: TrieSource, root: Uint8Array, start: readonly Uint8Array[], softBytes: number): Steps<Uint8Array | undefined> {
  const proof = yield* proveRange(source, root, { start, softBytes, maxBytes: MAX_PROOF_BYTES })
  return proof && encodeProofResponse(proof)
}

function toMessage({ childRoot, entries, complete }: RangeLevel): StateLevel {
  return { childRoot: childRoot && toHex(childRoot), entries, complete }
}

export interface StatePiece {
  readonly levels: readonly StateLevel[]
  /** What to ask for next; undefined at the end of the state. */
  readonly next: readonly Uint8Array[] | undefined
}

/**
 * Asks for the entries of a block's state from `start` on (nothing for the beginning, then what the last piece says).
 * What comes back is proven under the state root: these entries, and no others between them. Throws a ResponseError with the
 * peer's fault where it is not, or where the piece does not lead on; and what {@link RequestSender} throws.
 */
export async function requestState(
  sender: RequestSender, peer: string, block: KnownState, start: readonly Uint8Array[], signal?: AbortSignal,
): Promise<StatePiece> {
  const request: StateRequest = { block: block.hash, start, noProof: false }
  const response = await sender.request(peer, STATE_SPEC, encodeStateRequest(request), signal)
  const { levels: bare, proof } = decodeResponse('state', () => decodeStateResponse(response))
  if (proof === undefined || bare.length > 0) throw mismatch('The state response has no proof, or more than that.')
  try {
    const piece = await runInTurns(verifyPiece(proof, fromHex(block.stateRoot), start), signal)
    signal?.throwIfAborted()
    return piece as StatePiece
  } catch (error) {
    if (!isNodeError(error) || !error.code.startsWith('TRIE_')) throw error
    throw new ResponseError('RESPONSE_MISMATCH', `The state response proves nothing: ${error.message}`, error)
  }
}

function* verifyPiece(proof: readonly Uint8Array[], root: Uint8Array, start: readonly Uint8Array[]): Steps<StatePiece> {
  const nodes = yield* decodeCompact(proof, root)
  let entries = 0
  let bytes = 0
  const takes = ([key, value]: Entry, level: RangeLevel): boolean => {
    bytes += key.length + value.length
    return (++entries <= MAX_ENTRIES && bytes <= MAX_ENTRY_BYTES) || (level.childRoot !== undefined && level.entries.length === 0)
  }
  const levels = yield* readRange(new NodeStore(nodes), root, { start, takes, isPartial: true })
  if (levels === undefined) throw mismatch('The state response goes on in a child trie that does not exist.')
  const next = rangeEnd(levels, start)
  if (next !== undefined) checkProgress(levels)
  return { levels: levels.map(toMessage), next }
}

function checkProgress(levels: readonly RangeLevel[]): void {
  const open = levels.findLast(({ complete }) => !complete)
  const isEmptyChild = open?.childRoot !== undefined && open.entries.length === 0
  const isEmpty = levels.every(({ entries, childRoot, complete }) => entries.length === 0 && !(complete && childRoot !== undefined))
  if (isEmptyChild || isEmpty) throw mismatch('The state response does not lead on.')
}
