import { beforeEach, describe, expect, it } from 'vitest'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { NonceChain, readyOf, statusesOf, transaction } from './nonce-chain.ts'

let chain: NonceChain

beforeEach(() => {
  chain = new NonceChain()
})

describe('a replacement by priority', () => {
  it('of the first in a chain of nonces keeps its dependents', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    for (const nonce of [0, 1, 2]) await pool.submit(transaction(1, nonce), 'external')
    await pool.submit(transaction(1, 0, 9), 'external')
    expect(readyOf(pool)).toEqual(['1/0/9', '1/1/1', '1/2/1'])
    expect(statuses(transaction(1, 0))).toEqual(['ready', 'usurped'])
    expect(statuses(transaction(1, 1))).toEqual(['ready'])
    await expect(pool.submit(transaction(1, 1), 'external')).rejects.toMatchObject({ code: 'TX_ALREADY_IMPORTED' })
  })

  it.each([1, 2, 3])('of nonce %i of five keeps all five, in order', async (replaced) => {
    const pool = chain.pool()
    for (let nonce = 0; nonce < 5; nonce++) await pool.submit(transaction(1, nonce), 'external')
    await pool.submit(transaction(1, replaced, 50), 'external')
    await pool.submit(transaction(1, replaced, 51), 'external')
    expect(readyOf(pool)).toEqual([0, 1, 2, 3, 4].map((nonce) => `1/${nonce}/${nonce === replaced ? 51 : 1}`))
  })

  it('tells the watcher of the replaced one who took its place', async () => {
    const pool = chain.pool()
    const { statuses } = await pool.submitAndWatch(transaction(1, 0), new AbortController().signal)
    const usurper = await pool.submit(transaction(1, 0, 2), 'external')
    const seen: unknown[] = []
    for await (const status of statuses) seen.push(status)
    expect(seen).toEqual([{ kind: 'ready' }, { kind: 'usurped', by: usurper }])
  })

  it('leaves dependents that are in a block with it in the order of their nonces', async () => {
    const pool = chain.pool()
    for (const nonce of [0, 1, 2]) await pool.submit(transaction(1, nonce), 'external')
    await pool.submit(transaction(1, 0, 9), 'external')
    await chain.include(pool, [transaction(1, 0, 9), transaction(1, 1)])
    expect(readyOf(pool)).toEqual(['1/2/1'])
  })

  it('of one that provides more keeps only those whose tags are still provided', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    const tags = (...names: number[]): Uint8Array[] => names.map((name) => Uint8Array.of(name))
    // Account, then what it requires and provides: 1 gives a and b; 2 needs a; 3 needs b; 4 needs what 3 gives; 5 gives a alone.
    const graph: Record<number, [requires: Uint8Array[], provides: Uint8Array[], priority: bigint]> = {
      1: [[], tags(1, 2), 1n], 2: [tags(1), tags(3), 1n], 3: [tags(2), tags(4), 1n], 4: [tags(4), tags(5), 1n], 5: [[], tags(1), 9n],
    }
    chain.validate = async (_at, extrinsic) => {
      const [requires, provides, priority] = graph[extrinsic[1] ?? 0] ?? [[], [], 0n]
      return { kind: 'valid', priority, requires, provides, longevity: 64n, propagate: true }
    }
    for (const account of [1, 2, 3, 4, 5]) await pool.submit(transaction(account, 0), 'external')
    expect(readyOf(pool)).toEqual(['5/0/1', '2/0/1'])
    for (const account of [1, 3, 4]) expect(statuses(transaction(account, 0))).toEqual(['ready', 'usurped'])
  })

  it('cannot come from one that waits for the replaced: the circle is refused as a whole', async () => {
    const pool = chain.pool()
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)]
    chain.validate = async (_at, extrinsic) =>
      extrinsic[1] === 1
        ? { kind: 'valid', priority: 1n, requires: [], provides: [a, b], longevity: 64n, propagate: true }
        : { kind: 'valid', priority: 9n, requires: [a], provides: [b], longevity: 64n, propagate: true }
    await pool.submit(transaction(2, 0), 'external')
    await expect(pool.submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_CYCLE_DETECTED' })
    expect(pool.status()).toEqual({ ready: 0, readyBytes: 0, future: 0, futureBytes: 0 })
  })
})

describe('a removal', () => {
  it('takes the dependents along, and bans the removed one alone', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    for (const nonce of [0, 1, 2, 3]) await pool.submit(transaction(1, nonce), 'external')
    expect(pool.remove([blake2Hash(transaction(1, 1))])).toHaveLength(3)
    expect(readyOf(pool)).toEqual(['1/0/1'])
    for (const nonce of [1, 2, 3]) expect(statuses(transaction(1, nonce))).toEqual(['ready', 'invalid'])
    await expect(pool.submit(transaction(1, 1), 'external')).rejects.toMatchObject({ code: 'TX_TEMPORARILY_BANNED' })
    await pool.submit(transaction(1, 2), 'external')
    await pool.submit(transaction(1, 3), 'external')
    await pool.submit(transaction(1, 1, 2), 'external')
    expect(readyOf(pool)).toEqual(['1/0/1', '1/1/2', '1/2/1', '1/3/1'])
    chain.clock.advance(30 * 60 * 1000)
    await expect(pool.submit(transaction(1, 1), 'external')).rejects.toMatchObject({ code: 'TX_TOO_LOW_PRIORITY' })
  })

  it('by the runtime, as a block comes, bans that one alone too', async () => {
    const pool = chain.pool()
    for (const nonce of [0, 1]) await pool.submit(transaction(1, nonce), 'external')
    chain.poor.add(1)
    await chain.include(pool)
    chain.poor.clear()
    expect(pool.status()).toMatchObject({ ready: 0, future: 0 })
    await expect(pool.submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_TEMPORARILY_BANNED' })
    await expect(pool.submit(transaction(1, 1), 'external')).resolves.toBeDefined()
  })
})

describe('what the pool has no use for', () => {
  it('is a transaction without tags', async () => {
    const pool = chain.pool()
    chain.validate = async () => ({ kind: 'valid', priority: 1n, requires: [], provides: [], longevity: 64n, propagate: true })
    await expect(pool.submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_NO_TAGS' })
  })

  it('is one that must not be passed on, where this node does not author', async () => {
    chain.propagate = false
    await expect(chain.pool({ authoring: false }).submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_UNACTIONABLE' })
    const pool = chain.pool({ authoring: true })
    const gossiped: unknown[] = []
    pool.events.on('ready', (ready) => gossiped.push(ready))
    await pool.submit(transaction(1, 0), 'external')
    expect(pool.ready()).toMatchObject([{ propagate: false }])
    expect(gossiped).toEqual([])
  })
})
