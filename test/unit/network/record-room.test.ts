/** What strangers can put into the open table has an end, by number, by provider and by key; this node's own records stay. */
import { describe, expect, test } from 'vitest'
import { RecordRoom, ROOM } from '../../../node-core/network/host/record-room.ts'

type Key = Parameters<RecordRoom['put']>[0]
const key = (text: string): Key => ({ toString: () => text }) as Key
const provided = (of: string | number, peer: string): Key => key(`/open-table/provider/${of}/${peer}`)
const TIME = Uint8Array.of(1)

async function providersOf(room: RecordRoom, of: string | number): Promise<string[]> {
  const found: string[] = []
  for await (const entry of room.query({ prefix: `/open-table/provider/${of}` })) found.push(entry.key.toString().split('/').at(-1) ?? '')
  return found
}

describe('a room of records', () => {
  test('gives the providers of one key, and of no key that begins like it', async () => {
    const room = new RecordRoom(() => 'me')
    room.put(provided('abc', 'a'), TIME)
    room.put(provided('abc', 'b'), TIME)
    room.put(provided('abcd', 'c'), TIME)
    room.put(provided('abc', 'a'), TIME)
    expect(await providersOf(room, 'abc')).toEqual(['b', 'a'])
    expect(room.size).toBe(3)
    room.delete(provided('abc', 'b'))
    expect([await providersOf(room, 'abc'), room.has(provided('abc', 'b')), room.size]).toEqual([['a'], false, 2])
  })

  test('keeps so many providers of one key, the newest, and its own', async () => {
    const room = new RecordRoom(() => 'me')
    room.put(provided('k', 'me'), TIME)
    for (let i = 0; i < ROOM.perKey + 10; i++) room.put(provided('k', `p${i}`), TIME)
    const kept = await providersOf(room, 'k')
    expect(kept.length).toBe(ROOM.perKey)
    expect(kept).toContain('me')
    expect(kept).toContain(`p${ROOM.perKey + 9}`)
    expect(kept).not.toContain('p0')
  })

  test('keeps so many of one provider', () => {
    const room = new RecordRoom(() => 'me')
    for (let i = 0; i < ROOM.perProvider + 5; i++) room.put(provided(i, 'greedy'), TIME)
    expect(room.size).toBe(ROOM.perProvider)
    expect([room.has(provided(4, 'greedy')), room.has(provided(5, 'greedy'))]).toEqual([false, true])
  })

  test('takes from who has most where it is full, and never its own', () => {
    const room = new RecordRoom(() => 'me')
    for (let i = 0; i < 300; i++) room.put(provided(i, 'me'), TIME)
    room.put(provided('rare', 'honest'), TIME)
    for (let peer = 0; room.size < ROOM.providers; peer++) for (let i = 0; i < ROOM.perProvider && room.size < ROOM.providers; i++) room.put(provided(`${peer}-${i}`, `flood${peer}`), TIME)
    for (let i = 0; i < 500; i++) room.put(provided(`late${i}`, `late${i % 7}`), TIME)
    expect(room.size).toBe(ROOM.providers)
    expect(room.has(provided('rare', 'honest'))).toBe(true)
    for (let i = 0; i < 300; i++) expect(room.has(provided(i, 'me'))).toBe(true)
    expect(room.has(provided('late499', `late${499 % 7}`))).toBe(true)
  })

  test('keeps few values, and no long ones', () => {
    const room = new RecordRoom(() => 'me')
    expect(() => room.put(key('/open-table/record/x'), new Uint8Array(ROOM.valueBytes + 1))).toThrow(RangeError)
    for (let i = 0; i <= ROOM.values; i++) room.put(key(`/open-table/record/${i}`), TIME)
    expect(() => room.get(key('/open-table/record/0'))).toThrow('Not Found')
    expect(room.get(key(`/open-table/record/${ROOM.values}`))).toEqual(TIME)
  })
})
