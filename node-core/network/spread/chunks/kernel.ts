/**
 * The inner loop of the code: outputs = matrix · inputs, over shards of many bytes. All the time of encoding and decoding is spent here.
 *
 * A product by a constant c is linear, so c·x = c·(low four bits of x) + c·(high four bits of x), and each half has 16 values: a table that
 * fits one vector register, looked up for 16 bytes at once by `i8x16.swizzle`. Wasm has that instruction, JavaScript none like it. Where the
 * processor is too old for Wasm's vectors, a table of 256 products and a loop over single bytes do the same, about ten times slower.
 *
 * Shards are worked off in blocks that stay in the processor's caches. Nothing here is secret: time may depend on data.
 */
import { ModuleBuilder, OP, SIMD } from '../../../crypto/curve25519/emitter.ts'
import { multiply } from './gf256.ts'
import type { Matrix } from './matrix.ts'

/** outputs[i] = sum of matrix[i][j] · inputs[j]. All shards have one length, outputs are written over. At most 64 outputs. */
export type Kernel = (matrix: Matrix, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]) => void

const MAX_OUTPUTS = 64
/** Bytes of a shard that are worked off together; a multiple of STEP. */
const BLOCK = 8192
/** Bytes of one turn of the loop. */
const STEP = 64
/** Addresses: 256 tables of 32 bytes, one block of input, and one of each output. */
const TABLES = 0
const INPUT = 256 * 32
const OUTPUTS = INPUT + BLOCK

/** The kernel with a table of 256 bytes for each constant: for processors without vectors in Wasm. */
export const plainKernel: Kernel = (matrix, inputs, outputs) => {
  const table = new Uint8Array(256)
  for (const [i, output] of outputs.entries()) {
    output.fill(0)
    for (const [j, input] of inputs.entries()) {
      const factor = matrix[i]?.[j] as number
      if (factor === 0) continue
      for (let x = 0; x < 256; x++) table[x] = multiply(factor, x)
      for (let at = 0; at < output.length; at++) output[at] = (output[at] as number) ^ (table[input[at] as number] as number)
    }
  }
}

interface Instance {
  readonly memory: { readonly buffer: ArrayBuffer }
  /** The `bytes` > 0, a multiple of STEP, at `output` += the product of those at INPUT and the constant of the table at `table`. */
  addProduct(output: number, input: number, table: number, bytes: number): void
}

/** Undefined where there are no vectors. */
function instantiate(): Instance | undefined {
  const module = new ModuleBuilder()
  module.add({ name: 'addProduct', params: 4, v128s: 4 }, (code) => {
    const [output, input, table, bytes] = [0, 1, 2, 3]
    const [low, high, mask, x] = [code.vector(0), code.vector(1), code.vector(2), code.vector(3)]
    code.loadVector({ local: table, offset: 0 }).set(low)
    code.loadVector({ local: table, offset: 16 }).set(high)
    code.i32(0x0f).simd(SIMD.i8x16Splat).set(mask)
    code.repeatWhile(() => {
      for (let at = 0; at < STEP; at += 16) {
        code.loadVector({ local: input, offset: at }).set(x)
        code.storeVector({ local: output, offset: at }, 0, () => {
          code.loadVector({ local: output, offset: at })
          code.get(low).get(x).get(mask).simd(SIMD.and).simd(SIMD.i8x16Swizzle).simd(SIMD.xor)
          code.get(high).get(x).i32(4).simd(SIMD.i64x2ShrU).get(mask).simd(SIMD.and).simd(SIMD.i8x16Swizzle).simd(SIMD.xor)
        })
      }
      for (const place of [output, input]) code.get(place).i32(STEP).op(OP.i32Add).set(place)
      code.get(bytes).i32(STEP).op(OP.i32Sub).set(bytes).get(bytes)
    })
  })
  const binary = module.build(Math.ceil((OUTPUTS + MAX_OUTPUTS * BLOCK) / 65_536))
  if (!WebAssembly.validate(binary)) return undefined
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary))
  const instance = exports as unknown as Instance
  const tables = new Uint8Array(instance.memory.buffer, TABLES, INPUT)
  for (let factor = 0; factor < 256; factor++) {
    for (let half = 0; half < 16; half++) {
      tables[32 * factor + half] = multiply(factor, half)
      tables[32 * factor + 16 + half] = multiply(factor, half << 4)
    }
  }
  return instance
}

function vectorKernel(instance: Instance): Kernel {
  const image = new Uint8Array(instance.memory.buffer)
  return (matrix, inputs, outputs) => {
    const length = outputs[0]?.length ?? 0
    if (outputs.length > MAX_OUTPUTS) throw new RangeError(`at most ${MAX_OUTPUTS} shards are made at once, not ${outputs.length}`)
    for (let start = 0; start < length; start += BLOCK) {
      const end = Math.min(start + BLOCK, length)
      // What lies behind the last byte is multiplied along and not looked at.
      const bytes = Math.ceil((end - start) / STEP) * STEP
      image.fill(0, OUTPUTS, OUTPUTS + outputs.length * BLOCK)
      for (const [j, input] of inputs.entries()) {
        image.set(input.subarray(start, end), INPUT)
        for (let i = 0; i < outputs.length; i++) {
          const factor = matrix[i]?.[j] as number
          if (factor !== 0) instance.addProduct(OUTPUTS + i * BLOCK, INPUT, TABLES + 32 * factor, bytes)
        }
      }
      for (const [i, output] of outputs.entries()) output.set(image.subarray(OUTPUTS + i * BLOCK, OUTPUTS + i * BLOCK + end - start), start)
    }
  }
}

const instance = instantiate()

/** The fastest kernel of this computer. */
export const kernel: Kernel = instance === undefined ? plainKernel : vectorKernel(instance)
