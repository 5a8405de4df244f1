import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactNumber, parseExact, printExact, type ExactObject, type ExactValue } from '../../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'

describe('exact JSON', () => {
  it.each(['340282366920938463463374607431768211455', '-9007199254740993', '1.10', '1E400', '0.1e-7', '-0', '9007199254740993'])('keeps the digits of %s', (number) => {
    const text = `{"balances":[["5Grw",${number}]],"x":${number}}`
    expect(parseExact(number)).toEqual(new ExactNumber(number))
    expect(printExact(parseExact(text))).toBe(text)
  })

  it('leaves a number that is exact as it is', () => {
    expect(parseExact('[0, 12, -3, 1.5, 9007199254740991]')).toEqual([0, 12, -3, 1.5, 9007199254740991])
  })

  it('does not take digits in strings for numbers, whatever stands before the quote', () => {
    const value = { 'a"1': '12345678901234567890', b: 'x\\', c: '\\"99999999999999999999', d: 'number:1', e: '.number:2' }
    const text = JSON.stringify({ ...value, f: 0 }).replace('0}', '99999999999999999999}')
    expect(parseExact(text)).toEqual({ ...value, f: new ExactNumber('99999999999999999999') })
  })

  it('prints what it reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const printed = printExact(parseExact(text), indent)
        expect(JSON.parse(printed)).toEqual(JSON.parse(text))
        expect(printed).toBe(text)
      }),
    )
  })

  it('keeps keys that name something else in this language', () => {
    const parsed = parseExact('{"__proto__": {"a": 1}, "constructor": 12345678901234567890}') as ExactObject
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor'])
    expect(printExact(parsed)).toBe('{"__proto__":{"a":1},"constructor":12345678901234567890}')
  })

  it.each(['', '{', '[1,]', '{"a": 01}', "{'a': 1}", '1 2'])('refuses %j', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError)
  })

  it('takes strings of megabytes', () => {
    const code = `0x${'ab'.repeat(2_000_000)}`
    expect((parseExact(JSON.stringify({ code })) as { code: ExactValue }).code).toBe(code)
  })
})
