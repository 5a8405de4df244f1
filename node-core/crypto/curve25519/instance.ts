/**
 * The arithmetic as an instance of WebAssembly: emitted, compiled and given its constants when this module is loaded (about
 * 20 ms and 18 KB, once per thread). What it offers works at the addresses of layout.ts; ../ristretto.ts makes values of it.
 */
import { ModuleBuilder } from './emitter.ts'
import { Field, toLimbs } from './field.ts'
import { CONSTANTS, PAGES } from './layout.ts'
import { addPointFunctions } from './point.ts'
import { addRistrettoFunctions } from './ristretto.ts'

/** The functions of the module. Elements are named by their addresses; see field.ts, point.ts and ristretto.ts for what each does. */
export interface Curve25519 {
  readonly memory: { readonly buffer: ArrayBuffer }
  /** to = a * b; weights multiply to at most 16. */
  mul(to: number, a: number, b: number): void
  /** to = a^(2^times), times > 0; weight at most 4. */
  square(to: number, a: number, times: number): void
  /** to = a + b, not reduced. */
  add(to: number, a: number, b: number): void
  /** to = a - b, not reduced. */
  sub(to: number, a: number, b: number): void
  /** to = a in [0, p); weight at most 3. */
  freeze(to: number, a: number): void
  /** The lowest bit of a in [0, p). */
  parity(a: number): number
  /** 1 where a = 0 modulo p, else 0. */
  isZero(a: number): number
  /** ACC = the sum that the program of `steps` > 0 steps at PROGRAM tells. */
  run(steps: number): void
  /** `count` > 0 entries at TABLES = ACC, 3 ACC, 5 ACC …; ACC is lost. */
  table(count: number): void
  /** ACC = what the 32 bytes at BYTES encode, and 1; 0 where they encode nothing. The bytes must be canonical and even. */
  decode(): number
  /** The 32 bytes at BYTES = ACC. */
  encode(): void
  /** ACC = the point that the 64 bytes at BYTES map to. */
  fromUniform(): void
}

function instantiate(): Curve25519 {
  const module = new ModuleBuilder()
  const field = new Field(module)
  addRistrettoFunctions(module, field, addPointFunctions(module, field))
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build(PAGES)))
  const curve = exports as unknown as Curve25519
  for (const { at, value } of Object.values(CONSTANTS)) new BigInt64Array(curve.memory.buffer, at, 10).set(toLimbs(value))
  return curve
}

/** This thread's instance. */
export const curve25519: Curve25519 = instantiate()
