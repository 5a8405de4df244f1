import { describe, expect, it, test } from 'vitest'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import { encodeArgument, encodeCall, isEmptyType, type Argument } from '../../../../node-core/chain/extrinsics/arguments.ts'
import * as t from './types.ts'

const runtime = t.handMadeRuntime()
const alice = devAccount('//Alice').sr25519.publicKey
const id = toHex(alice).slice(2)

test.each<[string, number, Argument, string]>([
  ['u8', t.U8, 255, 'ff'],
  ['u32 as text', t.U32, '4294967295', 'ffffffff'],
  ['i16', t.I16, -2, 'feff'],
  ['u128', t.U128, (1n << 128n) - 1n, 'ff'.repeat(16)],
  ['bool', t.BOOL, true, '01'],
  ['text', t.TEXT, 'é', '08c3a9'],
  ['nothing', t.UNIT, undefined, ''],
  ['bytes', t.BYTES, '0x0102', '080102'],
  ['an array of bytes', t.HASH, `0x${'ab'.repeat(32)}`, 'ab'.repeat(32)],
  ['a list of tuples', t.PAIRS, [[1, '0x'], [2, Uint8Array.of(9)]], '08010000000002000000' + '0409'],
  ['compact', t.COMPACT, 64n, '0101'],
  ['compact of a structure', t.COMPACT_RATIO, 1, '04'],
  ['an account by its address', t.ACCOUNT, encodeSs58(alice, 0), id],
  ['an account by its id', t.ACCOUNT, toHex(alice), id],
  ['an address', t.ADDRESS, alice, `00${id}`],
  ['an address of another form', t.ADDRESS, { type: 'Raw', value: '0x01' }, '020401'],
  ['an option without a value', t.OPTION, undefined, '00'],
  ['an option with one', t.OPTION, 0, '0100000000'],
  ['a variant without fields', t.MODE, 'Off', '00'],
  ['a variant with fields', t.MODE, { type: 'On', value: { level: 3 } }, '070300'],
])('encodes %s', (_, type, value, expected) => {
  expect(toHex(encodeArgument(runtime, type, value, 'it')).slice(2)).toBe(expected)
})

test.each<[string, number, Argument, RegExp]>([
  ['a number that is too large', t.U8, 256, /^it: 256 does not fit into u8\.$/],
  ['a negative one', t.U32, -1, /does not fit/],
  ['one that is too small', t.I16, -32_769, /does not fit/],
  ['a fraction', t.U32, 1.5, /expected a whole number, not 1\.5/],
  ['a number beyond what one holds exactly', t.U128, 2 ** 60, /expected a whole number/],
  ['a compact that is too large', t.COMPACT, 1n << 128n, /does not fit into u128/],
  ['a word for a number', t.U32, 'one', /not "one"/],
  ['a number for a flag', t.BOOL, 1, /true or false/],
  ['a list for text', t.TEXT, [], /expected text/],
  ['text for bytes', t.BYTES, 'abc', /expected bytes, not "abc"/],
  ['bytes of another length', t.HASH, '0x0102', /expected 32 bytes, not 2/],
  ['a tuple of another length', t.PAIRS, [[1, '0x'], [1]], /^it\[1\]: expected a list of 2, not a list of 1\.$/],
  ['a mistyped address', t.ACCOUNT, '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ', /expected an account\. .*checksum/],
  ['an account of another length', t.ACCOUNT, new Uint8Array(20), /32 bytes, not 20/],
  ['a variant that is not there', t.MODE, 'Sometimes', /Mode has no variant Sometimes/],
  ['a variant without its fields', t.MODE, 'On', /^it: On: expected \{ level, note \}, not nothing\.$/],
  ['a field that is missing', t.MODE, { type: 'On', value: {} }, /^it: On: level: expected a whole number, not nothing\.$/],
  ['a field that is not there', t.MODE, { type: 'On', value: { level: 1, volume: 2 } }, /there is no field volume/],
  ['a value where there is none', t.MODE, { type: 'Off', value: 1 }, /expected nothing, not 1/],
  ['a character', t.CHAR, 'a', /char are not supported/],
  ['bits', t.BITS, [], /not supported/],
])('refuses %s', (_, type, value, message) => {
  expect(() => encodeArgument(runtime, type, value, 'it')).toThrow(expect.objectContaining({ code: 'EXTRINSIC_BAD_ARGUMENT', message: expect.stringMatching(message) as string }))
})

describe('calls', () => {
  const note = { pallet: 'Notes', name: 'note', args: { text: utf8('hi') } }

  it('are two indices and the arguments, and carry each other', () => {
    expect(toHex(encodeCall(runtime, note))).toBe('0x0903086869')
    expect(toHex(encodeCall(runtime, { pallet: 'Notes', name: 'nothing' }))).toBe('0x0904')
    expect(toHex(encodeCall(runtime, { pallet: 'Wrap', name: 'wrap', args: { call: note } }))).toBe('0x0a000903086869')
  })

  it.each([
    [{ pallet: 'Nodes', name: 'note' }, 'The runtime of this chain has no pallet Nodes.'],
    [{ pallet: 'Notes', name: 'noted' }, 'The runtime of this chain has no call Notes.noted.'],
    [{ pallet: 'Wrap', name: 'wrap', args: { call: { pallet: 'Notes', name: 'gone' } } }, 'The runtime of this chain has no call Notes.gone.'],
  ])('that the runtime does not have are refused: %j', (call, message) => {
    expect(() => encodeCall(runtime, call)).toThrow(expect.objectContaining({ code: 'EXTRINSIC_UNKNOWN_CALL', message }))
  })

  it('say where an argument is wrong', () => {
    const bad = { pallet: 'Wrap', name: 'wrap', args: { call: { pallet: 'Notes', name: 'note', args: { text: 5 } } } }
    expect(() => encodeCall(runtime, bad)).toThrow('Wrap.wrap: call: Notes.note: text: expected bytes, not 5.')
    expect(() => encodeCall(runtime, { pallet: 'Notes', name: 'note', args: {} })).toThrow('Notes.note: text: expected bytes, not nothing.')
    expect(() => encodeCall(runtime, { pallet: 'Wrap', name: 'wrap', args: { call: 'Notes.note' } })).toThrow('expected a call { pallet, name, args }')
  })

  it('that nest without an end are refused', () => {
    let call: Argument = note
    for (let depth = 0; depth < 200; depth++) call = { pallet: 'Wrap', name: 'wrap', args: { call } }
    expect(() => encodeArgument(runtime, runtime.call, call, 'it')).toThrow(/nest more than/)
  })
})

test('types without bytes are known', () => {
  expect([t.UNIT, t.U8, t.OPTION, t.BYTES, t.ACCOUNT].map((type) => isEmptyType(runtime, type))).toEqual([true, false, false, false, false])
})
