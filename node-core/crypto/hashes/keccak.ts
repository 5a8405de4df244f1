/**
 * The permutation Keccak-f[1600] (FIPS 202, section 3), emitted as Wasm: it works on 64-bit lanes, which JavaScript can only keep as
 * pairs of 32-bit numbers. Merlin's transcripts are little else.
 *
 * Lane (x, y) is the i64 at 8 * (x + 5y), little-endian. There is neither a branch nor an address that depends on data, and nothing of
 * the state stays behind, so transcripts may hold secrets.
 */
import { ModuleBuilder, OP, type Code } from '../curve25519/emitter.ts'

/** Bytes of the state. */
export const KECCAK_STATE_SIZE = 200

const ROUNDS = 24
/** Addresses: the state, and the round constants behind it. */
const STATE = 0
const CONSTANTS = 256

const FIVE = [0, 1, 2, 3, 4] as const
const lane = (x: number, y: number): number => (x % 5) + 5 * (y % 5)

/** Rotations of rho, by lane: the triangular numbers along the path of section 3.2.2. */
function rotations(): readonly number[] {
  const out = new Array<number>(25).fill(0)
  for (let t = 0, x = 1, y = 0; t < 24; t++) {
    out[lane(x, y)] = (((t + 1) * (t + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return out
}

/** The constants of iota: bits 2^j - 1 of each come from a shift register (section 3.2.5). */
function roundConstants(): BigUint64Array {
  let register = 1
  return BigUint64Array.from({ length: ROUNDS }, () => {
    let constant = 0n
    for (let j = 0; j <= 6; j++) {
      if ((register & 1) === 1) constant |= 1n << BigInt(2 ** j - 1)
      register = (register << 1) ^ ((register & 0x80) === 0 ? 0 : 0x171)
    }
    return constant
  })
}

/** One round: theta, rho and pi from `a` to `b`, chi back to `a`, iota. */
function emitRound(code: Code, at: number): void {
  const a = (x: number, y: number): number => code.wide(lane(x, y))
  const b = (x: number, y: number): number => code.wide(25 + lane(x, y))
  const column = (x: number): number => code.wide(50 + (x % 5))
  const offsets = rotations()
  for (const x of FIVE) {
    code.get(a(x, 0))
    for (const y of [1, 2, 3, 4]) code.get(a(x, y)).op(OP.i64Xor)
    code.set(column(x))
  }
  for (const x of FIVE) {
    code.get(column(x + 4)).get(column(x + 1)).i64(1).op(OP.i64Rotl, OP.i64Xor).set(code.wide(55))
    for (const y of FIVE) {
      code.get(a(x, y)).get(code.wide(55)).op(OP.i64Xor).i64(offsets[lane(x, y)] as number).op(OP.i64Rotl).set(b(y, 2 * x + 3 * y))
    }
  }
  for (const y of FIVE) {
    for (const x of FIVE) {
      code.get(b(x, y)).get(b(x + 1, y)).i64(-1).op(OP.i64Xor).get(b(x + 2, y)).op(OP.i64And, OP.i64Xor).set(a(x, y))
    }
  }
  code.get(a(0, 0)).load({ local: at, offset: CONSTANTS }).op(OP.i64Xor).set(a(0, 0))
}

function instantiate(): { readonly memory: { readonly buffer: ArrayBuffer }; permute(): void } {
  const module = new ModuleBuilder()
  module.add({ name: 'permute', i32s: 1, i64s: 56 }, (code) => {
    for (let i = 0; i < 25; i++) code.load(STATE, 8 * i).set(code.wide(i))
    code.repeatWhile(() => {
      emitRound(code, 0)
      code.get(0).i32(8).op(OP.i32Add).set(0).get(0).i32(8 * ROUNDS).op(OP.i32Xor)
    })
    for (let i = 0; i < 25; i++) code.store(STATE, 8 * i, () => code.get(code.wide(i)))
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build(1)))
  const instance = exports as unknown as ReturnType<typeof instantiate>
  new BigUint64Array(instance.memory.buffer, CONSTANTS, ROUNDS).set(roundConstants())
  return instance
}

const keccak = instantiate()
const image = new Uint8Array(keccak.memory.buffer, STATE, KECCAK_STATE_SIZE)

/** Permutes the 200 bytes in place. Throws a RangeError where there are more or less. */
export function keccakF1600(state: Uint8Array): void {
  image.set(state)
  keccak.permute()
  state.set(image)
  image.fill(0)
}
