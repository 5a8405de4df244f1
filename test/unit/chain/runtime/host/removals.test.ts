/** What is counted when many keys go at once, and where the roots of child tries show: as Substrate's nodes of 2026 have it. */
import { describe, expect, test } from 'vitest'
import { EMPTY, fromHex, toHex, utf8 } from '../../../../../node-core/base/bytes.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { trieRoot } from '../../../../../node-core/chain/trie/build.ts'
import { EMPTY_ROOT } from '../../../../../node-core/chain/trie/trie.ts'
import { HostBench } from '../../../../helpers/host-functions.ts'

const NONE = Uint8Array.of(0)
const some = (bytes: Uint8Array): Uint8Array => new ScaleWriter().u8(1).bytes(bytes).finish()
const limit = (count?: number): Uint8Array => new ScaleWriter().option(count, (writer, value) => writer.u32(value)).finish()
const cursor = (key?: string): Uint8Array => (key === undefined ? NONE : some(utf8(key)))
/** Where to go on, then the keys newly deleted below, those and the written ones, and those that were looked at. */
const results = (next: string | undefined, backend: number, unique: number, loops: number): string =>
  toHex(new ScaleWriter().raw(cursor(next)).u32(backend).u32(unique).u32(loops).finish())

const CHILD_KEY = ':child_storage:default:c'
const child = utf8('c')

/** A child storage with these keys, in the state below. */
function benchWithChild(keys: readonly string[]): HostBench {
  return new HostBench({}, { q: NONE }, { c: Object.fromEntries(keys.map((key) => [key, utf8(key)])) })
}

describe('clearing by prefix', () => {
  const state = { pa: NONE, pb: NONE, pc: NONE, q: NONE }

  test('version 2 counts the keys of the state that it looked at, also one that the block wrote', () => {
    const host = new HostBench({}, state)
    host.run('storage_set_version_1', utf8('pa'), utf8('new'))
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8('p'), limit()))).toBe('0x0003000000')
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8('p'), limit()))).toBe('0x0003000000')
    expect(host.run('storage_exists_version_1', utf8('q'))).toBe(1)
  })

  test.each([
    [0, '0x0100000000', ['pa', 'pb', 'pc', 'q']],
    [1, '0x0101000000', ['pb', 'pc', 'q']],
    [3, '0x0003000000', ['q']],
    [4, '0x0003000000', ['q']],
  ] as const)('with a limit of %i the keys of the block go all the same', (count, answer, left) => {
    const host = new HostBench({}, state)
    host.run('storage_set_version_1', utf8('px'), NONE)
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8('p'), limit(count)))).toBe(answer)
    const keys = ['pa', 'pb', 'pc', 'px', 'q'].filter((key) => host.run('storage_exists_version_1', utf8(key)) === 1)
    expect(keys).toEqual(left)
  })

  test('nothing below the prefix is nothing left, whatever the limit', () => {
    const host = new HostBench({}, state)
    host.run('storage_set_version_1', utf8('x1'), NONE)
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8('x'), limit(0)))).toBe('0x0000000000')
  })

  test('version 3 says where to go on, and tells deleted, written and visited apart', () => {
    const host = new HostBench({}, state)
    const clear = (count?: number, from?: string) => toHex(host.bytes('storage_clear_prefix_version_3', utf8('p'), limit(count), cursor(from)))
    host.run('storage_set_version_1', utf8('pa'), utf8('new'))
    host.run('storage_set_version_1', utf8('px'), NONE)
    expect(clear(2)).toBe(results('pc', 1, 3, 2))
    expect(clear(2, 'pc')).toBe(results(undefined, 1, 1, 1))
    expect(clear()).toBe(results(undefined, 0, 0, 3))
  })

  test('a cursor before the prefix begins with it, one behind it finds nothing', () => {
    const bench = (): HostBench => new HostBench({}, state)
    const clear = (from: string) => toHex(bench().bytes('storage_clear_prefix_version_3', utf8('p'), limit(), cursor(from)))
    expect(clear('a')).toBe(results(undefined, 3, 3, 3))
    expect(clear('pb')).toBe(results(undefined, 2, 2, 2))
    expect(clear('pbb')).toBe(results(undefined, 1, 1, 1))
    expect(clear('q')).toBe(results(undefined, 0, 0, 0))
  })

  test.each(['', ':', ':child_storage', ':child_storage:', ':child_storage:default:c'])('the prefix "%s" would reach child roots and is refused', (prefix) => {
    const host = new HostBench({}, { [CHILD_KEY]: EMPTY_ROOT, ':a': NONE })
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8(prefix), limit()))).toBe('0x0000000000')
    expect(toHex(host.bytes('storage_clear_prefix_version_3', utf8(prefix), limit(), NONE))).toBe(results(undefined, 0, 0, 0))
    expect(host.run('storage_exists_version_1', utf8(CHILD_KEY))).toBe(1)
    expect(host.run('storage_exists_version_1', utf8(':a'))).toBe(1)
  })

  test('bytes behind a limit or a cursor are passed over', () => {
    const host = new HostBench({}, state)
    expect(toHex(host.bytes('storage_clear_prefix_version_2', utf8('p'), fromHex('0x0101000000ffff')))).toBe('0x0101000000')
  })
})

describe('clearing a child storage', () => {
  test('counts the keys that it looked at', () => {
    const host = benchWithChild(['ka', 'kb', 'z'])
    host.run('default_child_storage_set_version_1', child, utf8('ka'), utf8('new'))
    expect(toHex(host.bytes('default_child_storage_storage_kill_version_3', child, limit(1)))).toBe('0x0101000000')
    expect(host.run('default_child_storage_storage_kill_version_2', child, limit(1))).toBe(0)
    expect(toHex(host.bytes('default_child_storage_clear_prefix_version_2', child, utf8('k'), limit()))).toBe('0x0002000000')
    expect(toHex(host.bytes('default_child_storage_storage_kill_version_3', child, limit()))).toBe('0x0003000000')
    expect(host.run('default_child_storage_storage_kill_version_2', child, limit())).toBe(1)
    expect(host.bytes('default_child_storage_root_version_1', child)).toEqual(EMPTY_ROOT)
  })

  test('goes on at a cursor', () => {
    const host = benchWithChild(['ka', 'kb', 'z'])
    const kill = (count?: number, from?: string) => toHex(host.bytes('default_child_storage_storage_kill_version_4', child, limit(count), cursor(from)))
    const clear = (prefix: string, count?: number, from?: string) =>
      toHex(host.bytes('default_child_storage_clear_prefix_version_3', child, utf8(prefix), limit(count), cursor(from)))
    expect(clear('k', 1)).toBe(results('kb', 1, 1, 1))
    expect(clear('k', 1, 'kb')).toBe(results(undefined, 1, 1, 1))
    expect(kill(2)).toBe(results('z', 0, 0, 2))
    expect(kill(2, 'z')).toBe(results(undefined, 1, 1, 1))
  })

  test('one that is not there has nothing to clear', () => {
    const host = new HostBench()
    expect(toHex(host.bytes('default_child_storage_storage_kill_version_3', child, limit(0)))).toBe('0x0000000000')
    expect(toHex(host.bytes('default_child_storage_storage_kill_version_4', child, limit(0), NONE))).toBe(results(undefined, 0, 0, 0))
  })
})

describe('the root of a child trie in the main storage', () => {
  const rootOf = (entries: Readonly<Record<string, string>>) => trieRoot(Object.entries(entries).map(([key, value]) => [utf8(key), utf8(value)] as const), 0)
  const read = (host: HostBench) => host.bytes('storage_get_version_1', utf8(CHILD_KEY))

  test('is the one before the block until the runtime asks for the new one', () => {
    const host = benchWithChild(['k'])
    expect(read(host)).toEqual(some(rootOf({ k: 'k' })))
    host.run('default_child_storage_set_version_1', child, utf8('l'), utf8('v'))
    const main = host.bytes('storage_root_version_1')
    expect(read(host)).toEqual(some(rootOf({ k: 'k' })))
    expect(host.bytes('default_child_storage_root_version_1', child)).toEqual(rootOf({ k: 'k', l: 'v' }))
    expect(read(host)).toEqual(some(rootOf({ k: 'k', l: 'v' })))
    expect(host.bytes('storage_root_version_1')).toEqual(main)
  })

  test('goes when the child is empty, and comes back with a rollback', () => {
    const host = benchWithChild(['k'])
    host.run('storage_start_transaction_version_1')
    host.run('default_child_storage_storage_kill_version_1', child)
    expect(host.bytes('default_child_storage_root_version_1', child)).toEqual(EMPTY_ROOT)
    expect(read(host)).toEqual(NONE)
    expect(host.bytes('storage_root_version_1')).toEqual(trieRoot([[utf8('q'), NONE]], 0))
    host.run('storage_rollback_transaction_version_1')
    expect(read(host)).toEqual(some(rootOf({ k: 'k' })))
  })

  test('of a changed child counts over whatever else was written there', () => {
    const host = benchWithChild(['k'])
    host.run('default_child_storage_set_version_1', child, utf8('k'), utf8('v'))
    const expected = host.bytes('storage_root_version_1')
    // Appending is the one way in which a runtime writes to such a key.
    host.run('storage_append_version_1', utf8(CHILD_KEY), Uint8Array.of(7))
    expect(host.bytes('storage_root_version_1')).toEqual(expected)
  })

  test('is found again in the state that the block made', () => {
    const host = benchWithChild(['k'])
    read(host)
    host.run('default_child_storage_set_version_1', child, utf8('k'), utf8('v'))
    const changes = host.call.storage.changes(0, { next: 1 })
    expect(changes.changedKeys).toEqual([utf8(CHILD_KEY)])
    expect(host.call.storage.succeedingView().get(CHILD_KEY)).toEqual(rootOf({ k: 'v' }))
  })

  test('that is no root ends the call that opens the child', () => {
    const host = new HostBench({}, { [CHILD_KEY]: utf8('short') })
    expect(() => host.bytes('default_child_storage_get_version_1', child, EMPTY)).toThrow(/root of a child trie/)
  })
})
