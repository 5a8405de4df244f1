/**
 * Frames of a plain link: a stream of bytes that nothing else frames, encrypts or checks (TCP between fixed peers of one's own). All numbers are
 * little-endian.
 *
 *   offset  bytes  field
 *        0      4  magic      4e 53 54 57
 *        4      1  version    1
 *        5      1  flags      bit 0: of the link itself (greeting, keep-alive), not of a topic; all others are 0
 *        6      2  topic      number that both sides know
 *        8      4  length     of the payload
 *       12      8  checksum   first bytes of BLAKE2b-256 of bytes 4 to 11 and the payload
 *       20         payload
 *
 * Each field is judged as soon as it is there, and before anything behind it is kept or decoded. What a topic may send is bounded by the topic, and nothing
 * in between has a lower bound: the largest legal message fits every queue. The checksum finds damage; it is no proof of who sent it.
 */
import { MalformedError } from '../../base/errors.ts'
import { concatBytes } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'

export type WireErrorCode = 'WIRE_MAGIC' | 'WIRE_VERSION' | 'WIRE_FLAGS' | 'WIRE_TOPIC' | 'WIRE_TOO_LONG' | 'WIRE_CHECKSUM'

export class WireError extends MalformedError<WireErrorCode> {}

export const MAGIC = Uint8Array.of(0x4e, 0x53, 0x54, 0x57)
export const HEADER_BYTES = 20
export const WIRE_VERSION = 1
/** The frame is the link's own. */
export const LINK_FLAG = 1
const CHECKED_FROM = 4
const CHECKSUM_AT = 12

export interface WireFrame {
  /** Of the link itself, and not of a topic. */
  readonly isLink: boolean
  readonly topic: number
  readonly payload: Uint8Array
}

export interface WireHeader {
  readonly isLink: boolean
  readonly topic: number
  readonly length: number
  /** The header itself, 20 bytes. */
  readonly bytes: Uint8Array
}

/** The frame, and its checksum as a text that names its content. */
export function encodeWireFrame({ isLink, topic, payload }: WireFrame): { readonly bytes: Uint8Array; readonly name: string } {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  bytes[4] = WIRE_VERSION
  bytes[5] = isLink ? LINK_FLAG : 0
  view.setUint16(6, topic, true)
  view.setUint32(8, payload.length, true)
  bytes.set(payload, HEADER_BYTES)
  const sum = checksum(bytes, payload)
  bytes.set(sum, CHECKSUM_AT)
  return { bytes, name: Buffer.from(sum).toString('latin1') }
}

/**
 * Judges as much of a header as there is. Undefined until all 20 bytes are there. `longest`: of a payload of the topic, undefined where there is no such topic.
 * Throws a WireError.
 */
export function readHeader(bytes: Uint8Array, longest: (isLink: boolean, topic: number) => number | undefined): WireHeader | undefined {
  for (let i = 0; i < Math.min(bytes.length, MAGIC.length); i++) if (bytes[i] !== MAGIC[i]) throw new WireError('WIRE_MAGIC', 'The bytes are not those of a plain link.')
  if (bytes.length > 4 && bytes[4] !== WIRE_VERSION) throw new WireError('WIRE_VERSION', `The frame is of version ${bytes[4]}; this node speaks ${WIRE_VERSION}.`)
  if (bytes.length > 5 && (bytes[5] as number) > LINK_FLAG) throw new WireError('WIRE_FLAGS', `The frame has flags that are not known: ${bytes[5]}.`)
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [isLink, topic, length] = [bytes[5] === LINK_FLAG, view.getUint16(6, true), view.getUint32(8, true)]
  const most = longest(isLink, topic)
  if (most === undefined) throw new WireError('WIRE_TOPIC', `There is no topic ${topic} on this link.`)
  if (length > most) throw new WireError('WIRE_TOO_LONG', `The message has ${length} bytes; the topic carries at most ${most}.`, { data: { length, most } })
  return { isLink, topic, length, bytes }
}

/** Throws a WireError where the payload is not the one that the header was made for. */
export function checkPayload(header: WireHeader, payload: Uint8Array): void {
  const said = header.bytes.subarray(CHECKSUM_AT, HEADER_BYTES)
  if (Buffer.compare(said, checksum(header.bytes, payload)) !== 0) throw new WireError('WIRE_CHECKSUM', 'The checksum of the message is not that of its bytes.')
}

function checksum(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return blake2b256(concatBytes(header.subarray(CHECKED_FROM, CHECKSUM_AT), payload)).subarray(0, HEADER_BYTES - CHECKSUM_AT)
}
