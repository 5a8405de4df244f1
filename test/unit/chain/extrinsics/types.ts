/** A runtime of a few types, put together by hand: one pallet with calls of every kind of argument. */
import type { Extension, RuntimeTypes, TypeEntry, TypeField } from '../../../../node-core/chain/explorer/runtime-types.ts'

const types: TypeEntry[] = []

function add(def: TypeEntry['def'], path: string[] = []): number {
  return types.push({ id: types.length, path, params: [], def, docs: [] }) - 1
}

const primitive = (tag: string): number => add({ tag: 'primitive', value: { tag, value: undefined } as never })
const field = (name: string | undefined, type: number): TypeField => ({ name, type, typeName: undefined, docs: [] })
const variants = (path: string[], list: readonly (readonly [name: string, index: number, fields: readonly TypeField[]])[]): number =>
  add({ tag: 'variant', value: list.map(([name, index, fields]) => ({ name, index, fields: [...fields], docs: [] })) }, path)

export const U8 = primitive('u8')
export const U32 = primitive('u32')
export const I16 = primitive('i16')
export const U128 = primitive('u128')
export const BOOL = primitive('bool')
export const TEXT = primitive('str')
export const CHAR = primitive('char')
export const UNIT = add({ tag: 'tuple', value: [] })
export const BYTES = add({ tag: 'sequence', value: U8 })
export const HASH = add({ tag: 'array', value: { len: 32, type: U8 } })
export const PAIR = add({ tag: 'tuple', value: [U32, BYTES] })
export const PAIRS = add({ tag: 'sequence', value: PAIR })
export const COMPACT = add({ tag: 'compact', value: U128 })
const ratio = add({ tag: 'composite', value: [field(undefined, U32)] }, ['Perbill'])
export const COMPACT_RATIO = add({ tag: 'compact', value: ratio })
export const BITS = add({ tag: 'bitSequence', value: { bitStoreType: U8, bitOrderType: UNIT } })
export const ACCOUNT = add({ tag: 'composite', value: [field(undefined, HASH)] }, ['sp_core', 'crypto', 'AccountId32'])
export const ADDRESS = variants(['sp_runtime', 'MultiAddress'], [['Id', 0, [field(undefined, ACCOUNT)]], ['Raw', 2, [field(undefined, BYTES)]]])
export const OPTION = variants(['Option'], [['None', 0, []], ['Some', 1, [field(undefined, U32)]]])
export const MODE = variants(['Mode'], [['Off', 0, []], ['On', 7, [field('level', U8), field('note', OPTION)]]])
const signature64 = add({ tag: 'array', value: { len: 64, type: U8 } })
const SIGNATURE = variants(['sp_runtime', 'MultiSignature'], [['Ed25519', 0, [field(undefined, signature64)]], ['Sr25519', 1, [field(undefined, signature64)]]])
const palletCall = variants(['Call'], [['note', 3, [field('text', BYTES)]], ['nothing', 4, []]])
const outerCall = variants(['RuntimeCall'], [['Notes', 9, [field(undefined, palletCall)]]])
// A call that carries another refers to a type that comes after it.
const wrapCall = variants(['Call'], [['wrap', 0, [field('call', outerCall)]]])
;(types[outerCall]?.def.value as unknown[]).push({ name: 'Wrap', index: 10, fields: [field(undefined, wrapCall)], docs: [] })

export function handMadeRuntime(extensions: readonly Extension[] = []): RuntimeTypes {
  return {
    types, pallets: new Map(), address: ADDRESS, signature: SIGNATURE, call: outerCall,
    extensions: new Map([[0, extensions]]), events: undefined, accounts: undefined,
  }
}
