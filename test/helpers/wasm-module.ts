/**
 * A Wasm assembler just large enough for hand-made runtimes: functions of the form `(i32, i32) -> i64`, imports from
 * `env`, one memory, `__heap_base`, mutable globals and data. Instructions are bytes, by the names in {@link op}.
 */
import { utf8 } from '../../node-core/base/bytes.ts'

export type ValueType = 'i32' | 'i64'

export interface WasmImport {
  readonly name: string
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export interface WasmSpec {
  /** Their function indices count from 0. */
  readonly imports?: readonly WasmImport[]
  /** Exported entries, with indices after those of the imports. `locals` i32 variables follow the two parameters. */
  readonly entries: Readonly<Record<string, { readonly locals?: number; readonly body: readonly number[] }>>
  readonly memory?: 'imported' | 'own'
  readonly memoryPages?: number
  /** i32, mutable, 0 at first. */
  readonly globals?: number
  readonly data?: { readonly offset: number; readonly bytes: Uint8Array }
  /** Where the heap begins; `undefined` leaves the export out. */
  readonly heapBase?: number | undefined
  readonly custom?: Readonly<Record<string, Uint8Array>>
}

export const op = {
  unreachable: [0x00],
  loop: [0x03, 0x40],
  end: [0x0b],
  br: (depth: number) => [0x0c, depth],
  drop: [0x1a],
  call: (index: number) => [0x10, ...leb(index)],
  localGet: (index: number) => [0x20, ...leb(index)],
  localSet: (index: number) => [0x21, ...leb(index)],
  globalGet: (index: number) => [0x23, ...leb(index)],
  globalSet: (index: number) => [0x24, ...leb(index)],
  i32Load: [0x28, 2, 0],
  i32Store: [0x36, 2, 0],
  /** Eight bytes at an address plus `offset`. */
  i64Load: (offset: number) => [0x29, 0, ...leb(offset)],
  i64Store: (offset: number) => [0x37, 0, ...leb(offset)],
  memoryGrow: [0x40, 0],
  i32: (value: number) => [0x41, ...signedLeb(BigInt(value))],
  i64: (value: bigint) => [0x42, ...signedLeb(value)],
  i32Add: [0x6a],
  i32WrapI64: [0xa7],
  i64ExtendI32U: [0xad],
  i64Or: [0x84],
  i64Shl: [0x86],
} as const

/** The span of `length` bytes at `address`, as an instruction. */
export function spanOf(address: number, length: number): number[] {
  return op.i64((BigInt(length) << 32n) | BigInt(address))
}

const TYPE = { i32: 0x7f, i64: 0x7e } as const
const ENTRY_TYPE = functionType(['i32', 'i32'], ['i64'])

export function wasmModule(spec: WasmSpec): Uint8Array {
  const { imports = [], memory = 'imported', memoryPages = 2, globals = 0, data, custom = {} } = spec
  const heapBase = 'heapBase' in spec ? spec.heapBase : 65_536
  const entries = Object.entries(spec.entries)
  const importEntries = imports.map(({ name }, i) => [...text('env'), ...text(name), 0, ...leb(i + 1)])
  if (memory === 'imported') importEntries.push([...text('env'), ...text('memory'), 2, 0, ...leb(memoryPages)])
  const exports = entries.map(([name], i) => [...text(name), 0, ...leb(imports.length + i)])
  if (memory === 'own') exports.push([...text('memory'), 2, 0])
  if (heapBase !== undefined) exports.push([...text('__heap_base'), 3, ...leb(globals)])
  const globalEntries = Array.from({ length: globals }, () => [TYPE.i32, 1, ...op.i32(0), ...op.end])
  if (heapBase !== undefined) globalEntries.push([TYPE.i32, 0, ...op.i32(heapBase), ...op.end])
  const declare = (locals: number): number[] => (locals === 0 ? [0] : [1, ...leb(locals), TYPE.i32])
  const bodies = entries.map(([, { locals = 0, body }]) => sized([...declare(locals), ...body, ...op.end]))
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [ENTRY_TYPE, ...imports.map(({ params, results }) => functionType(params, results))]),
    ...section(2, importEntries),
    ...section(3, entries.map(() => [0])),
    ...(memory === 'own' ? section(5, [[0, ...leb(memoryPages)]]) : []),
    ...section(6, globalEntries),
    ...section(7, exports),
    ...section(10, bodies),
    ...(data === undefined ? [] : section(11, [[0, ...op.i32(data.offset), ...op.end, ...sized([...data.bytes])]])),
    ...Object.entries(custom).flatMap(([name, bytes]) => [0, ...sized([...text(name), ...bytes])]),
  ])
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return items.length === 0 ? [] : [id, ...sized([...leb(items.length), ...items.flat()])]
}

function functionType(params: readonly ValueType[], results: readonly ValueType[]): number[] {
  return [0x60, params.length, ...params.map((type) => TYPE[type]), results.length, ...results.map((type) => TYPE[type])]
}

function sized(bytes: readonly number[]): number[] {
  return [...leb(bytes.length), ...bytes]
}

function text(value: string): number[] {
  return sized([...utf8(value)])
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}

function signedLeb(value: bigint): number[] {
  const low = Number(value & 0x7fn)
  const rest = value >> 7n
  const last = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
  return last ? [low] : [low | 0x80, ...signedLeb(rest)]
}
