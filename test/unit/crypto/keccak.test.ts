import { describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { keccakP } from '@noble/hashes/sha3.js'
import { toHex } from '../../../node-core/base/bytes.ts'
import { KECCAK_STATE_SIZE, keccakF1600 } from '../../../node-core/crypto/hashes/keccak.ts'

describe('Keccak-f[1600]', () => {
  it('permutes the zero state as the reference does', () => {
    const state = new Uint8Array(KECCAK_STATE_SIZE)
    keccakF1600(state)
    expect(toHex(state.subarray(0, 16))).toBe('0xe7dde140798f25f18a47c033f9ccd584')
    keccakF1600(state)
    expect(toHex(state.subarray(0, 8))).toBe('0x3ccb6ef94d955c2d')
  })

  it('permutes as noble does, states of one bit and random ones', () => {
    const bits = Array.from({ length: 200 }, (_, i) => {
      const state = new Uint8Array(KECCAK_STATE_SIZE)
      state[i] = 1 << (i % 8)
      return state
    })
    for (const start of [...bits, ...Array.from({ length: 100 }, () => new Uint8Array(randomBytes(KECCAK_STATE_SIZE)))]) {
      const ours = start.slice()
      const theirs = new Uint32Array(start.slice().buffer)
      keccakF1600(ours)
      keccakP(theirs)
      expect(ours).toEqual(new Uint8Array(theirs.buffer))
    }
  })

  it('refuses states of another size', () => {
    expect(() => keccakF1600(new Uint8Array(KECCAK_STATE_SIZE + 1))).toThrow(RangeError)
    expect(() => keccakF1600(new Uint8Array(KECCAK_STATE_SIZE - 1))).toThrow(RangeError)
  })
})
