/**
 * Messages of `/state/2` (Polkadot Host spec, section 4.8.4 "Requesting States"): keys and values of a whole state, piece
 * by piece. A bare piece has levels: the main trie first (without a root), then the child tries that begin in it. A proven
 * one is a SCALE vector of the items of a compact proof (trie/proofs/compact-proof.ts).
 */
import { fromHex, toHex, type Hash } from '../../../base/bytes.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { COMPACT_LIMITS } from '../../trie/proofs/compact-proof.ts'
import type { Entry } from '../../trie/types.ts'
import { ProtobufError, ProtobufReader, ProtobufWriter } from './protobuf.ts'

export interface StateRequest {
  readonly block: Hash
  /** Nothing for the beginning; the last key of the main trie; or a child's key (with prefix) in the main trie and the last key inside. */
  readonly start: readonly Uint8Array[]
  /** Bare entries instead of a proof. */
  readonly noProof: boolean
}

export interface StateLevel {
  /** Root of the child trie; undefined for the main trie. */
  readonly childRoot: Hash | undefined
  /** By key. */
  readonly entries: readonly Entry[]
  /** No more keys behind the last one at this level. */
  readonly complete: boolean
}

export interface StateResponse {
  /** Of a bare piece. */
  readonly levels: readonly StateLevel[]
  /** Items of a compact proof; undefined in a bare piece. */
  readonly proof: readonly Uint8Array[] | undefined
}

/** Main trie, and one below. */
const MAX_START = 2

const MAX_REQUEST_FIELDS = 32

/** Fields in a response: each entry has three. */
const MAX_RESPONSE_FIELDS = 600_000

/** Child tries in a response. */
const MAX_LEVELS = 50_000

export function encodeStateRequest({ block, start, noProof }: StateRequest): Uint8Array {
  const writer = new ProtobufWriter().bytes(1, fromHex(block))
  for (const key of start) writer.bytes(2, key)
  return noProof ? writer.bool(3, true).finish() : writer.finish()
}

/** Throws a ProtobufError or a ScaleError. */
export function decodeStateRequest(input: Uint8Array): StateRequest {
  const reader = new ProtobufReader(input, MAX_REQUEST_FIELDS)
  let block: Hash | undefined
  const start: Uint8Array[] = []
  let noProof = false
  while (reader.next()) {
    if (reader.field === 1) block = decodeAll(reader.bytes(), 'the block hash', (scale) => scale.hash())
    else if (reader.field === 2) start.push(reader.bytes())
    else if (reader.field === 3) noProof = reader.bool()
  }
  if (block === undefined) throw new ProtobufError('PROTOBUF_INVALID', 'the request does not name a block')
  if (start.length > MAX_START) throw new ProtobufError('PROTOBUF_TOO_MANY', `tries are nested ${MAX_START} deep at the most`)
  return { block, start, noProof }
}

export function encodeStateResponse({ levels, proof }: StateResponse): Uint8Array {
  const writer = new ProtobufWriter()
  for (const { childRoot, entries, complete } of levels) {
    const level = new ProtobufWriter()
    if (childRoot !== undefined) level.bytes(1, fromHex(childRoot))
    // Finished one by one: there are tens of thousands, and their parts would be handed on twice.
    for (const [key, value] of entries) level.bytes(2, new ProtobufWriter().optionalBytes(1, key).optionalBytes(2, value).finish())
    if (complete) level.bool(3, true)
    writer.bytes(1, level.finish())
  }
  if (proof !== undefined) writer.bytes(2, new ScaleWriter(proofSize(proof)).vec(proof, (scale, item) => scale.bytes(item)).finish())
  return writer.finish()
}

/** A response that has a proof alone, of which the items are encoded. */
export function encodeProofResponse(proof: Uint8Array): Uint8Array {
  return new ProtobufWriter().bytes(2, proof).finish()
}

/** Throws a ProtobufError or a ScaleError. */
export function decodeStateResponse(input: Uint8Array): StateResponse {
  const reader = new ProtobufReader(input, MAX_RESPONSE_FIELDS)
  const levels: StateLevel[] = []
  let proof: readonly Uint8Array[] | undefined
  while (reader.next()) {
    if (reader.field === 2) {
      proof = decodeAll(reader.bytes(), 'the proof', (scale) => scale.vec((item) => item.bytes(), 1, COMPACT_LIMITS.nodes))
      continue
    }
    if (reader.field !== 1) continue
    if (levels.length >= MAX_LEVELS) throw new ProtobufError('PROTOBUF_TOO_MANY', `more than ${MAX_LEVELS} levels`)
    levels.push(readLevel(reader.message()))
  }
  return { levels, proof }
}

/** An upper bound: every length takes four bytes at the most. */
function proofSize(proof: readonly Uint8Array[]): number {
  return proof.reduce((size, item) => size + item.length + 4, 4)
}

function readLevel(reader: ProtobufReader): StateLevel {
  let root: Uint8Array = new Uint8Array(0)
  const entries: Entry[] = []
  let complete = false
  while (reader.next()) {
    if (reader.field === 1) root = reader.bytes()
    else if (reader.field === 2) entries.push(readEntry(reader.message()))
    else if (reader.field === 3) complete = reader.bool()
  }
  if (root.length !== 0 && root.length !== 32) throw new ProtobufError('PROTOBUF_INVALID', `a root has 32 bytes, not ${root.length}`)
  return { childRoot: root.length === 0 ? undefined : toHex(root), entries, complete }
}

function readEntry(reader: ProtobufReader): Entry {
  let key: Uint8Array = new Uint8Array(0)
  let value: Uint8Array = new Uint8Array(0)
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes()
    else if (reader.field === 2) value = reader.bytes()
  }
  return [key, value]
}
