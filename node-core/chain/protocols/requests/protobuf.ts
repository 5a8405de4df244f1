/**
 * The part of Protocol Buffers that the request protocols use: varints and length-delimited fields.
 *
 * What comes in is hostile. Every read checks the wire type and that the bytes are there; a value that does not fit its
 * type is an error instead of being cut off. What is not known is passed over, so that later versions of a message are read
 * too: fields of every wire type, old-fashioned groups among them. A message of a few bytes can claim
 * millions of entries, and a message of megabytes can hold them: so a reader and all readers of the messages inside it
 * share one budget of fields, and every field (unknown ones included) costs one before anything is made of it.
 */
import { fromUtf8, uninitializedBytes, utf8 } from '../../../base/bytes.ts'
import { NodeError } from '../../../base/errors.ts'
import { encodeVarint } from '../../../base/varint.ts'

export type ProtobufErrorCode = 'PROTOBUF_TOO_SHORT' | 'PROTOBUF_INVALID' | 'PROTOBUF_OUT_OF_RANGE' | 'PROTOBUF_TOO_MANY'

export class ProtobufError extends NodeError<ProtobufErrorCode> {}

const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const

const MAX_U32 = 0xffff_ffff
const MAX_FIELD = 0x1fff_ffff
/** Groups inside groups. */
const MAX_NESTING = 16

interface FieldBudget {
  left: number
}

/**
 * Goes through the fields of one message: `while (reader.next()) switch (reader.field) …`. A field whose value is not
 * read is passed over.
 */
export class ProtobufReader {
  readonly #input: Uint8Array
  readonly #budget: FieldBudget
  #offset = 0
  #field = 0
  #wire = -1

  /** `budget` is how many fields the message and all messages inside it may have together. */
  constructor(input: Uint8Array, budget: number | FieldBudget) {
    this.#input = input
    this.#budget = typeof budget === 'number' ? { left: budget } : budget
  }

  /** Number of the field at hand. */
  get field(): number {
    return this.#field
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    this.#skip()
    if (this.#offset === this.#input.length) return false
    this.#readTag()
    return true
  }

  /** A u32 or an enumeration's value. */
  uint32(): number {
    this.#expect(WIRE.varint)
    const value = this.#varint()
    if (value > BigInt(MAX_U32)) throw new ProtobufError('PROTOBUF_OUT_OF_RANGE', `${value} does not fit 32 bits`)
    return Number(value)
  }

  bool(): boolean {
    const value = this.uint32()
    if (value > 1) throw new ProtobufError('PROTOBUF_OUT_OF_RANGE', `${value} is not a boolean`)
    return value === 1
  }

  /** As a view: it holds on to the whole message, so it is for what is made into something else at once, or is most of it. */
  view(): Uint8Array {
    this.#expect(WIRE.bytes)
    const length = this.#length()
    const at = this.#advance(length)
    return this.#input.subarray(at, at + length)
  }

  /** Copied, so that a small value does not hold on to the message that it came in. */
  bytes(): Uint8Array {
    return this.view().slice()
  }

  string(): string {
    return fromUtf8(this.view())
  }

  /** The message in the field at hand. */
  message(): ProtobufReader {
    return new ProtobufReader(this.view(), this.#budget)
  }

  /** Checked against the message before anything is made of it. */
  #length(): number {
    const length = this.#varint()
    if (length > BigInt(this.#input.length)) throw tooShort()
    return Number(length)
  }

  #readTag(): void {
    if (this.#budget.left-- <= 0) throw new ProtobufError('PROTOBUF_TOO_MANY', 'the message has more fields than it may have')
    const tag = this.#varint()
    this.#wire = Number(tag & 7n)
    this.#field = Number(tag >> 3n)
    if (this.#field === 0 || this.#field > MAX_FIELD) throw new ProtobufError('PROTOBUF_INVALID', `${tag >> 3n} is no field number`)
  }

  /** Passes over the value of the field at hand where nobody has read it. */
  #skip(): void {
    if (this.#wire === -1) return
    if (this.#wire === WIRE.groupStart) this.#skipGroup()
    else this.#skipValue()
    this.#wire = -1
  }

  /** All fields up to the end of the group at hand. */
  #skipGroup(): void {
    const open = [this.#field]
    while (open.length > 0) {
      if (this.#offset === this.#input.length) throw new ProtobufError('PROTOBUF_INVALID', `the group ${open.at(-1)} does not end`)
      this.#readTag()
      if (this.#wire === WIRE.groupStart) open.push(this.#field)
      else if (this.#wire !== WIRE.groupEnd) this.#skipValue()
      else if (open.pop() !== this.#field) throw new ProtobufError('PROTOBUF_INVALID', `the group ${this.#field} ends without having begun`)
      if (open.length > MAX_NESTING) throw new ProtobufError('PROTOBUF_TOO_MANY', 'groups are nested too deeply')
    }
  }

  #skipValue(): void {
    switch (this.#wire) {
      case WIRE.varint:
        this.#varint()
        break
      case WIRE.fixed64:
        this.#advance(8)
        break
      case WIRE.bytes:
        this.view()
        break
      case WIRE.fixed32:
        this.#advance(4)
        break
      default:
        throw new ProtobufError('PROTOBUF_INVALID', `wire type ${this.#wire} is not allowed`)
    }
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) {
      throw new ProtobufError('PROTOBUF_INVALID', `field ${this.#field} has wire type ${this.#wire} instead of ${wire}`)
    }
    this.#wire = -1
  }

  /** Up to 64 bits. Small numbers in more bytes than they need are allowed, as everywhere in Protocol Buffers. */
  #varint(): bigint {
    const first = this.#input[this.#offset]
    if (first !== undefined && first < 0x80) {
      this.#offset++
      return BigInt(first)
    }
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#input[this.#advance(1)] as number
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) {
        if (value >> 64n !== 0n) break
        return value
      }
    }
    throw new ProtobufError('PROTOBUF_OUT_OF_RANGE', 'a varint does not fit 64 bits')
  }

  #advance(length: number): number {
    const at = this.#offset
    if (length > this.#input.length - at) throw tooShort()
    this.#offset = at + length
    return at
  }
}

/** Writes one message; calls chain. Nothing is left out by itself: callers decide what a default value is worth. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #size = 0

  /** Bytes written so far. */
  get size(): number {
    return this.#size
  }

  uint32(field: number, value: number): this {
    return this.#add(varint(field * 8 + WIRE.varint)).#add(varint(value))
  }

  bool(field: number, value: boolean): this {
    return this.uint32(field, value ? 1 : 0)
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#add(varint(field * 8 + WIRE.bytes)).#add(varint(value.length)).#add(value)
  }

  /** Writes nothing where there is nothing: a field of proto3 that is absent reads as empty. */
  optionalBytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.bytes(field, value)
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8(value))
  }

  message(field: number, value: ProtobufWriter): this {
    this.#add(varint(field * 8 + WIRE.bytes)).#add(varint(value.#size))
    for (const part of value.#parts) this.#add(part)
    return this
  }

  finish(): Uint8Array {
    const bytes = uninitializedBytes(this.#size)
    let offset = 0
    for (const part of this.#parts) {
      bytes.set(part, offset)
      offset += part.length
    }
    return bytes
  }

  #add(part: Uint8Array): this {
    this.#parts.push(part)
    this.#size += part.length
    return this
  }
}

/** Nearly all tags and most lengths are one byte: these are made once. */
const ONE_BYTE = Array.from({ length: 0x80 }, (_, value) => Uint8Array.of(value))

function varint(value: number): Uint8Array {
  return ONE_BYTE[value] ?? encodeVarint(value)
}

function tooShort(): ProtobufError {
  return new ProtobufError('PROTOBUF_TOO_SHORT', 'the message ends within a field')
}
