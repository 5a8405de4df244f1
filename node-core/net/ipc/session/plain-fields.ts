/**
 * Protobuf's fields by hand, for the few messages that make up nearly all of a session: a writer of the library costs more than such a message. Numbers are below
 * 2^53. Pure.
 */
import { putVarint, varintSize } from '../../../base/varint.ts'

/** A tag: the field's number and wire type, where a varint is 0 and bytes are 2. */
export function tagOf(field: number, type: 'varint' | 'bytes'): number {
  return (field << 3) | (type === 'varint' ? 0 : 2)
}

/** Of bytes with their tag, which takes one byte, and their length. */
export function bytesSize({ length }: Uint8Array): number {
  return 1 + varintSize(length) + length
}

/** Of a number with its tag; none is written for zero. */
export function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value)
}

/** Room for a message that is written soon and kept by nobody: a part of a buffer that others share. */
export function roomFor(size: number): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.allocUnsafe(size)
  return new Uint8Array(buffer, byteOffset, length)
}

/** This and what follows return where the next begins. */
export function putBytes(into: Uint8Array, at: number, tag: number, content: Uint8Array): number {
  const start = putVarint(into, putVarint(into, at, tag), content.length)
  into.set(content, start)
  return start + content.length
}

export function putNumber(into: Uint8Array, at: number, tag: number, value: number): number {
  return value === 0 ? at : putVarint(into, putVarint(into, at, tag), value)
}

/** The varint that begins at `at`, in its shortest form and below 2^28; -1 where it is another. It is as long as varintSize says. */
export function varintAt(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) return -1
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return byte === 0 && shift > 0 ? -1 : value
  }
  return -1
}
