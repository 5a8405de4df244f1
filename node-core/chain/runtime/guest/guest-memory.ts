/**
 * The memory of a runtime as host functions see it (Polkadot Host spec, appendix B.1 "Preliminaries").
 *
 * Byte strings cross as a "span": an i64 with the address in its low half and the length in its high half. What comes
 * from the runtime is checked against the bounds of the memory. Views into the memory are valid only until the runtime
 * runs again or the memory grows: copy what is kept.
 */
import { isUtf8 } from 'node:buffer'
import { ScaleReader } from '../../../scale/reader.ts'
import { Allocator, type HeapMemory } from './allocator.ts'
import { HostFunctionError } from '../errors.ts'

/** Splits and joins an i64 without arithmetic on BigInts. */
const halves = new Uint32Array(2)
const whole = new BigInt64Array(halves.buffer)

/** The span of `length` bytes at `address`. */
export function span(address: number, length: number): bigint {
  halves[0] = address
  halves[1] = length
  return whole[0] as bigint
}

/** Address and length of a span that the runtime returned. */
export function splitSpan(value: bigint): readonly [address: number, length: number] {
  whole[0] = value
  return [halves[0] as number, halves[1] as number]
}

export class GuestMemory implements HeapMemory {
  readonly allocator = new Allocator(this)
  #memory: WebAssembly.Memory | undefined
  #bytes = new Uint8Array(0)
  #words = new Uint32Array(0)
  #buffer = Buffer.alloc(0)

  /** Host functions exist before the memory of a module that brings its own. */
  attach(memory: WebAssembly.Memory, heapBase: number): void {
    this.#memory = memory
    this.#refresh()
    this.allocator.start(heapBase)
  }

  get bytes(): Uint8Array {
    // Growing detaches the old buffer, which leaves its views empty.
    if (this.#bytes.length === 0) this.#refresh()
    return this.#bytes
  }

  get words(): Uint32Array {
    if (this.#bytes.length === 0) this.#refresh()
    return this.#words
  }

  get size(): number {
    return this.bytes.length
  }

  grow(pages: number): boolean {
    try {
      this.#attached.grow(pages)
    } catch {
      return false
    }
    this.#refresh()
    return true
  }

  /** A view of `length` bytes at `address`. */
  at(address: number, length: number): Uint8Array {
    const bytes = this.bytes
    const start = address >>> 0
    if (start + length > bytes.length) outOfBounds(start, length)
    return bytes.subarray(start, start + length)
  }

  /** The length of a span in bytes. */
  length(value: bigint): number {
    whole[0] = value
    return halves[1] as number
  }

  /** A view of what a span names. */
  view(value: bigint): Uint8Array {
    whole[0] = value
    return this.at(halves[0] as number, halves[1] as number)
  }

  copy(value: bigint): Uint8Array {
    return this.view(value).slice()
  }

  /** A span as a binary string: the form of storage keys. */
  key(value: bigint): string {
    whole[0] = value
    const start = halves[0] as number
    const end = start + (halves[1] as number)
    if (end > this.size) outOfBounds(start, end - start)
    return this.#buffer.toString('latin1', start, end)
  }

  /** A span as text; undefined where it is not UTF-8. */
  text(value: bigint): string | undefined {
    const bytes = this.view(value)
    return isUtf8(bytes) ? this.#buffer.toString('utf8', bytes.byteOffset, bytes.byteOffset + bytes.length) : undefined
  }

  /** A span that the runtime declares as text: anything but UTF-8 ends the call. */
  string(value: bigint): string {
    const text = this.text(value)
    if (text === undefined) throw new HostFunctionError('the runtime passed text that is not UTF-8')
    return text
  }

  /** A value in SCALE. Bytes behind it are left alone, as by every host. */
  decode<T>(value: bigint, read: (reader: ScaleReader) => T): T {
    return read(new ScaleReader(this.view(value)))
  }

  /** Copies bytes into a new allocation and returns its address. */
  give(bytes: Uint8Array): number {
    const address = this.allocator.allocate(bytes.length)
    this.bytes.set(bytes, address)
    return address
  }

  /** Copies bytes into a new allocation and returns its span. */
  giveSpan(bytes: Uint8Array): bigint {
    return span(this.give(bytes), bytes.length)
  }

  /** A SCALE `Option<Vec<u8>>`, written in place. */
  giveOption(bytes: Uint8Array | undefined): bigint {
    if (bytes === undefined) return this.giveSpan(NONE)
    const length = bytes.length
    const prefix = length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : length < 1 << 30 ? 4 : 5
    const address = this.allocator.allocate(1 + prefix + length)
    const memory = this.bytes
    memory[address] = 1
    writeCompact(memory, address + 1, length, prefix)
    memory.set(bytes, address + 1 + prefix)
    return span(address, 1 + prefix + length)
  }

  get #attached(): WebAssembly.Memory {
    if (this.#memory === undefined) throw new HostFunctionError('the runtime called a host function before it had a memory')
    return this.#memory
  }

  #refresh(): void {
    const { buffer } = this.#attached
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#buffer = Buffer.from(buffer)
  }
}

const NONE = Uint8Array.of(0)

/** Writes a SCALE compact integer of 1, 2, 4 or 5 bytes at `at`. */
export function writeCompact(target: Uint8Array, at: number, value: number, size: number): void {
  if (size === 5) {
    target[at] = 3
    for (let i = 0; i < 4; i++) target[at + 1 + i] = value >>> (8 * i)
    return
  }
  const mode = size === 1 ? 0 : size === 2 ? 1 : 2
  const encoded = ((value << 2) | mode) >>> 0
  for (let i = 0; i < size; i++) target[at + i] = encoded >>> (8 * i)
}

function outOfBounds(start: number, length: number): never {
  throw new HostFunctionError(`${length} bytes at ${start} are outside of the memory of the runtime`)
}
