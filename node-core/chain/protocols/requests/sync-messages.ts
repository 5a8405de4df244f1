/**
 * Messages of `/sync/2` (Polkadot Host spec, section 4.8.3 "Requesting Blocks"): protobuf outside, SCALE inside.
 *
 * The field `fields` is a set of flags in the highest byte of a u32. A block's number is a little-endian u32 in a byte
 * string. Justifications come in one of two forms: the newer is a SCALE vector of engine and proof, the older the bare
 * proof of one engine, with a flag beside it because an empty proof could not be told from none.
 */
import { fromHex, toHex, type Hash } from '../../../base/bytes.ts'
import { engineBytes, readEngine, type EngineId } from '../../scale/header.ts'
import { decodeAll } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import type { Justification } from '../../scale/block.ts'
import { ProtobufError, ProtobufReader, ProtobufWriter } from './protobuf.ts'

/** Flags of a request, as they stand in the highest byte of `fields`. */
const FLAG = { header: 0x01, body: 0x02, justification: 0x10 } as const

/** With receipts (4), message queues (8) and indexed bodies (32), which this node does not have. */
const KNOWN_FLAGS = 0x3f

/** Whose proofs the older form of justifications holds. */
const ONE_ENGINE: EngineId = 'FRNK'

export interface BlockRequest {
  readonly header: boolean
  readonly body: boolean
  readonly justifications: boolean
  /** A hash, or the height on the best chain. */
  readonly from: Hash | number
  /** Ascending follows children on the best chain, descending follows parents. */
  readonly direction: 'ascending' | 'descending'
  /** Undefined leaves it to the other side. */
  readonly maxBlocks?: number
  /** Whether we understand the newer form of justifications. */
  readonly multipleJustifications: boolean
}

export interface BlockData {
  readonly hash: Hash
  /** Encoded; empty where it was not asked for. */
  readonly header: Uint8Array
  /** Full encodings of extrinsics; empty where it was not asked for. */
  readonly body: readonly Uint8Array[]
  /** Undefined where there are none or they were not asked for. */
  readonly justifications: readonly Justification[] | undefined
}

/** Fields in a request, unknown ones included. */
const MAX_REQUEST_FIELDS = 32

/** Fields in a response, extrinsics among them. */
const MAX_RESPONSE_FIELDS = 300_000

/** Engines that may justify one block. */
const MAX_JUSTIFICATIONS = 16

export function encodeBlockRequest(request: BlockRequest): Uint8Array {
  const flags = (request.header ? FLAG.header : 0) | (request.body ? FLAG.body : 0) | (request.justifications ? FLAG.justification : 0)
  const writer = new ProtobufWriter().uint32(1, flags * 0x100_0000)
  if (typeof request.from === 'number') writer.bytes(3, new ScaleWriter(4).u32(request.from).finish())
  else writer.bytes(2, fromHex(request.from))
  if (request.direction === 'descending') writer.uint32(5, 1)
  if (request.maxBlocks !== undefined) writer.uint32(6, request.maxBlocks)
  if (request.multipleJustifications) writer.bool(7, true)
  return writer.finish()
}

/** Throws a ProtobufError or a ScaleError. */
export function decodeBlockRequest(input: Uint8Array): BlockRequest {
  const reader = new ProtobufReader(input, MAX_REQUEST_FIELDS)
  let fields = 0
  let from: Hash | number | undefined
  let direction = 0
  let maxBlocks = 0
  let multipleJustifications = false
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        fields = reader.uint32()
        break
      case 2:
        from = decodeAll(reader.bytes(), 'the block hash', (scale) => scale.hash())
        break
      case 3:
        from = decodeAll(reader.bytes(), 'the block number', (scale) => scale.u32())
        break
      case 5:
        direction = reader.uint32()
        break
      case 6:
        maxBlocks = reader.uint32()
        break
      case 7:
        multipleJustifications = reader.bool()
        break
    }
  }
  const flags = fields >>> 24
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new ProtobufError('PROTOBUF_INVALID', `unknown block attributes: ${flags}`)
  if (from === undefined) throw new ProtobufError('PROTOBUF_INVALID', 'the request does not say from which block')
  if (direction > 1) throw new ProtobufError('PROTOBUF_INVALID', `${direction} is no direction`)
  return {
    header: (flags & FLAG.header) !== 0,
    body: (flags & FLAG.body) !== 0,
    justifications: (flags & FLAG.justification) !== 0,
    from,
    direction: direction === 1 ? 'descending' : 'ascending',
    ...(maxBlocks === 0 ? {} : { maxBlocks }),
    multipleJustifications,
  }
}

/** One entry of a response. `multipleJustifications` chooses the form of the justifications. */
export function blockDataMessage(block: BlockData, multipleJustifications: boolean): ProtobufWriter {
  const writer = new ProtobufWriter().bytes(1, fromHex(block.hash)).optionalBytes(2, block.header)
  for (const extrinsic of block.body) writer.bytes(3, extrinsic)
  if (block.justifications === undefined) return writer
  if (multipleJustifications) return writer.bytes(8, encodeJustifications(block.justifications))
  const proof = block.justifications.find(({ engine }) => engine === ONE_ENGINE)?.data
  if (proof === undefined) return writer
  return proof.length === 0 ? writer.bool(7, true) : writer.bytes(6, proof)
}

export function encodeBlockResponse(blocks: readonly ProtobufWriter[]): Uint8Array {
  const writer = new ProtobufWriter()
  for (const block of blocks) writer.message(1, block)
  return writer.finish()
}

/**
 * Throws a ProtobufError or a ScaleError, for more than `maxBlocks` blocks, too. Hash and header are for use at once. The
 * bodies may be views of the input, which then stays in memory as long as one of them does: see {@link ownedBodies}.
 */
export function decodeBlockResponse(input: Uint8Array, maxBlocks: number): BlockData[] {
  const reader = new ProtobufReader(input, MAX_RESPONSE_FIELDS)
  const blocks: BlockData[] = []
  while (reader.next()) {
    if (reader.field !== 1) continue
    if (blocks.length >= maxBlocks) throw new ProtobufError('PROTOBUF_TOO_MANY', `more than ${maxBlocks} blocks`)
    blocks.push(readBlockData(reader.message()))
  }
  return ownedBodies(blocks, input)
}

/** Extrinsics below this size are copied in any case: they outlive their block here and there. */
const SMALL_EXTRINSIC = 4096

/**
 * Copies extrinsics out of the message, except for large ones where they are most of it: then copying would cost more than
 * what else the message holds on to. Whoever keeps all the bodies of a response thus keeps less than twice their size, and
 * a peer gains nothing by sending a little body in a large message.
 */
function ownedBodies(blocks: readonly BlockData[], input: Uint8Array): BlockData[] {
  let large = 0
  for (const { body } of blocks) for (const { length } of body) if (length >= SMALL_EXTRINSIC) large += length
  const smallest = large * 2 > input.length ? SMALL_EXTRINSIC : Infinity
  return blocks.map((block) => ({ ...block, body: block.body.map((extrinsic) => (extrinsic.length < smallest ? extrinsic.slice() : extrinsic)) }))
}

function readBlockData(reader: ProtobufReader): BlockData {
  let hash: Uint8Array | undefined
  let header: Uint8Array = new Uint8Array(0)
  const body: Uint8Array[] = []
  let legacy: Uint8Array | undefined
  let justifications: Justification[] | undefined
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        hash = reader.view()
        break
      case 2:
        header = reader.view()
        break
      case 3:
        body.push(reader.view())
        break
      case 6: {
        const proof = reader.bytes()
        if (proof.length > 0) legacy = proof
        break
      }
      case 7:
        if (reader.bool()) legacy ??= new Uint8Array(0)
        break
      case 8: {
        const encoded = reader.view()
        if (encoded.length > 0) justifications = decodeJustifications(encoded)
        break
      }
    }
  }
  if (hash?.length !== 32) throw new ProtobufError('PROTOBUF_INVALID', 'a block comes without its hash')
  if (legacy !== undefined) justifications ??= [{ engine: ONE_ENGINE, data: legacy }]
  return { hash: toHex(hash), header, body, justifications }
}

/** `Justifications`: a SCALE vector of the engine's four bytes and the proof. */
export function encodeJustifications(justifications: readonly Justification[]): Uint8Array {
  return new ScaleWriter(1024).vec(justifications, (writer, { engine, data }) => writer.raw(engineBytes(engine)).bytes(data)).finish()
}

function decodeJustifications(input: Uint8Array): Justification[] {
  return decodeAll(input, 'the justifications', (reader) =>
    reader.vec((r) => ({ engine: readEngine(r), data: r.bytes() }), 5, MAX_JUSTIFICATIONS),
  )
}
