/** The overlay against a model that copies whole maps, and its own promises. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { Journal, MAX_BYTES_WRITTEN } from '../../../../../node-core/chain/runtime/storage/journal.ts'
import { OrderedKeys } from '../../../../../node-core/chain/runtime/storage/ordered-keys.ts'
import { Overlay, type Removal, type StateView } from '../../../../../node-core/chain/runtime/storage/overlay.ts'
import { EMPTY_VIEW } from '../../../../../node-core/chain/runtime/storage/state-view.ts'

type State = ReadonlyMap<string, string>

/** A state below that counts how often it is asked. */
class CountingView implements StateView {
  readonly #sorted: string[]
  readonly #state: State
  steps = 0

  constructor(state: State) {
    this.#state = state
    this.#sorted = [...state.keys()].sort()
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#state.get(key)
    return value === undefined ? undefined : Buffer.from(value, 'latin1')
  }

  nextKey(key: string): string | undefined {
    this.steps++
    return this.#sorted.find((candidate) => candidate > key)
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString('latin1')

/** The obvious implementation: a copy of everything for each transaction. */
class Model {
  readonly below: State
  states: { values: Map<string, string>; touched: Set<string> }[] = [{ values: new Map(), touched: new Set() }]

  constructor(below: State) {
    this.below = below
    this.states[0]!.values = new Map(below)
  }

  get #top(): { values: Map<string, string>; touched: Set<string> } {
    return this.states.at(-1)!
  }

  get values(): Map<string, string> {
    return this.#top.values
  }

  set(key: string, value: string | undefined): void {
    this.#top.touched.add(key)
    if (value === undefined) this.#top.values.delete(key)
    else this.#top.values.set(key, value)
  }

  start(): void {
    this.states.push({ values: new Map(this.#top.values), touched: new Set(this.#top.touched) })
  }

  commit(): void {
    const top = this.states.pop()!
    this.states[this.states.length - 1] = top
  }

  rollback(): void {
    this.states.pop()
  }

  append(key: string, item: string): void {
    const old = this.values.get(key)
    let count = 0
    let items = ''
    const first = old?.charCodeAt(0)
    if (old !== undefined && first !== undefined && (first & 3) === 0) {
      count = first >> 2
      items = old.slice(1)
    }
    this.set(key, text(new ScaleWriter().compact(count + 1).finish()) + items + item)
  }

  nextKey(key: string): string | undefined {
    return [...this.values.keys()].sort().find((candidate) => candidate > key)
  }

  clearPrefix(prefix: string, limit: number, cursor: string | undefined): Removal {
    const written = [...this.values.keys()].filter((key) => this.#top.touched.has(key) && key.startsWith(prefix))
    for (const key of written) this.set(key, undefined)
    let loops = 0
    let backend = 0
    for (const key of [...this.below.keys()].sort()) {
      if (!key.startsWith(prefix) || (cursor !== undefined && key < cursor)) continue
      if (loops === limit) return { cursor: key, backend, unique: written.length + backend, loops }
      loops++
      if (!this.values.has(key)) continue
      this.set(key, undefined)
      backend++
    }
    return { cursor: undefined, backend, unique: written.length + backend, loops }
  }
}

const key = fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'ÿ'), maxLength: 3 })
const value = fc.string({ unit: fc.constantFrom('\0', '\u0004', '\u0008', 'x', '\u0003'), maxLength: 3 })
const removal = fc.record({
  do: fc.constant('clearPrefix' as const),
  key,
  limit: fc.option(fc.nat(4), { nil: undefined }),
  cursor: fc.option(key, { nil: undefined }),
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clear' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append' as const), key, value: fc.constantFrom('x', 'yz') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'commit' as const, 'rollback' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('next' as const), key }) },
  { weight: 1, arbitrary: removal },
)

test('does what a naive model does', () => {
  const below = fc.array(fc.tuple(key, value), { maxLength: 12 }).map((entries) => new Map(entries))
  fc.assert(
    fc.property(below, fc.array(step, { maxLength: 60 }), (state, steps) => {
      const model = new Model(state)
      const journal = new Journal()
      const overlay = new Overlay(new CountingView(state), journal)
      for (const action of steps) {
        switch (action.do) {
          case 'set':
            model.set(action.key, action.value)
            overlay.set(action.key, bytes(action.value))
            break
          case 'clear':
            model.set(action.key, undefined)
            overlay.set(action.key, undefined)
            break
          case 'append':
            model.append(action.key, action.value)
            overlay.append(action.key, bytes(action.value))
            break
          case 'start':
            model.start()
            journal.start()
            break
          case 'commit':
          case 'rollback':
            if (journal.depth === 0) break
            model[action.do]()
            journal[action.do]()
            break
          case 'next':
            expect(overlay.nextKey(action.key)).toBe(model.nextKey(action.key))
            break
          case 'clearPrefix': {
            const limit = action.limit ?? Number.POSITIVE_INFINITY
            expect(overlay.clearPrefix(action.key, action.limit, action.cursor)).toEqual(model.clearPrefix(action.key, limit, action.cursor))
          }
        }
      }
      const keys = new Set([...state.keys(), ...model.values.keys(), ...overlay.entries.keys()])
      for (const name of keys) {
        expect(text(overlay.get(name))).toBe(model.values.get(name))
        expect(overlay.has(name)).toBe(model.values.has(name))
      }
      const walked: string[] = []
      if (overlay.has('')) walked.push('')
      for (let next = overlay.nextKey(''); next !== undefined; next = overlay.nextKey(next)) walked.push(next)
      expect(walked).toEqual([...model.values.keys()].sort())
    }),
    { numRuns: 1500 },
  )
})

describe('transactions', () => {
  test.each(['commit', 'rollback'] as const)('%s without a transaction is refused', (end) => {
    const journal = new Journal()
    journal.start()
    journal[end]()
    expect(() => journal[end]()).toThrow(/no storage transaction/)
  })

  test('rolling back to a depth closes what is above it', () => {
    const journal = new Journal()
    const overlay = new Overlay(EMPTY_VIEW, journal)
    overlay.set('a', bytes('0'))
    for (const letter of ['1', '2', '3']) {
      journal.start()
      overlay.set('a', bytes(letter))
    }
    journal.rollbackTo(1)
    expect(text(overlay.get('a'))).toBe('1')
    expect(journal.depth).toBe(1)
  })

  test('a call cannot close what was open before it, and what it leaves open is rolled back', () => {
    const journal = new Journal()
    const overlay = new Overlay(EMPTY_VIEW, journal)
    journal.start()
    overlay.set('a', bytes('host'))
    journal.enclose(() => {
      for (const end of ['commit', 'rollback'] as const) expect(() => journal[end]()).toThrow(/no storage transaction/)
      journal.start()
      journal.commit()
      expect(() => journal.commit()).toThrow(/no storage transaction/)
      journal.start()
      overlay.set('a', bytes('call'))
    })
    expect([journal.depth, text(overlay.get('a'))]).toEqual([1, 'host'])
    journal.commit()
  })

  test('writing without end is stopped', () => {
    const journal = new Journal()
    const overlay = new Overlay(EMPTY_VIEW, journal)
    const block = new Uint8Array(16 * 1024 * 1024)
    const write = (): void => {
      for (let i = 0; i <= MAX_BYTES_WRITTEN / block.length; i++) overlay.set('a', block)
    }
    expect(write).toThrow(expect.objectContaining({ code: 'RUNTIME_OUT_OF_MEMORY' }))
  })
})

describe('append', () => {
  test('keeps count and order over the sizes of the length prefix', () => {
    const overlay = new Overlay(EMPTY_VIEW, new Journal())
    const total = 20_000
    const expected = new ScaleWriter().compact(total)
    for (let i = 0; i < total; i++) {
      const item = new ScaleWriter(4).u32(i).finish()
      overlay.append('events', item)
      expected.raw(item)
    }
    expect(Buffer.from(overlay.get('events')!).equals(expected.finish())).toBe(true)
  })

  test('goes on from the value below', () => {
    const overlay = new Overlay(new CountingView(new Map([['list', '\u0008ab']])), new Journal())
    overlay.append('list', bytes('c'))
    expect(text(overlay.get('list'))).toBe('\u000cabc')
  })

  test('starts a new list where the value is none', () => {
    // The compact length says four bytes follow that are not there.
    const overlay = new Overlay(new CountingView(new Map([['list', '\u0002']])), new Journal())
    overlay.append('list', bytes('c'))
    expect(text(overlay.get('list'))).toBe('\u0004c')
  })
})

test('an append to a value that claims 2^32 - 1 items goes on at none', () => {
  const overlay = new Overlay(new CountingView(new Map([['list', '\u0003\xff\xff\xff\xff']])), new Journal())
  overlay.append('list', bytes('c'))
  expect(text(overlay.get('list'))).toBe('\0c')
})

describe('next key', () => {
  test('does not walk over deleted keys again and again', () => {
    const state = new Map(Array.from({ length: 2000 }, (_, i) => [`k${String(i).padStart(5, '0')}`, 'v']))
    const view = new CountingView(state)
    const overlay = new Overlay(view, new Journal())
    for (let next = overlay.nextKey('k'); next !== undefined; next = overlay.nextKey('k')) overlay.set(next, undefined)
    expect(overlay.entries.size).toBe(2000)
    expect(view.steps).toBeLessThan(3 * 2000)
  })

  test('finds what is written while it is asked', () => {
    const overlay = new Overlay(EMPTY_VIEW, new Journal())
    const start = performance.now()
    for (let i = 0; i < 20_000; i++) {
      const name = String((i * 7919) % 20_011).padStart(5, '0')
      overlay.set(name, bytes('v'))
      expect(overlay.nextKey('')! <= name).toBe(true)
    }
    // Sorting anew for each question would take minutes.
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

test('ordered keys are a sorted set', () => {
  const command = fc.record({ add: fc.boolean(), key: fc.string({ maxLength: 2 }) })
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), fc.string({ maxLength: 2 }), (commands, probe) => {
      const ordered = new OrderedKeys()
      const model = new Set<string>()
      for (const { add, key: name } of commands) {
        if (add) expect(ordered.add(name)).toBe(!model.has(name))
        else ordered.delete(name)
        if (add) model.add(name)
        else model.delete(name)
      }
      const sorted = [...model].sort()
      expect(ordered.from(probe)).toBe(sorted.find((name) => name >= probe))
      expect(ordered.after(probe)).toBe(sorted.find((name) => name > probe))
    }),
  )
  const many = new OrderedKeys()
  for (let i = 0; i < 5000; i++) many.add(String((i * 7) % 5000).padStart(4, '0'))
  for (let i = 0; i < 5000; i += 2) many.delete(String(i).padStart(4, '0'))
  for (let i = 1; i < 4998; i += 2) expect(many.after(String(i).padStart(4, '0'))).toBe(String(i + 2).padStart(4, '0'))
})
