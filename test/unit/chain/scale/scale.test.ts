import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { assertExtrinsic, decodeBody, encodeBody } from '../../../../node-core/chain/scale/block.ts'
import { decodeDigest, decodeHeader, encodeDigest, encodeHeader, splitSeal, type DigestItem, type Header } from '../../../../node-core/chain/scale/header.ts'
import { decodeJustification, encodeJustification } from '../../../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { decodeAll, ScaleError, ScaleReader } from '../../../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash: fc.Arbitrary<Hash> = bytesOf(32).map(toHex)
const number = fc.nat({ max: 0xffff_ffff })
const digestItem: fc.Arbitrary<DigestItem> = fc.oneof(
  fc.record({ type: fc.constantFrom('preRuntime', 'consensus', 'seal'), engine: fc.constantFrom('BABE', 'FRNK', 'BEEF'), data: fc.uint8Array() }),
  fc.record({ type: fc.constant('other' as const), data: fc.uint8Array() }),
  fc.constant({ type: 'runtimeEnvironmentUpdated' as const }),
)
const header: fc.Arbitrary<Header> = fc.record({
  parentHash: hash,
  number,
  stateRoot: hash,
  extrinsicsRoot: hash,
  digest: fc.array(digestItem, { maxLength: 5 }),
})

describe('compact integers', () => {
  // The boundaries of the four modes, from the definition in the specification.
  it.each([
    [0n, '0x00'],
    [63n, '0xfc'],
    [64n, '0x0101'],
    [16383n, '0xfdff'],
    [16384n, '0x02000100'],
    [(1n << 30n) - 1n, '0xfeffffff'],
    [1n << 30n, '0x0300000040'],
    [(1n << 32n) - 1n, '0x03ffffffff'],
    [1n << 32n, '0x070000000001'],
    [(1n << 64n) - 1n, '0x13ffffffffffffffff'],
  ])('%s is %s', (value, encoded) => {
    expect(toHex(new ScaleWriter().compact(value).finish())).toBe(encoded)
    expect(new ScaleReader(fromHex(encoded)).compact()).toBe(value)
  })

  it('round-trips', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 536n) - 1n }), (value) => {
        expect(decodeAll(new ScaleWriter().compact(value).finish(), 'a compact', (r) => r.compact())).toBe(value)
      }),
    )
  })

  it.each(['0x0100', '0x02000000', '0x03ffffff00', '0x070000000000', '0x030000003f'])('refuses %s, which is not the shortest form', (encoded) => {
    expect(() => new ScaleReader(fromHex(encoded)).compact()).toThrow(ScaleError)
  })
})

describe('ScaleReader', () => {
  it('refuses to read what is not there', () => {
    expect(() => new ScaleReader(Uint8Array.of(8, 1)).bytes()).toThrow(/2 bytes expected, 1 left/)
    expect(() => new ScaleReader(new Uint8Array(3)).u32()).toThrow(ScaleError)
    expect(() => new ScaleReader(Uint8Array.of(2)).bool()).toThrow('not a boolean')
  })

  it('refuses a count that cannot fit before it reads a single item', () => {
    let calls = 0
    const bomb = new ScaleWriter().compact(1_000_000_000).u32(0).finish()
    expect(() => new ScaleReader(bomb).vec(() => calls++, 4)).toThrow(ScaleError)
    expect(() => new ScaleReader(Uint8Array.of(12, 0, 0, 0)).vec((r) => r.u8(), 1, 2)).toThrow('at most 2')
    expect(calls).toBe(0)
  })

  it('refuses integers that a number cannot hold', () => {
    expect(() => new ScaleReader(new ScaleWriter().u64(1n << 60n).finish()).u64Number()).toThrow('out of range')
  })

  it('reads u128 and options', () => {
    const value = (1n << 127n) + 5n
    const encoded = new ScaleWriter().option(value, (w, v) => w.u128(v)).option(undefined, (w) => w).finish()
    const reader = new ScaleReader(encoded)
    expect([reader.option((r) => r.u128()), reader.option((r) => r.u8())]).toEqual([value, undefined])
  })
})

describe('headers', () => {
  it('round-trip', () => {
    fc.assert(fc.property(header, (value) => void expect(decodeHeader(encodeHeader(value))).toEqual(value)))
  })

  it('refuse bytes behind their end, and every truncation', () => {
    const [sample] = fc.sample(header, { numRuns: 1, seed: 7 }) as [Header]
    const encoded = encodeHeader(sample)
    expect(() => decodeHeader(Uint8Array.of(...encoded, 0))).toThrow(/after the end/)
    for (let length = 0; length < encoded.length; length++) expect(() => decodeHeader(encoded.subarray(0, length))).toThrow(ScaleError)
  })

  it('give up their seal only to its engine', () => {
    const digest: DigestItem[] = [
      { type: 'preRuntime', engine: 'BABE', data: Uint8Array.of(1) },
      { type: 'seal', engine: 'BABE', data: Uint8Array.of(2) },
    ]
    const [sample] = fc.sample(header, { numRuns: 1, seed: 1 }) as [Header]
    const sealed = { ...sample, digest }
    expect(splitSeal(sealed, 'BABE')).toEqual({ unsealed: { ...sealed, digest: digest.slice(0, 1) }, seal: Uint8Array.of(2) })
    expect(splitSeal(sealed, 'aura')).toBeUndefined()
    expect(splitSeal({ ...sealed, digest: digest.slice(0, 1) }, 'BABE')).toBeUndefined()
  })

  it('refuse unknown digest items', () => {
    expect(() => decodeDigest(Uint8Array.of(4, 3))).toThrow('unknown digest item 3')
    expect(decodeDigest(encodeDigest([{ type: 'runtimeEnvironmentUpdated' }]))).toEqual([{ type: 'runtimeEnvironmentUpdated' }])
  })
})

describe('bodies', () => {
  it('keep the length prefix of each extrinsic', () => {
    const body = decodeBody(fromHex('0x08280403000b5095a05172011004140000'))
    expect(body.map(toHex)).toEqual(['0x280403000b5095a0517201', '0x1004140000'])
    expect(toHex(encodeBody(body))).toBe('0x08280403000b5095a05172011004140000')
  })

  it('round-trip', () => {
    const extrinsic = fc.uint8Array({ maxLength: 300 }).map((inner) => new ScaleWriter().bytes(inner).finish())
    fc.assert(fc.property(fc.array(extrinsic), (body) => void expect(decodeBody(encodeBody(body))).toEqual(body)))
  })

  it('tell a whole extrinsic from a part of one', () => {
    expect(() => assertExtrinsic(Uint8Array.of(8, 1, 2))).not.toThrow()
    expect(() => assertExtrinsic(Uint8Array.of(8, 1))).toThrow('says 2 bytes and has 1')
    expect(() => assertExtrinsic(new Uint8Array(0))).toThrow(ScaleError)
  })
})

describe('justifications', () => {
  it('round-trip', () => {
    const precommit = fc.record({ targetHash: hash, targetNumber: number, signature: bytesOf(64), authorityId: hash })
    const justification = fc.record({
      round: fc.nat(),
      targetHash: hash,
      targetNumber: number,
      precommits: fc.array(precommit, { maxLength: 5 }),
      votesAncestries: fc.array(header, { maxLength: 3 }),
    })
    fc.assert(fc.property(justification, (value) => void expect(decodeJustification(encodeJustification(value))).toEqual(value)))
  })
})

describe('memory', () => {
  it('is not shared with the message, whatever kind of array it came in', () => {
    const message = Buffer.from([8, 1, 2])
    const bytes = new ScaleReader(message).bytes()
    message.fill(0)
    expect(bytes).toEqual(Uint8Array.of(1, 2))
  })
})
