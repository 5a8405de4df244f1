import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, equalBytes, fromBinaryString, fromHex, toBinaryString, toHex } from '../../../node-core/base/bytes.ts'
import { FakeClock, SteadyClock } from '../../../node-core/base/clock.ts'
import { Disposers } from '../../../node-core/base/disposers.ts'
import { describeError, NodeError } from '../../../node-core/base/errors.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import { createLogger, parseLogFilter, type LogRecord } from '../../../node-core/base/logger.ts'
import { Lru } from '../../../node-core/base/lru.ts'
import { RingBuffer } from '../../../node-core/base/ring-buffer.ts'
import { SettableClock } from '../../helpers/settable-clock.ts'

describe('bytes', () => {
  it('reads back what it writes as hexadecimal', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(fromHex(toHex(bytes))).toEqual(bytes)
    expect(toHex(new Uint8Array(0))).toBe('0x')
  })

  it.each(['', '12', '0x1', '0xzz', '0x 1'])('refuses %j as hexadecimal', (text) => {
    expect(() => fromHex(text)).toThrow(RangeError)
  })

  it('keeps every byte in a binary string, in the same order', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(fromBinaryString(toBinaryString(bytes))).toEqual(bytes)
    const [low, high] = [Uint8Array.of(0x7f), Uint8Array.of(0x80)]
    expect(toBinaryString(low) < toBinaryString(high)).toBe(true)
    expect(compareBytes(low, high)).toBeLessThan(0)
  })

  it('compares and concatenates', () => {
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0)
    expect(equalBytes(concatBytes(Uint8Array.of(1), Uint8Array.of(2)), Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(2))).toBe(false)
  })
})

describe('Emitter', () => {
  it('lets a disposer end one subscription only', () => {
    const emitter = new Emitter<{ tick: number }>()
    const heard: string[] = []
    const listener = (n: number) => heard.push(`both ${n}`)
    const first = emitter.on('tick', listener)
    emitter.on('tick', listener)
    emitter.emit('tick', 1)
    first()
    emitter.emit('tick', 2)
    expect(heard).toEqual(['both 1', 'both 1', 'both 2'])
    expect(emitter.listenerCount('tick')).toBe(1)
  })

  it('lets the others hear where one listener throws', () => {
    const errors: unknown[] = []
    const emitter = new Emitter<{ tick: number }>((error) => errors.push(error))
    let heard = 0
    emitter.on('tick', () => {
      throw new Error('broken')
    })
    emitter.on('tick', () => heard++)
    emitter.emit('tick', 1)
    expect(heard).toBe(1)
    expect(errors).toHaveLength(1)
  })
})

describe('FakeClock', () => {
  it('runs timers in the order of their time, each at its own instant', () => {
    const clock = new FakeClock(1000)
    const seen: [string, number][] = []
    clock.schedule(20, () => seen.push(['late', clock.now()]))
    clock.schedule(10, () => {
      seen.push(['early', clock.now()])
      clock.schedule(5, () => seen.push(['nested', clock.now()]))
    })
    clock.schedule(15, () => seen.push(['cancelled', clock.now()]))()
    expect(clock.nextDue()).toBe(1010)
    clock.advance(100)
    expect(seen).toEqual([['early', 1010], ['nested', 1015], ['late', 1020]])
    expect(clock.now()).toBe(1100)
    expect(clock.nextDue()).toBeUndefined()
  })
})

describe('SteadyClock', () => {
  it('goes on at the pace of a clock that is set back, and forward with it', () => {
    const clock = new SettableClock(1000)
    const steady = new SteadyClock(clock)
    const times: number[] = []
    const look = (ms = 0): void => {
      clock.advance(ms)
      times.push(steady.now())
    }
    look()
    look(500)
    clock.set(-3_600_000)
    look()
    look(500)
    clock.set(-1000)
    look(200)
    clock.set(10_000)
    look(100)
    expect(times).toEqual([1000, 1500, 1500, 2000, 2000, 12_100])
    let fired = 0
    steady.schedule(100, () => fired++)
    clock.advance(100)
    expect(fired).toBe(1)
  })
})

describe('RingBuffer', () => {
  it('keeps the newest and counts what it dropped', () => {
    const ring = new RingBuffer<number>(3)
    expect([1, 2, 3, 4].map((n) => ring.push(n))).toEqual([undefined, undefined, undefined, 1])
    expect(ring.toArray()).toEqual([2, 3, 4])
    expect(ring.dropped).toBe(1)
    expect(ring.shift()).toBe(2)
    expect(ring.length).toBe(2)
    ring.clear()
    expect(ring.shift()).toBeUndefined()
  })

  it('refuses a capacity that holds nothing', () => {
    expect(() => new RingBuffer(0)).toThrow(RangeError)
  })
})

describe('Lru', () => {
  it('forgets what was used longest ago, by weight', () => {
    const lru = new Lru<string, number>(10, (weight) => weight)
    lru.set('a', 4)
    lru.set('b', 4)
    lru.get('a')
    lru.set('c', 4)
    expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([4, undefined, 4])
    expect(lru.weight).toBe(8)
  })
})

describe('Disposers', () => {
  it('runs all of them once, last first, and rethrows the first error', () => {
    const order: number[] = []
    const disposers = new Disposers()
    disposers.add(() => order.push(1))
    disposers.add(() => {
      throw new Error('two')
    })
    disposers.add(() => order.push(3))
    expect(() => disposers.dispose()).toThrow('two')
    disposers.dispose()
    expect(order).toEqual([3, 1])
  })
})

describe('logging', () => {
  it('filters by module', () => {
    const records: LogRecord[] = []
    const logger = createLogger([(record) => records.push(record)], parseLogFilter('warn,babe=trace'))
    logger.info('dropped')
    logger.warn('kept')
    logger.child('babe').trace('kept too', { slot: 1 })
    expect(records.map(({ module, message }) => `${module}: ${message}`)).toEqual(['node: kept', 'babe: kept too'])
  })

  it('silences a module, or all but some, whatever the case of the level', () => {
    const records: LogRecord[] = []
    const sink = (record: LogRecord): void => void records.push(record)
    createLogger([sink], parseLogFilter('babe=off')).child('babe').error('dropped')
    const quiet = createLogger([sink], parseLogFilter(' OFF , rpc = Warn,sub-libp2p=debug,'))
    quiet.error('dropped')
    quiet.child('rpc').info('dropped')
    quiet.child('rpc').warn('kept')
    expect(records.map(({ message }) => message)).toEqual(['kept'])
  })

  it('changes while loggers go by it, and back', () => {
    const records: string[] = []
    const logger = createLogger([({ module, message }) => records.push(`${module}: ${message}`)], parseLogFilter('info'))
    const child = logger.child('babe')
    logger.levels.add('babe=debug,node=off')
    child.debug('one')
    logger.error('lost')
    expect(() => logger.levels.add('babe=trace,rpc=loud')).toThrow('"rpc=loud"')
    child.trace('lost')
    logger.levels.reset()
    child.debug('lost')
    logger.info('two')
    expect(records).toEqual(['babe: one', 'node: two'])
  })

  it.each(['info,babe=loud', 'babe=', '=info', 'babe=trace=2', 'loud', '1babe=info'])('says which part of %s is wrong', (filter) => {
    const part = filter.split(',').at(-1) as string
    expect(() => parseLogFilter(filter)).toThrow(`"${part}"`)
  })
})

describe('errors', () => {
  it('reads as what happened and what to do', () => {
    expect(describeError(new NodeError('X', 'It broke.', { hint: 'Mend it.' }))).toBe('It broke. Mend it.')
    expect(describeError('text')).toBe('text')
  })

  it('of a validator are sentences, not its JSON', () => {
    const { error } = z.object({ name: z.string(), ports: z.array(z.number()) }).safeParse({ name: 1, ports: ['x'] })
    expect(describeError(error)).toMatch(/^name: .*; ports\.0: /)
    expect(describeError(error)).not.toMatch(/[{}"]/)
  })
})
