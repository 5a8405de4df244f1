import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../../../node-core/base/bytes.ts'
import { ProtobufError, ProtobufReader, ProtobufWriter } from '../../../../../node-core/chain/protocols/requests/protobuf.ts'

const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error
const read = (hex: string, budget = 10): ProtobufReader => new ProtobufReader(fromHex(hex), budget)

describe('the encoding of Protocol Buffers', () => {
  // The examples of the language's own documentation, and limits.
  it.each([
    ['0x089601', new ProtobufWriter().uint32(1, 150)],
    ['0x120774657374696e67', new ProtobufWriter().string(2, 'testing')],
    ['0x1a03089601', new ProtobufWriter().message(3, new ProtobufWriter().uint32(1, 150))],
    ['0x08ffffffff0f', new ProtobufWriter().uint32(1, 0xffff_ffff)],
    ['0x3801', new ProtobufWriter().bool(7, true).optionalBytes(8, new Uint8Array(0))],
    ['0x82010103', new ProtobufWriter().bytes(16, Uint8Array.of(3))],
  ])('is %s', (hex, writer) => {
    expect(toHex(writer.finish())).toBe(hex)
    expect(writer.size).toBe((hex.length - 2) / 2)
  })

  it('is read back', () => {
    const inner = new ProtobufWriter().uint32(1, 300)
    const reader = new ProtobufReader(new ProtobufWriter().uint32(1, 7).bytes(20, utf8('abc')).message(3, inner).bool(4, true).finish(), 10)
    const seen: unknown[] = []
    while (reader.next()) {
      if (reader.field === 1) seen.push(reader.uint32())
      else if (reader.field === 20) seen.push(reader.string())
      else if (reader.field === 4) seen.push(reader.bool())
      else {
        const message = reader.message()
        while (message.next()) seen.push(message.uint32())
      }
    }
    expect(seen).toEqual([7, 'abc', 300, true])
  })

  it('passes over what is not read, whatever it is', () => {
    const reader = read('0x0801 11 0102030405060708 1a020102 25 01020304 2805'.replaceAll(' ', ''))
    const fields: number[] = []
    while (reader.next()) fields.push(reader.field)
    expect(fields).toEqual([1, 2, 3, 4, 5])
  })

  it('passes over groups, whatever is in them', () => {
    const reader = read('0x0801 13 0802 1b 0a0113 1c 14 2805'.replaceAll(' ', ''))
    const fields: number[] = []
    while (reader.next()) fields.push(reader.field)
    expect(fields).toEqual([1, 2, 5])
  })

  it('copies what it hands out', () => {
    const input = fromHex('0x0a0201020a020304')
    const reader = new ProtobufReader(input, 10)
    reader.next()
    const bytes = reader.bytes()
    input.fill(0)
    expect(bytes).toEqual(Uint8Array.of(1, 2))
    expect(bytes.buffer.byteLength).toBe(2)
  })
})

describe('hostile input', () => {
  it.each([
    ['a length beyond the end', '0x0a05', 'PROTOBUF_TOO_SHORT'],
    ['a length of 64 bits', '0x0affffffffffffffffff01', 'PROTOBUF_TOO_SHORT'],
    ['a varint that does not end', '0x08ff', 'PROTOBUF_TOO_SHORT'],
    ['a varint of more than 64 bits', '0x08ffffffffffffffffff7f', 'PROTOBUF_OUT_OF_RANGE'],
    ['a varint of eleven bytes', '0x088080808080808080808001', 'PROTOBUF_OUT_OF_RANGE'],
    ['a group without an end', '0x0b', 'PROTOBUF_INVALID'],
    ['a group that ends as another', '0x0b14', 'PROTOBUF_INVALID'],
    ['an end without a group', '0x0c', 'PROTOBUF_INVALID'],
    ['groups in groups in groups', `0x${'0b'.repeat(20)}`, 'PROTOBUF_TOO_MANY'],
    ['the field number zero', '0x0001', 'PROTOBUF_INVALID'],
    ['a short fixed number', '0x0d0102', 'PROTOBUF_TOO_SHORT'],
  ])('%s is refused', (_, hex, expected) => {
    const reader = read(hex, 30)
    expect(() => {
      while (reader.next());
    }).toThrow(code(expected))
  })

  it('has to have the right types and ranges', () => {
    const at = (hex: string): ProtobufReader => {
      const reader = read(hex)
      reader.next()
      return reader
    }
    expect(() => at('0x0a00').uint32()).toThrow(code('PROTOBUF_INVALID'))
    expect(() => at('0x0801').bytes()).toThrow(code('PROTOBUF_INVALID'))
    expect(() => at('0x088080808010').uint32()).toThrow(code('PROTOBUF_OUT_OF_RANGE'))
    expect(() => at('0x0802').bool()).toThrow(code('PROTOBUF_OUT_OF_RANGE'))
  })

  it('is counted through all levels before anything is made of it', () => {
    const reader = read('0x0a0410001000 1800'.replaceAll(' ', ''), 3)
    reader.next()
    const inner = reader.message()
    expect([inner.next(), inner.next(), inner.next()]).toEqual([true, true, false])
    expect(() => reader.next()).toThrow(code('PROTOBUF_TOO_MANY'))
  })

  it('never leads to anything but its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const walk = (reader: ProtobufReader, depth: number): void => {
          while (reader.next()) {
            if (depth > 0 && reader.field % 3 === 0) walk(reader.message(), depth - 1)
            else if (reader.field % 3 === 1) reader.uint32()
          }
        }
        try {
          walk(new ProtobufReader(bytes, 20), 3)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError)
        }
      }),
      { seed: 3, numRuns: 5000 },
    )
  })
})
