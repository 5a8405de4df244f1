import { describe, expect, it } from 'vitest'
import { ExactNumber } from '../../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { mergePatch } from '../../../../../node-core/chain/spec/runtime-genesis/merge.ts'

describe('a patch over a genesis configuration', () => {
  it.each([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: { x: 1, y: 2 } }, { a: { y: 3, z: 4 } }, { a: { x: 1, y: 3, z: 4 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: 1 }, {}, { a: 1 }],
    [{ a: { b: 1 } }, { a: 2 }, { a: 2 }],
    [{ a: 2 }, { a: { b: 1 } }, { a: { b: 1 } }],
    // Nobody is root: null is a value, and does not bring the default back.
    [{ sudo: { key: '5Grw' } }, { sudo: { key: null } }, { sudo: { key: null } }],
    [{ a: {} }, { b: { c: null } }, { a: {}, b: { c: null } }],
    [[1], { a: 1 }, { a: 1 }],
  ])('%j and %j give %j', (base, patch, merged) => {
    expect(mergePatch(base, patch)).toEqual(merged)
  })

  it('carries numbers of any size, and changes neither side', () => {
    const base = { balances: { balances: [] }, other: new ExactNumber('99999999999999999999') }
    const patch = { balances: { balances: [['5Grw', new ExactNumber('340282366920938463463374607431768211455')]] } }
    expect(mergePatch(base, patch)).toEqual({ ...patch, other: new ExactNumber('99999999999999999999') })
    expect(base.balances.balances).toEqual([])
  })

  it('has no way into the prototype', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}'))
    expect(Object.keys(merged as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})
