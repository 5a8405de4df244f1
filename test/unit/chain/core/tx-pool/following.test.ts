import { beforeEach, describe, expect, it } from 'vitest'
import { FINALITY_TIMEOUT_BLOCKS } from '../../../../../node-core/chain/core/tx-pool/in-block.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { inherent, NonceChain, readyOf, statusesOf, tagOf, transaction } from './nonce-chain.ts'

let chain: NonceChain

beforeEach(() => {
  chain = new NonceChain()
})

describe('a block that others wrote', () => {
  it('overtakes a transaction of the same nonce, and leaves its dependents ready', async () => {
    const pool = chain.pool({ revalidateLimit: 0 })
    const statuses = statusesOf(pool)
    for (const nonce of [0, 1, 2]) await pool.submit(transaction(1, nonce), 'external')
    await pool.submit(transaction(1, 4), 'external')
    await chain.include(pool, [inherent(1), transaction(1, 0, 7)])
    expect(readyOf(pool)).toEqual(['1/1/1', '1/2/1'])
    expect(statuses(transaction(1, 0))).toEqual(['ready', 'invalid'])
    expect(statuses(transaction(1, 1))).toEqual(['ready'])
    expect(pool.status().future).toBe(1)
  })

  it('overtakes also what waits, and what came before it', async () => {
    const pool = chain.pool({ revalidateLimit: 0 })
    const statuses = statusesOf(pool)
    await pool.submit(transaction(1, 2), 'external')
    await pool.submit(transaction(1, 4), 'external')
    await pool.submit(transaction(2, 0), 'external')
    await chain.include(pool, [0, 1, 2, 3].map((nonce) => transaction(1, nonce, 7)))
    expect(statuses(transaction(1, 2))).toEqual(['future', 'invalid'])
    expect(statuses(transaction(1, 4))).toEqual(['future', 'ready'])
    expect(readyOf(pool)).toEqual(['1/4/1', '2/0/1'])
  })

  it('is not asked about by a pool that holds nothing', async () => {
    const pool = chain.pool()
    await chain.include(pool, [transaction(1, 0), transaction(2, 0)])
    expect(chain.asked).toEqual([])
  })

  it('costs a bounded number of validations', async () => {
    const pool = chain.pool({ revalidateLimit: 0, foreignLimit: 3 })
    await pool.submit(transaction(9, 0), 'external')
    chain.asked.length = 0
    await chain.include(pool, [1, 2, 3, 4, 5].map((account) => transaction(account, 0)))
    expect(chain.asked).toEqual(['0/1/0', '0/2/0', '0/3/0'])
  })

  it('bans what it holds: late copies do not reach the runtime', async () => {
    const pool = chain.pool()
    await pool.submit(transaction(1, 0), 'external')
    await chain.include(pool, [transaction(1, 0)])
    chain.asked.length = 0
    await expect(pool.submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_TEMPORARILY_BANNED' })
    expect(chain.asked).toEqual([])
  })
})

describe('a reorganization', () => {
  it('brings back what abandoned blocks held, also what this pool never did', async () => {
    const pool = chain.pool()
    const own = transaction(1, 0)
    await pool.submit(own, 'external')
    await chain.include(pool, [inherent(1), transaction(2, 0), own])
    await chain.include(pool, [inherent(2), transaction(2, 1)])
    const fork = chain.blocks.add(chain.blocks.genesisHash)
    await pool.onBestChanged(chain.blocks.setBest(chain.blocks.add(chain.blocks.add(fork.hash).hash).hash))
    expect(readyOf(pool).sort()).toEqual(['1/0/1', '2/0/1', '2/1/1'])
    await expect(pool.submit(own, 'external')).rejects.toMatchObject({ code: 'TX_ALREADY_IMPORTED' })
  })

  it('does not bring back what the new chain holds too', async () => {
    const pool = chain.pool()
    await chain.include(pool, [transaction(1, 0), transaction(2, 0)])
    const statuses = statusesOf(pool)
    const fork = chain.blocks.add(chain.blocks.genesisHash, [transaction(2, 0)])
    await chain.include(pool, [transaction(3, 0)], fork.hash)
    expect(readyOf(pool)).toEqual(['1/0/1'])
    expect(statuses(transaction(2, 0))).toEqual([])
  })

  it('ends one that came back and is not valid any more with a last status', async () => {
    const pool = chain.pool()
    const { statuses } = await pool.submitAndWatch(transaction(1, 0), new AbortController().signal)
    await chain.include(pool, [transaction(1, 0)])
    const fork = chain.blocks.add(chain.blocks.genesisHash, [transaction(1, 0, 9)])
    await chain.include(pool, [], fork.hash)
    const kinds: string[] = []
    for await (const { kind } of statuses) kinds.push(kind)
    expect(kinds).toEqual(['ready', 'inBlock', 'retracted', 'invalid'])
  })

  it.each([
    ['that the runtime cannot judge', 'invalid', (): void => void (chain.validate = () => Promise.resolve({ kind: 'unknown', reason: 'CannotLookup' }))],
    ['for which the runtime fails', 'invalid', (): void => void (chain.validate = () => Promise.reject(new Error('trap')))],
    ['whose body is gone', 'dropped', (): void => void (chain.blocks.body = () => Promise.resolve(undefined))],
  ] as const)('ends one %s with a last status', async (_what, last, spoil) => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    await pool.submit(transaction(1, 0), 'external')
    await chain.include(pool, [transaction(1, 0)])
    spoil()
    const fork = chain.blocks.add(chain.blocks.genesisHash)
    await chain.include(pool, [], fork.hash)
    expect(statuses(transaction(1, 0))).toEqual(['ready', 'inBlock', 'retracted', last])
  })

  it('ends one whose place was taken meanwhile with who took it', async () => {
    const pool = chain.pool()
    const events: unknown[] = []
    await pool.submit(transaction(1, 0), 'external')
    const included = await chain.include(pool, [transaction(1, 0)])
    const fork = chain.blocks.add(chain.blocks.genesisHash)
    chain.blocks.setBest(fork.hash)
    const rival = await pool.submit(transaction(1, 0, 9), 'external')
    pool.events.on('status', ({ hash, status }) => hash === blake2Hash(transaction(1, 0)) && events.push(status))
    await pool.onBestChanged({ best: fork, retracted: [included], enacted: [fork] })
    expect(events).toEqual([{ kind: 'retracted', block: included.hash }, { kind: 'usurped', by: rival }])
    expect(readyOf(pool)).toEqual(['1/0/9'])
  })

  it('makes a nonce wait again for the one that the abandoned block held', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    await chain.include(pool, [transaction(1, 0)])
    await pool.submit(transaction(1, 1), 'external')
    const fork = chain.blocks.add(chain.blocks.genesisHash)
    chain.blocks.body = async () => []
    await chain.include(pool, [], fork.hash)
    expect(statuses(transaction(1, 1))).toEqual(['ready', 'future'])
    expect(pool.status()).toMatchObject({ ready: 0, future: 1 })
    await pool.submit(transaction(1, 0, 3), 'external')
    expect(readyOf(pool)).toEqual(['1/0/3', '1/1/1'])
    expect(statuses(transaction(1, 1))).toEqual(['ready', 'future', 'ready'])
  })

  it('there and back ends in the first block', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    const extrinsic = transaction(1, 0)
    await pool.submit(extrinsic, 'external')
    const first = await chain.include(pool, [extrinsic])
    const other = chain.blocks.add(chain.blocks.genesisHash)
    await chain.include(pool, [], other.hash)
    await pool.onBestChanged(chain.blocks.setBest(chain.blocks.add(chain.blocks.add(first.hash).hash).hash))
    pool.onFinalized([first])
    await pool.close()
    expect(statuses(extrinsic)).toEqual(['ready', 'inBlock', 'retracted', 'ready', 'inBlock', 'finalized'])
  })
})

describe('asking again', () => {
  it('reaches every waiting one, a bounded number with each block', async () => {
    const pool = chain.pool({ revalidateLimit: 10 })
    for (let account = 1; account <= 35; account++) await pool.submit(transaction(account, 1), 'external')
    // A runtime to whom the missing nonces are used up, though no block held them.
    chain.nonceAt = () => 1
    const ready: number[] = []
    for (let block = 0; block < 4; block++) {
      chain.asked.length = 0
      await chain.include(pool)
      expect(chain.asked.length).toBeLessThanOrEqual(20)
      ready.push(pool.status().ready)
    }
    expect(ready).toEqual([10, 20, 30, 35])
  })

  it('reaches every waiting one, also where nothing comes of it', async () => {
    const pool = chain.pool({ revalidateLimit: 10 })
    for (let account = 1; account <= 25; account++) await pool.submit(transaction(account, 1), 'external')
    chain.asked.length = 0
    for (let block = 0; block < 3; block++) await chain.include(pool)
    expect(new Set(chain.asked.map((question) => question.split('/')[1])).size).toBe(25)
  })

  it('reaches every ready one, and those of which the runtime cannot tell', async () => {
    const pool = chain.pool({ revalidateLimit: 10 })
    for (let account = 1; account <= 25; account++) await pool.submit(transaction(account, 0), 'external')
    const asked = new Set<number>()
    chain.validate = async (_at, extrinsic) => {
      asked.add(extrinsic[1] ?? 0)
      return { kind: 'unknown', reason: 'CannotLookup' }
    }
    for (let block = 0; block < 3; block++) await chain.include(pool)
    expect(asked.size).toBe(25)
    expect(pool.status().ready).toBe(25)
  })

  it('gives way to the next block', async () => {
    const pool = chain.pool({ revalidateLimit: 10 })
    for (let account = 1; account <= 5; account++) await pool.submit(transaction(account, 0), 'external')
    chain.asked.length = 0
    const changes = [1, 2, 3].map(() => chain.blocks.setBest(chain.blocks.add(chain.blocks.best().hash).hash))
    await Promise.all(changes.map((change) => pool.onBestChanged(change)))
    expect(chain.asked.map((question) => question.split('/')[0])).toEqual(['3', '3', '3', '3', '3'])
  })

  it('is done after the pool has caught up, which authors wait for', async () => {
    const pool = chain.pool()
    for (const nonce of [0, 1]) await pool.submit(transaction(1, nonce), 'external')
    const block = chain.blocks.add(chain.blocks.best().hash, [transaction(1, 0)])
    void pool.onBestChanged(chain.blocks.setBest(block.hash))
    await pool.caughtUp()
    expect(readyOf(pool)).toEqual(['1/1/1'])
  })
})

describe('an end', () => {
  it('comes with the last block of a mortal transaction, for its dependents too', async () => {
    chain.longevity = 2n
    const pool = chain.pool({ revalidateLimit: 0 })
    const statuses = statusesOf(pool)
    await pool.submit(transaction(1, 0), 'external')
    await pool.submit(transaction(2, 5), 'external')
    chain.longevity = 64n
    await pool.submit(transaction(1, 1), 'external')
    for (let i = 0; i < 2; i++) await chain.include(pool)
    expect(pool.status()).toMatchObject({ ready: 2, future: 1 })
    await chain.include(pool)
    expect(pool.status()).toMatchObject({ ready: 0, future: 0 })
    for (const extrinsic of [transaction(1, 0), transaction(1, 1)]) expect(statuses(extrinsic)).toEqual(['ready', 'invalid'])
    expect(statuses(transaction(2, 5))).toEqual(['future', 'invalid'])
    await expect(pool.submit(transaction(1, 0), 'external')).rejects.toMatchObject({ code: 'TX_TEMPORARILY_BANNED' })
    await expect(pool.submit(transaction(1, 1), 'external')).resolves.toBeDefined()
  })

  it('comes by finality that takes too long, though nothing else happens in the pool', async () => {
    const pool = chain.pool()
    const statuses = statusesOf(pool)
    await pool.submit(transaction(1, 0), 'external')
    await chain.include(pool, [transaction(1, 0)])
    for (let i = 0; i < FINALITY_TIMEOUT_BLOCKS - 1; i++) await chain.include(pool)
    expect(statuses(transaction(1, 0))).toEqual(['ready', 'inBlock'])
    await chain.include(pool)
    expect(statuses(transaction(1, 0))).toEqual(['ready', 'inBlock', 'finalityTimeout'])
  })

  it('comes by a full pool, for whoever has to leave it', async () => {
    const pool = chain.pool({ readyLimit: 3, futureLimit: 1 })
    const statuses = statusesOf(pool)
    for (const [account, nonce, priority] of [[1, 0, 2], [1, 1, 9], [2, 0, 5], [3, 0, 7], [4, 1, 1], [5, 1, 2]] as const) {
      await pool.submit(transaction(account, nonce, priority), 'external')
    }
    expect(statuses(transaction(1, 0, 2))).toEqual(['ready', 'dropped'])
    expect(statuses(transaction(1, 1, 9))).toEqual(['ready', 'dropped'])
    expect(statuses(transaction(4, 1, 1))).toEqual(['future', 'dropped'])
  })
})

describe('a validation under way while the best block moves', () => {
  it('is repeated on the new one, so that what went in is not taken in again', async () => {
    const pool = chain.pool()
    const submission = pool.submit(transaction(1, 0), 'external')
    const followed = chain.include(pool, [transaction(1, 0)])
    await expect(submission).rejects.toMatchObject({ code: 'TX_INVALID', data: { detail: 'Stale' } })
    await followed
    expect(pool.status()).toMatchObject({ ready: 0, future: 0 })
  })

  it('keeps a tag in mind that the newest blocks provide', async () => {
    const pool = chain.pool()
    await pool.submit(transaction(1, 0), 'external')
    await chain.include(pool, [transaction(1, 0)])
    // As on chains whose transactions name what they require even where it has happened.
    chain.validate = async () => ({ kind: 'valid', priority: 1n, requires: [tagOf(1, 0)], provides: [tagOf(1, 1)], longevity: 64n, propagate: true })
    await pool.submit(transaction(1, 1), 'external')
    expect(pool.status()).toMatchObject({ ready: 1, future: 0 })
  })
})
