/**
 * What a Wasm module says about its memory, read from the binary.
 *
 * The JavaScript API tells neither the size of the memory that a module wants nor whether it keeps hidden state, and a
 * host needs both: the memory is created (or capped) by us, and an instance may be used again only where all of its
 * state is in places that we can put back. This is a reader of section headers, not a validator: the engine validates.
 */
import { HostFunctionError } from '../errors.ts'

/** Bytes in a page of Wasm memory. */
export const PAGE_SIZE = 65_536

export interface WasmLayout {
  /** Undefined where the module has no memory at all. */
  readonly memory: MemoryLayout | undefined
  /** True where nothing but the memory and the stack pointer changes from one call to the next. */
  readonly reusable: boolean
}

export interface MemoryLayout {
  /** Imported by the module, or defined in it. */
  readonly imported: boolean
  /** In pages. */
  readonly initial: number
  /** In pages; undefined where the module sets no limit. */
  readonly maximum: number | undefined
  /** Where the limits of a defined memory are in the binary, from `start` to `end`. */
  readonly start: number
  readonly end: number
}

const SECTION = { import: 2, memory: 5, global: 6, data: 11 } as const
const IMPORT = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const

class BinaryReader {
  readonly #code: Uint8Array
  offset: number

  constructor(code: Uint8Array, offset: number) {
    this.#code = code
    this.offset = offset
  }

  byte(): number {
    const value = this.#code[this.offset++]
    if (value === undefined) throw new HostFunctionError('the Wasm module ends in the middle of a section')
    return value
  }

  /** LEB128, unsigned, up to 32 bits. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new HostFunctionError('an integer in the Wasm module is too long')
  }

  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  limits(imported: boolean): MemoryLayout {
    const start = this.offset
    const flags = this.byte()
    if (flags > 1) throw new HostFunctionError('shared and 64-bit memories are not supported')
    const initial = this.u32()
    const maximum = flags === 1 ? this.u32() : undefined
    return { imported, initial, maximum, start, end: this.offset }
  }

  /** An initializer expression: constants and globals up to `end`. */
  skipExpression(): void {
    for (;;) {
      const opcode = this.byte()
      if (opcode === 0x0b) return
      if (opcode === 0x41 || opcode === 0x42 || opcode === 0x23 || opcode === 0xd0 || opcode === 0xd2) this.skipLeb()
      else if (opcode === 0x43) this.offset += 4
      else if (opcode === 0x44) this.offset += 8
    }
  }
}

/** Reads the layout. Throws where the binary is cut off or uses shared or 64-bit memory. */
export function readLayout(code: Uint8Array): WasmLayout {
  let memory: MemoryLayout | undefined
  let reusable = true
  const reader = new BinaryReader(code, 8)
  while (reader.offset < code.length) {
    const id = reader.byte()
    const size = reader.u32()
    const end = reader.offset + size
    if (id === SECTION.import) memory = importedMemory(reader) ?? memory
    else if (id === SECTION.memory && reader.u32() > 0) memory = reader.limits(false)
    else if (id === SECTION.global) reusable &&= mutableGlobals(reader) <= 1
    else if (id === SECTION.data) reusable &&= !hasPassiveSegments(reader)
    reader.offset = end
  }
  return { memory, reusable }
}

/** The module with another memory limit. Only for modules that define their memory. */
export function withMemoryLimit(code: Uint8Array, layout: MemoryLayout, maximum: number): Uint8Array {
  // The section holds one memory: a count, then its limits.
  const body = Uint8Array.from([1, 1, ...leb(layout.initial), ...leb(maximum)])
  const sectionStart = memorySectionStart(code)
  const head = Uint8Array.from([SECTION.memory, ...leb(body.length)])
  const out = new Uint8Array(sectionStart + head.length + body.length + code.length - layout.end)
  out.set(code.subarray(0, sectionStart))
  out.set(head, sectionStart)
  out.set(body, sectionStart + head.length)
  out.set(code.subarray(layout.end), sectionStart + head.length + body.length)
  return out
}

function memorySectionStart(code: Uint8Array): number {
  const reader = new BinaryReader(code, 8)
  for (;;) {
    const start = reader.offset
    if (reader.byte() === SECTION.memory) return start
    const size = reader.u32()
    reader.offset += size
  }
}

function importedMemory(reader: BinaryReader): MemoryLayout | undefined {
  let memory: MemoryLayout | undefined
  for (let left = reader.u32(); left > 0; left--) {
    for (const _ of ['module', 'name']) {
      const length = reader.u32()
      reader.offset += length
    }
    const kind = reader.byte()
    if (kind === IMPORT.function) reader.skipLeb()
    else if (kind === IMPORT.memory) memory = reader.limits(true)
    else if (kind === IMPORT.global) reader.offset += 2
    else if (kind === IMPORT.tag) skipTag(reader)
    else if (kind === IMPORT.table) {
      reader.byte()
      reader.limits(true)
    }
  }
  return memory
}

function skipTag(reader: BinaryReader): void {
  reader.byte()
  reader.skipLeb()
}

function mutableGlobals(reader: BinaryReader): number {
  let mutable = 0
  for (let left = reader.u32(); left > 0; left--) {
    reader.byte()
    if (reader.byte() === 1) mutable++
    reader.skipExpression()
  }
  return mutable
}

function hasPassiveSegments(reader: BinaryReader): boolean {
  for (let left = reader.u32(); left > 0; left--) {
    const flags = reader.u32()
    if (flags === 1) return true
    if (flags === 2) reader.skipLeb()
    reader.skipExpression()
    const length = reader.u32()
    reader.offset += length
  }
  return false
}

function leb(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
  return out
}
