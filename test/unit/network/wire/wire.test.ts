/** The wire of plain links: every field of a frame judged before what is behind it, in whichever pieces it comes; and the ring that waits for slow peers. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeWireFrame, HEADER_BYTES, LINK_FLAG, type WireFrame } from '../../../../node-core/network/wire/frame.ts'
import { decodeGreeting, decodeTopics, encodeGreeting, encodeTopics } from '../../../../node-core/network/wire/greeting.ts'
import { OutgoingRing } from '../../../../node-core/network/wire/outgoing-ring.ts'
import { WireReader } from '../../../../node-core/network/wire/wire-reader.ts'

const longest = (isLink: boolean, topic: number): number | undefined => (!isLink && topic < 10 ? 100_000 : isLink && topic === 0 ? 64 : undefined)
const reader = (): WireReader => new WireReader(longest)
const frame = (payload: Uint8Array, topic = 3): Uint8Array => encodeWireFrame({ isLink: false, topic, payload }).bytes
const code = (error: unknown): unknown => (error as { code?: string }).code
const failure = (bytes: Uint8Array): unknown => {
  try {
    return [...reader().push(bytes)]
  } catch (error) {
    return code(error)
  }
}

describe('a frame', () => {
  test('is what it was, in whichever pieces it comes', () => {
    const frames = fc.array(fc.record({ topic: fc.integer({ min: 0, max: 9 }), payload: fc.uint8Array({ maxLength: 300 }) }), { maxLength: 8 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(({ topic, payload }) => frame(payload, topic)))
        const read: WireFrame[] = []
        const wire = reader()
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const next = at + (cuts[i % cuts.length] as number)
          read.push(...wire.push(bytes.subarray(at, next)))
          at = next
        }
        expect(read.map(({ topic, payload }) => [topic, Buffer.from(payload).toString('hex')])).toEqual(sent.map(({ topic, payload }) => [topic, Buffer.from(payload).toString('hex')]))
        expect(wire.partial).toBe(false)
      }),
    )
  })

  const damaged = (at: number, value: number): Uint8Array => {
    const bytes = frame(Uint8Array.of(1, 2, 3))
    bytes[at] = value
    return bytes
  }

  test.each([
    ['another magic', damaged(0, 0x50), 'WIRE_MAGIC'],
    ['a magic that is wrong at its end', damaged(3, 0), 'WIRE_MAGIC'],
    ['another version', damaged(4, 2), 'WIRE_VERSION'],
    ['a flag that is not known', damaged(5, 2), 'WIRE_FLAGS'],
    ['a topic that is not there', damaged(6, 11), 'WIRE_TOPIC'],
    ['another topic', damaged(6, 4), 'WIRE_CHECKSUM'],
    ['a length above the topic’s', damaged(10, 0xff), 'WIRE_TOO_LONG'],
    ['a changed checksum', damaged(12, 0), 'WIRE_CHECKSUM'],
    ['a changed payload', damaged(HEADER_BYTES + 1, 9), 'WIRE_CHECKSUM'],
  ])('with %s is refused', (_what, bytes, expected) => {
    expect(failure(bytes)).toBe(expected)
  })

  test('is judged field by field, as soon as one is there', () => {
    expect(failure(Uint8Array.of(0x4e, 0x53, 0x54, 0x58))).toBe('WIRE_MAGIC')
    expect(failure(Uint8Array.of(0x4e, 0x53, 0x54, 0x57, 9))).toBe('WIRE_VERSION')
    expect(failure(Uint8Array.of(0x4e, 0x53, 0x54, 0x57, 1, 0x80))).toBe('WIRE_FLAGS')
    expect(failure(Uint8Array.of(0x4e, 0x53, 0x54, 0x57, 1, 0))).toEqual([])
  })

  test('that promises much takes no memory before it comes', () => {
    const [wire, before] = [new WireReader(() => 2 ** 31), process.memoryUsage().arrayBuffers]
    const header = encodeWireFrame({ isLink: false, topic: 1, payload: new Uint8Array(0) }).bytes
    new DataView(header.buffer).setUint32(8, 2 ** 30, true)
    expect([...wire.push(header)]).toEqual([])
    expect([...wire.push(Uint8Array.of(1))]).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
    expect(wire.partial).toBe(true)
  })

  test('of the link is told from one of a topic', () => {
    const [read] = [...reader().push(encodeWireFrame({ isLink: true, topic: 0, payload: Uint8Array.of(7) }).bytes)]
    expect(read).toEqual({ isLink: true, topic: 0, payload: Uint8Array.of(7) })
    expect(encodeWireFrame({ isLink: true, topic: 0, payload: new Uint8Array(0) }).bytes[5]).toBe(LINK_FLAG)
  })

  test('of random bytes never reads as one', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 200 }), (bytes) => String(failure(bytes)).startsWith('WIRE_')))
  })
})

describe('a greeting', () => {
  test('and a list of topics are what they were, and nothing else is one', () => {
    const greeting = { network: 'lab', name: 'Ädä' }
    const topics = new Map([[1, 'net/chat'], [65_535, 'x']])
    expect(decodeGreeting(encodeGreeting(greeting))).toEqual(greeting)
    expect(decodeTopics(encodeTopics(topics))).toEqual(topics)
    for (const bytes of [encodeGreeting(greeting), encodeTopics(topics)]) {
      for (let length = 0; length < bytes.length; length++) expect(() => [decodeGreeting(bytes.subarray(0, length)), decodeTopics(bytes.subarray(0, length))]).toThrow('plain link')
    }
    expect(() => decodeGreeting(Uint8Array.of(...encodeGreeting(greeting), 0))).toThrow('plain link')
    expect(() => decodeGreeting(Uint8Array.of(1, 1, 0xff, 0))).toThrow()
  })
})

describe('the ring', () => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length)

  test('keeps the newest, and counts what it overwrites and what waits already', () => {
    const ring = new OutgoingRing({ frames: 3, bytes: 1000 })
    for (const name of ['a', 'b', 'a', 'c', 'd', 'b']) ring.put(bytes(10), name)
    expect([ring.length, ring.bytes, ring.overwritten, ring.duplicates]).toEqual([3, 30, 1, 2])
    expect(ring.put(bytes(10), 'a')).toBe(true)
    for (let i = 0; i < 3; i++) ring.take()
    expect([ring.take(), ring.length, ring.bytes]).toEqual([undefined, 0, 0])
    expect(ring.put(bytes(1), 'd')).toBe(true)
  })

  test('is bounded by bytes, and takes the largest message nonetheless', () => {
    const ring = new OutgoingRing({ frames: 100, bytes: 100 })
    for (const [name, length] of [['a', 60], ['b', 30], ['c', 50]] as const) ring.put(bytes(length), name)
    expect([ring.length, ring.bytes, ring.overwritten]).toEqual([2, 80, 1])
    ring.put(bytes(500), 'd')
    expect([ring.length, ring.bytes, ring.overwritten]).toEqual([1, 500, 3])
    ring.clear()
    expect([ring.length, ring.bytes, ring.put(bytes(1), 'd')]).toEqual([0, 0, true])
  })
})
