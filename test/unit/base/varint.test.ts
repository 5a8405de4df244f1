import fc from 'fast-check'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { expect, it } from 'vitest'
import { encodeVarint, putVarint, varintSize } from '../../../node-core/base/varint.ts'

it('are those of protobuf', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(300), fc.maxSafeNat()), (value) => {
      const theirs = new BinaryWriter().uint64(value).finish()
      expect(encodeVarint(value)).toEqual(theirs)
      expect(varintSize(value)).toBe(theirs.length)
      const into = new Uint8Array(theirs.length + 2)
      expect(putVarint(into, 1, value)).toBe(theirs.length + 1)
      expect(into.subarray(1, -1)).toEqual(theirs)
    }),
  )
})
