/** Unpacking runtime code: what is zstd, and what only looks like it. */
import { zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { concatBytes, fromHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { MAX_CODE_SIZE, unpackCode } from '../../../../node-core/chain/runtime/code/code.ts'

const PREFIX = fromHex('0x52bc537646db8e05')
const packed = (...frames: readonly Uint8Array[]): Uint8Array => concatBytes(PREFIX, ...frames)
const CODE = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7)
const FRAME = zstdCompressSync(CODE)

it('is left as it is without the prefix', () => {
  expect(unpackCode(CODE)).toBe(CODE)
})

it('unpacks one frame, and several', () => {
  expect(Buffer.compare(unpackCode(packed(FRAME)), CODE)).toBe(0)
  expect(Buffer.compare(unpackCode(packed(FRAME, zstdCompressSync(utf8('and more')))), concatBytes(CODE, utf8('and more')))).toBe(0)
})

it.each([
  ['a frame that ends early', packed(FRAME.subarray(0, -5)), 'it does not unpack'],
  ['anything behind the last frame', packed(FRAME, utf8('rubbish!')), 'it does not unpack'],
  ['more than a runtime may be', packed(zstdCompressSync(new Uint8Array(MAX_CODE_SIZE + 1))), `it unpacks to more than ${MAX_CODE_SIZE} bytes`],
])('refuses %s', (_, value, reason) => {
  expect(() => unpackCode(value)).toThrow(expect.objectContaining({ code: 'RUNTIME_INVALID_CODE', message: expect.stringContaining(reason) }))
})
