/** A real runtime in which one entry really traps: the body of its function is replaced by `unreachable`, all else stays. */
import { zstdCompressSync } from 'node:zlib'
import { concatBytes, fromHex, toHex } from '../../node-core/base/bytes.ts'
import { genesisCode } from '../../node-core/chain/spec/genesis.ts'
import { CODE_KEY } from '../../node-core/chain/spec/raw-genesis.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'
import { unpackCode } from '../../node-core/chain/runtime/code/code.ts'
import { op } from './wasm-module.ts'

const ZSTD_PREFIX = fromHex('0x52bc537646db8e05')
const SECTION = { import: 2, export: 7, code: 10 } as const
const FUNCTION = 0
const NOP = 0x01

/** The specification with such a runtime, under a name of its own. */
export function trappingSpec(base: ChainSpec, entry: string, id: string, name: string): ChainSpec {
  const code = trapIn(unpackCode(genesisCode(base)), entry)
  const { raw } = withState(base).genesis
  const top = { ...raw.top, [CODE_KEY]: toHex(concatBytes(ZSTD_PREFIX, zstdCompressSync(code))) }
  return { ...base, id, name, genesis: { raw: { ...raw, top } } }
}

/** The module with the exported function `entry` trapping at its first instruction. */
export function trapIn(code: Uint8Array, entry: string): Uint8Array {
  const patched = Uint8Array.from(code)
  const sections = sectionsOf(patched)
  const index = exportedFunction(patched, sections, entry) - importedFunctions(patched, sections)
  const cursor = new Cursor(patched, sections.get(SECTION.code) ?? 0)
  const count = cursor.leb()
  if (index < 0 || index >= count) throw new Error(`${entry} is not a function of the module itself`)
  for (let i = 0; i < index; i++) cursor.skip(cursor.leb())
  const length = cursor.leb()
  const end = cursor.at + length
  // No locals, the trap, and as many instructions that do nothing as the function was long.
  patched.fill(NOP, cursor.at, end)
  patched.set([0, ...op.unreachable], cursor.at)
  patched.set(op.end, end - 1)
  return patched
}

class Cursor {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  byte(): number {
    const value = this.#bytes[this.at++]
    if (value === undefined) throw new Error('the module ends too early')
    return value
  }

  leb(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  skip(bytes: number): void {
    this.at += bytes
  }

  name(): string {
    const length = this.leb()
    this.skip(length)
    return new TextDecoder().decode(this.#bytes.subarray(this.at - length, this.at))
  }
}

/** Where the contents of each section begin. */
function sectionsOf(code: Uint8Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const cursor = new Cursor(code, 8)
  while (cursor.at < code.length) {
    const id = cursor.byte()
    const length = cursor.leb()
    found.set(id, cursor.at)
    cursor.skip(length)
  }
  return found
}

function exportedFunction(code: Uint8Array, sections: ReadonlyMap<number, number>, entry: string): number {
  const cursor = new Cursor(code, sections.get(SECTION.export) ?? 0)
  for (let left = cursor.leb(); left > 0; left--) {
    const name = cursor.name()
    const kind = cursor.byte()
    const index = cursor.leb()
    if (name === entry && kind === FUNCTION) return index
  }
  throw new Error(`the runtime has no function ${entry}`)
}

function importedFunctions(code: Uint8Array, sections: ReadonlyMap<number, number>): number {
  const start = sections.get(SECTION.import)
  if (start === undefined) return 0
  const cursor = new Cursor(code, start)
  let functions = 0
  for (let left = cursor.leb(); left > 0; left--) {
    cursor.name()
    cursor.name()
    const kind = cursor.byte()
    if (kind === FUNCTION) {
      functions++
      cursor.leb()
    } else skipType(cursor, kind)
  }
  return functions
}

/** A table, a memory or a global, as it is imported. */
function skipType(cursor: Cursor, kind: number): void {
  if (kind === 1) cursor.byte()
  if (kind === 3) return cursor.skip(2)
  const limits = cursor.byte()
  cursor.leb()
  if (limits % 2 === 1) cursor.leb()
}
