/** The heap allocator: addresses that the specification fixes, blocks that never overlap, headers that are checked. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Allocator, MAX_ALLOCATION, type HeapMemory } from '../../../../node-core/chain/runtime/guest/allocator.ts'
import { PAGE_SIZE } from '../../../../node-core/chain/runtime/guest/wasm-layout.ts'

class TestMemory implements HeapMemory {
  words: Uint32Array
  readonly limit: number

  constructor(pages: number, limit = pages) {
    this.words = new Uint32Array((pages * PAGE_SIZE) / 4)
    this.limit = limit * PAGE_SIZE
  }

  get size(): number {
    return this.words.length * 4
  }

  grow(pages: number): boolean {
    const size = this.size + pages * PAGE_SIZE
    if (size > this.limit) return false
    const larger = new Uint32Array(size / 4)
    larger.set(this.words)
    this.words = larger
    return true
  }
}

function allocatorOn(memory: HeapMemory, heapBase = 0): Allocator {
  const allocator = new Allocator(memory)
  allocator.start(heapBase)
  return allocator
}

describe('addresses', () => {
  test('are eight bytes behind a header, from the aligned heap base on', () => {
    const allocator = allocatorOn(new TestMemory(1), 13)
    expect(allocator.allocate(1)).toBe(16 + 8)
    expect(allocator.allocate(9)).toBe(16 + 8 + 8 + 8)
    expect(allocator.allocate(1)).toBe(16 + 16 + 8 + 16 + 8)
  })

  test('of freed blocks come back, last freed first, per size', () => {
    const allocator = allocatorOn(new TestMemory(1))
    const [a, b, c] = [allocator.allocate(8), allocator.allocate(8), allocator.allocate(16)]
    allocator.free(a)
    allocator.free(b)
    allocator.free(c)
    expect([allocator.allocate(5), allocator.allocate(8), allocator.allocate(15)]).toEqual([b, a, c])
  })

  test('start over after a reset', () => {
    const allocator = allocatorOn(new TestMemory(1))
    const first = allocator.allocate(100)
    allocator.free(first)
    allocator.reset()
    expect(allocator.highWater).toBe(0)
    expect(allocator.allocate(8)).toBe(8)
  })
})

describe('limits', () => {
  test('32 MiB is the largest allocation', () => {
    const allocator = allocatorOn(new TestMemory(513))
    expect(allocator.allocate(MAX_ALLOCATION)).toBe(8)
    expect(() => allocator.allocate(MAX_ALLOCATION + 1)).toThrow(expect.objectContaining({ code: 'RUNTIME_OUT_OF_MEMORY' }))
  })

  test('memory grows up to its limit, and is all used', () => {
    const memory = new TestMemory(1, 3)
    const allocator = allocatorOn(memory)
    for (let i = 0; i < 5; i++) allocator.allocate(32_768)
    expect(memory.size).toBe(3 * PAGE_SIZE)
    expect(() => allocator.allocate(32_768)).toThrow(expect.objectContaining({ code: 'RUNTIME_OUT_OF_MEMORY' }))
    expect(allocator.allocate(8)).toBeGreaterThan(0)
  })
})

describe('headers', () => {
  test.each([
    ['twice', (allocator: Allocator, address: number) => { allocator.free(address); allocator.free(address) }],
    ['inside of a block', (allocator: Allocator, address: number) => allocator.free(address + 8)],
    ['unaligned', (allocator: Allocator, address: number) => allocator.free(address + 1)],
    ['below the heap', (allocator: Allocator) => allocator.free(8)],
    ['above the heap', (allocator: Allocator) => allocator.free(60_000)],
  ])('freeing %s is refused', (_, misuse) => {
    const allocator = allocatorOn(new TestMemory(1), 64)
    const address = allocator.allocate(64)
    expect(() => misuse(allocator, address)).toThrow(/not (the header|an allocation)/)
  })

  test('a free list that the runtime has bent is refused', () => {
    const memory = new TestMemory(1)
    const allocator = allocatorOn(memory)
    const [a, b] = [allocator.allocate(8), allocator.allocate(8)]
    allocator.free(a)
    allocator.free(b)
    memory.words[(b - 8) / 4] = 0x1234_5678
    expect(allocator.allocate(8)).toBe(b)
    expect(() => allocator.allocate(8)).toThrow(/not the header/)
  })

  test('a free block that says it is in use is refused', () => {
    const memory = new TestMemory(1)
    const allocator = allocatorOn(memory)
    const address = allocator.allocate(8)
    allocator.free(address)
    memory.words[(address - 8) / 4 + 1] = 1
    expect(() => allocator.allocate(8)).toThrow(/overwritten/)
  })
})

test('blocks in use never overlap, whatever the order of allocations and frees', () => {
  const action = fc.oneof(fc.record({ size: fc.integer({ min: 0, max: 5000 }) }), fc.record({ free: fc.nat() }))
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const allocator = allocatorOn(new TestMemory(1, 64), 24)
      const used: { address: number; size: number }[] = []
      for (const step of actions) {
        if ('free' in step) {
          const [gone] = used.splice(step.free % Math.max(1, used.length), 1)
          if (gone !== undefined) allocator.free(gone.address)
          continue
        }
        const block = { address: allocator.allocate(step.size), size: step.size }
        expect(block.address % 8).toBe(0)
        for (const other of used) {
          expect(block.address + block.size <= other.address - 8 || other.address + other.size <= block.address - 8).toBe(true)
        }
        used.push(block)
      }
    }),
  )
})
