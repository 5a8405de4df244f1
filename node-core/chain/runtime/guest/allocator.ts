/**
 * The heap of a runtime, kept by the host (Polkadot Host spec, appendix B.12 "Allocator").
 *
 * Every allocation is rounded up to a power of two between 8 bytes and 32 MiB and stands behind an 8-byte header. A
 * freed block goes onto the list of its size; a new one comes from that list, else from the untouched end of the heap
 * (the "bumper"). Because the addresses are visible to the runtime, every host must hand out the same ones.
 *
 * Header, little-endian u64: `0x1_0000_0000 | order` while in use; the address of the next free header while free
 * (`0xffff_ffff` ends the list). The runtime can overwrite headers, so they are checked before they are believed.
 */
import { HostFunctionError, RuntimeError } from '../errors.ts'
import { PAGE_SIZE } from './wasm-layout.ts'

const HEADER_SIZE = 8
const SMALLEST_ORDER_BITS = 3
/** 8 bytes to 32 MiB. */
const ORDERS = 23
const NIL = 0xffff_ffff
const OCCUPIED = 1

/** The largest allocation in bytes. */
export const MAX_ALLOCATION = 2 ** (SMALLEST_ORDER_BITS + ORDERS - 1)

/** The memory that the heap lies in. */
export interface HeapMemory {
  /** The whole memory as 32-bit words; a new array after the memory grew. */
  readonly words: Uint32Array
  /** In bytes. */
  readonly size: number
  /** False where the limit is reached. */
  grow(pages: number): boolean
}

export class Allocator {
  readonly #memory: HeapMemory
  readonly #free = new Uint32Array(ORDERS).fill(NIL)
  #heapBase = 0
  #bumper = 0

  constructor(memory: HeapMemory) {
    this.#memory = memory
  }

  /** Begins an empty heap at the first multiple of 8 from `heapBase` on. */
  start(heapBase: number): void {
    this.#heapBase = (heapBase + 7) & ~7
    this.reset()
  }

  /** Where the heap starts. */
  get heapBase(): number {
    return this.#heapBase
  }

  /** The end of all that was ever handed out since the last reset. */
  get highWater(): number {
    return this.#bumper
  }

  /** Forgets every allocation. */
  reset(): void {
    this.#free.fill(NIL)
    this.#bumper = this.#heapBase
  }

  /** Returns the address of `size` bytes, 8-byte aligned. Throws RUNTIME_OUT_OF_MEMORY. */
  allocate(size: number): number {
    if (size > MAX_ALLOCATION) {
      throw new RuntimeError('RUNTIME_OUT_OF_MEMORY', `the runtime asked for ${size} bytes at once; ${MAX_ALLOCATION} is the limit`)
    }
    const order = size <= 8 ? 0 : 32 - Math.clz32(size - 1) - SMALLEST_ORDER_BITS
    const head = this.#free[order] as number
    const header = head === NIL ? this.#bump(order) : this.#take(head, order)
    const words = this.#memory.words
    words[header >>> 2] = order
    words[(header >>> 2) + 1] = OCCUPIED
    return header + HEADER_SIZE
  }

  /** Gives an allocation back. Throws where the address is none that was handed out, as far as its header shows. */
  free(address: number): void {
    const header = address - HEADER_SIZE
    this.#assertHeader(header)
    const words = this.#memory.words
    const order = words[header >>> 2] as number
    if (words[(header >>> 2) + 1] !== OCCUPIED || order >= ORDERS) {
      throw new HostFunctionError(`the runtime freed ${address}, which is not an allocation in use`)
    }
    words[header >>> 2] = this.#free[order] as number
    words[(header >>> 2) + 1] = 0
    this.#free[order] = header
  }

  #take(header: number, order: number): number {
    this.#assertHeader(header)
    const words = this.#memory.words
    if (words[(header >>> 2) + 1] !== 0) throw new HostFunctionError(`the header of the free block at ${header} is overwritten`)
    this.#free[order] = words[header >>> 2] as number
    return header
  }

  #bump(order: number): number {
    const header = this.#bumper
    const end = header + HEADER_SIZE + 2 ** (order + SMALLEST_ORDER_BITS)
    if (end > this.#memory.size) this.#growTo(end)
    this.#bumper = end
    return header
  }

  /** Doubles the memory where it can, so that growing stays rare. */
  #growTo(end: number): void {
    const size = this.#memory.size
    const needed = Math.ceil((end - size) / PAGE_SIZE)
    const wanted = Math.max(needed, Math.floor(size / PAGE_SIZE))
    if (this.#memory.grow(wanted) || this.#memory.grow(needed)) return
    throw new RuntimeError('RUNTIME_OUT_OF_MEMORY', `the runtime wants more than the ${size} bytes of memory that it may have`, {
      data: { bytes: size },
    })
  }

  #assertHeader(header: number): void {
    if (header < this.#heapBase || (header & 7) !== 0 || header + HEADER_SIZE > this.#bumper) {
      throw new HostFunctionError(`${header} is not the header of a block of the heap`)
    }
  }
}
