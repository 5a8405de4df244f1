/**
 * A small assembler for WebAssembly (webassembly.github.io/spec/core/binary): just what straight-line integer arithmetic needs.
 *
 * JavaScript has no 64-bit integers that a compiler keeps in registers, Wasm has. The modules of this folder are written in
 * TypeScript that emits Wasm when it is loaded, so there is neither a toolchain nor a binary that nobody can read. `Code` collects
 * the instructions of one function, `ModuleBuilder` the functions of a module with one memory.
 *
 * Restrictions: parameters are i32 (addresses, counts), a result is i32 or nothing, locals are i32, i64 or v128.
 */

/** Opcodes used here, by their names in the specification. */
export const OP = {
  return: 0x0f,
  i32Eqz: 0x45, i32And: 0x71, i32Or: 0x72, i32Add: 0x6a, i32Sub: 0x6b, i32Xor: 0x73, i32WrapI64: 0xa7,
  i64Eqz: 0x50, i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64And: 0x83, i64Or: 0x84, i64Xor: 0x85, i64Shl: 0x86,
  i64ShrS: 0x87, i64ShrU: 0x88, i64Rotl: 0x89,
} as const

/** Opcodes of the vector instructions, which stand behind a prefix: `Code.simd`. */
export const SIMD = { i8x16Swizzle: 0x0e, i8x16Splat: 0x0f, and: 0x4e, xor: 0x51, i64x2ShrU: 0xcd } as const

const SIMD_PREFIX = 0xfd
const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const ELSE = 0x05
const END = 0x0b
const BR = 0x0c
const BR_IF = 0x0d
const CALL = 0x10
const I32 = 0x7f
const I64 = 0x7e
const V128 = 0x7b
const NOTHING = 0x40

/** An element in memory: an address that is known now, or one held by an i32 local, with an offset in bytes. */
export type Place = number | { readonly local: number; readonly offset: number }

/** The instructions of one function. Methods emit at the end and return `this`. */
export class Code {
  readonly bytes: number[] = []
  readonly #i64Locals: number
  readonly #v128Locals: number

  /** The index of the first i64 local and of the first v128 local; see `ModuleBuilder.add`. */
  constructor(i64Locals: number, v128Locals: number) {
    this.#i64Locals = i64Locals
    this.#v128Locals = v128Locals
  }

  /** Index of the `n`-th i64 local. */
  wide(n: number): number {
    return this.#i64Locals + n
  }

  /** Index of the `n`-th v128 local. */
  vector(n: number): number {
    return this.#v128Locals + n
  }

  op(...opcodes: readonly number[]): this {
    this.bytes.push(...opcodes)
    return this
  }

  get(local: number): this {
    return this.op(0x20, ...unsigned(local))
  }

  set(local: number): this {
    return this.op(0x21, ...unsigned(local))
  }

  i32(value: number): this {
    return this.op(0x41, ...signed(BigInt(value)))
  }

  i64(value: bigint | number): this {
    return this.op(0x42, ...signed(BigInt(value)))
  }

  call(index: number): this {
    return this.op(CALL, ...unsigned(index))
  }

  /** Pushes the address of a place. */
  address(place: Place): this {
    if (typeof place === 'number') return this.i32(place)
    this.get(place.local)
    return place.offset === 0 ? this : this.i32(place.offset).op(OP.i32Add)
  }

  /** Pushes the i64 at `place` + `at` bytes. */
  load(place: Place, at = 0): this {
    return this.#base(place).op(0x29, 3, ...unsigned(offsetOf(place) + at))
  }

  /** Pushes the i32 at `place` + `at` bytes. */
  load32(place: Place, at = 0): this {
    return this.#base(place).op(0x28, 2, ...unsigned(offsetOf(place) + at))
  }

  /** Stores the i64 that `value` pushes at `place` + `at` bytes. */
  store(place: Place, at: number, value: () => unknown): this {
    this.#base(place)
    value()
    return this.op(0x37, 3, ...unsigned(offsetOf(place) + at))
  }

  simd(opcode: number): this {
    return this.op(SIMD_PREFIX, ...unsigned(opcode))
  }

  /** Pushes the v128 at `place` + `at` bytes. */
  loadVector(place: Place, at = 0): this {
    return this.#base(place).op(SIMD_PREFIX, 0x00, 4, ...unsigned(offsetOf(place) + at))
  }

  /** Stores the v128 that `value` pushes at `place` + `at` bytes. */
  storeVector(place: Place, at: number, value: () => unknown): this {
    this.#base(place)
    value()
    return this.op(SIMD_PREFIX, 0x0b, 4, ...unsigned(offsetOf(place) + at))
  }

  /** Repeats `body` as long as it leaves a non-zero i32 on the stack. */
  repeatWhile(body: () => unknown): this {
    this.op(LOOP, NOTHING)
    body()
    return this.op(BR_IF, 0, END)
  }

  /** Runs `body` where the i32 on the stack is not zero, `otherwise` where it is. */
  if(body: () => unknown, otherwise?: () => unknown): this {
    this.op(IF, NOTHING)
    body()
    if (otherwise !== undefined) {
      this.op(ELSE)
      otherwise()
    }
    return this.op(END)
  }

  /** Repeats `body` while the i32 that `condition` pushes is not zero; asked first. */
  while(condition: () => unknown, body: () => unknown): this {
    this.op(BLOCK, NOTHING, LOOP, NOTHING)
    condition()
    this.op(OP.i32Eqz, BR_IF, 1)
    body()
    return this.op(BR, 0, END, END)
  }

  #base(place: Place): this {
    return typeof place === 'number' ? this.i32(0) : this.get(place.local)
  }
}

export interface FunctionShape {
  /** Exported under this name. */
  readonly name?: string
  /** i32 parameters: locals 0, 1, … */
  readonly params?: number
  /** One i32 comes back. */
  readonly result?: boolean
  /** Further i32 locals, behind the parameters. */
  readonly i32s?: number
  /** i64 locals: `code.wide(0)`, `code.wide(1)`, … */
  readonly i64s?: number
  /** v128 locals: `code.vector(0)`, `code.vector(1)`, … */
  readonly v128s?: number
}

/** A module with one memory, exported as `memory`. */
export class ModuleBuilder {
  readonly #types: number[][] = []
  readonly #typeOf: number[] = []
  readonly #bodies: number[][] = []
  readonly #exports: number[][] = [[...text('memory'), 2, 0]]

  /** Adds a function and returns its index, for `Code.call`. */
  add({ name, params = 0, result = false, i32s = 0, i64s = 0, v128s = 0 }: FunctionShape, emit: (code: Code) => unknown): number {
    const index = this.#bodies.length
    const type = [0x60, ...vector(Array.from({ length: params }, () => [I32])), ...vector(result ? [[I32]] : [])]
    let typeIndex = this.#types.findIndex((known) => known.join() === type.join())
    if (typeIndex < 0) typeIndex = this.#types.push(type) - 1
    this.#typeOf.push(typeIndex)
    const code = new Code(params + i32s, params + i32s + i64s)
    emit(code)
    const locals = vector([[...unsigned(i32s), I32], [...unsigned(i64s), I64], ...(v128s === 0 ? [] : [[...unsigned(v128s), V128]])])
    const body = [...locals, ...code.bytes, END]
    this.#bodies.push([...unsigned(body.length), ...body])
    if (name !== undefined) this.#exports.push([...text(name), 0, ...unsigned(index)])
    return index
  }

  /** The module's binary; `pages` of 64 KiB are its memory. */
  build(pages: number): Uint8Array<ArrayBuffer> {
    const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
    return Uint8Array.from([
      0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
      ...section(1, vector(this.#types)),
      ...section(3, vector(this.#typeOf.map(unsigned))),
      ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
      ...section(7, vector(this.#exports)),
      ...section(10, vector(this.#bodies)),
    ])
  }
}

function offsetOf(place: Place): number {
  return typeof place === 'number' ? place : place.offset
}

/** LEB128. */
function unsigned(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest & 0x7f) | 0x80)
  return [...out, rest]
}

/** Signed LEB128. */
function signed(value: bigint): number[] {
  const out: number[] = []
  let rest = value
  for (; rest < -64n || rest > 63n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80)
  return [...out, Number(rest & 0x7fn)]
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): number[] {
  return vector([...Buffer.from(value)].map((byte) => [byte]))
}
