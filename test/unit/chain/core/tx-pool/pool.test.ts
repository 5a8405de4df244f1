import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import type { PoolOptions } from '../../../../../node-core/chain/core/tx-pool/options.ts'
import { Pool } from '../../../../../node-core/chain/core/tx-pool/pool.ts'
import type { TransactionValidity } from '../../../../../node-core/chain/core/tx-pool/transaction.ts'
import type { TransactionStatus } from '../../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { Extrinsic } from '../../../../../node-core/chain/scale/block.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { BlockChain } from '../../../../helpers/block-chain.ts'

/** Transactions of a chain with accounts and nonces: the encoding is account, nonce, priority and salt. */
function transaction(account: number, nonce: number, priority = 1, salt = 0): Extrinsic {
  return new ScaleWriter().bytes(Uint8Array.of(account, nonce, priority, salt)).finish()
}

const tag = (account: number, nonce: number) => Uint8Array.of(account, nonce)

/** A runtime that knows the next nonce of each account and says what pallet-system would say. */
class NonceRuntime {
  readonly nonces = new Map<number, number>()
  longevity = 64n
  calls = 0

  validate = async (_at: unknown, extrinsic: Extrinsic): Promise<TransactionValidity> => {
    this.calls++
    const [, account = 0, nonce = 0, priority = 0] = extrinsic
    const expected = this.nonces.get(account) ?? 0
    if (nonce < expected) return { kind: 'invalid', reason: 'Stale' }
    if (priority === 255) return { kind: 'unknown', reason: 'CannotLookup' }
    const requires = nonce > expected ? [tag(account, nonce - 1)] : []
    return { kind: 'valid', priority: BigInt(priority), requires, provides: [tag(account, nonce)], longevity: this.longevity, propagate: true }
  }
}

let chain: BlockChain
let runtime: NonceRuntime
let clock: FakeClock

function create(options: Partial<PoolOptions> = {}): Pool {
  return new Pool({ blocks: chain, validate: (at, extrinsic) => runtime.validate(at, extrinsic), clock, logger: silentLogger }, options)
}

beforeEach(() => {
  chain = new BlockChain()
  runtime = new NonceRuntime()
  clock = new FakeClock(0)
})

/** Puts a body on top of the best block and lets the pool follow. */
async function include(pool: Pool, ...body: Extrinsic[]): Promise<Hash> {
  const block = chain.add(chain.best().hash, body)
  for (const [, account = 0, nonce = 0] of body) runtime.nonces.set(account, nonce + 1)
  await pool.onBestChanged(chain.setBest(block.hash))
  return block.hash
}

const readyNonces = (pool: Pool) => pool.ready().map(({ extrinsic }) => `${extrinsic[1]}/${extrinsic[2]}`)

describe('ordering', () => {
  it('puts priority first but never a transaction before what it requires', async () => {
    const pool = create()
    await pool.submit(transaction(1, 0, 5), 'local')
    await pool.submit(transaction(1, 1, 200), 'local')
    await pool.submit(transaction(2, 0, 50), 'local')
    expect(readyNonces(pool)).toEqual(['2/0', '1/0', '1/1'])
  })

  it('is by age among equals', async () => {
    const pool = create()
    for (const account of [3, 1, 2]) await pool.submit(transaction(account, 0), 'local')
    expect(readyNonces(pool)).toEqual(['3/0', '1/0', '2/0'])
  })
})

describe('readiness', () => {
  it('keeps a transaction with a nonce gap waiting until the gap is closed', async () => {
    const pool = create()
    await pool.submit(transaction(1, 2), 'local')
    await pool.submit(transaction(1, 1), 'local')
    expect(pool.status()).toMatchObject({ ready: 0, future: 2 })
    await pool.submit(transaction(1, 0), 'local')
    expect(readyNonces(pool)).toEqual(['1/0', '1/1', '1/2'])
    expect(pool.status()).toMatchObject({ ready: 3, future: 0, futureBytes: 0 })
  })

  it('closes the gap also where the missing one came in a block that it never saw', async () => {
    const pool = create()
    await pool.submit(transaction(1, 1), 'local')
    await include(pool, transaction(1, 0, 9))
    expect(readyNonces(pool)).toEqual(['1/1'])
  })
})

describe('refusals', () => {
  it('tells the runtime’s reason and bans for a while', async () => {
    const pool = create()
    runtime.nonces.set(1, 5)
    await expect(pool.submit(transaction(1, 0), 'local')).rejects.toMatchObject({ code: 'TX_INVALID', data: { detail: 'Stale' } })
    await expect(pool.submit(transaction(1, 0), 'local')).rejects.toMatchObject({ code: 'TX_TEMPORARILY_BANNED' })
    clock.advance(30 * 60 * 1000)
    await expect(pool.submit(transaction(1, 0), 'local')).rejects.toMatchObject({ code: 'TX_INVALID' })
    await expect(pool.submit(transaction(1, 5, 255), 'local')).rejects.toMatchObject({ code: 'TX_UNKNOWN' })
  })

  it('knows a duplicate, also while the first is being validated', async () => {
    const pool = create()
    const first = pool.submit(transaction(1, 0), 'local')
    await expect(pool.submit(transaction(1, 0), 'local')).rejects.toMatchObject({ code: 'TX_ALREADY_IMPORTED' })
    await first
    await expect(pool.submit(transaction(1, 0), 'local')).rejects.toMatchObject({ code: 'TX_ALREADY_IMPORTED' })
  })

  it('refuses what is no transaction without asking the runtime', async () => {
    const pool = create({ extrinsicLimit: 100 })
    await expect(pool.submit(Uint8Array.of(1, 2, 3), 'local')).rejects.toMatchObject({ code: 'TX_MALFORMED' })
    await expect(pool.submit(new ScaleWriter().bytes(new Uint8Array(200)).finish(), 'local')).rejects.toMatchObject({ code: 'TX_MALFORMED' })
    expect(runtime.calls).toBe(0)
  })

  it('validates a bounded number at once', async () => {
    const pool = create({ validationsLimit: 2 })
    const running = [pool.submit(transaction(1, 0), 'local'), pool.submit(transaction(2, 0), 'local')]
    await expect(pool.submit(transaction(3, 0), 'local')).rejects.toMatchObject({ code: 'TX_IMMEDIATELY_DROPPED' })
    await Promise.all(running)
    await expect(pool.submit(transaction(3, 0), 'local')).resolves.toBeDefined()
  })
})

describe('replacement', () => {
  it('needs a higher priority for the same nonce', async () => {
    const pool = create()
    const first = transaction(1, 0, 10)
    await pool.submit(first, 'local')
    await expect(pool.submit(transaction(1, 0, 10, 1), 'local')).rejects.toMatchObject({ code: 'TX_TOO_LOW_PRIORITY', data: { oldPriority: 10n, newPriority: 10n } })
    const usurper = await pool.submit(transaction(1, 0, 11), 'local')
    expect(pool.ready().map(({ hash }) => hash)).toEqual([usurper])
  })
})

describe('limits', () => {
  it('gives up the lowest priority, with what depends on it', async () => {
    const pool = create({ readyLimit: 3 })
    await pool.submit(transaction(1, 0, 2), 'local')
    await pool.submit(transaction(1, 1, 90), 'local')
    await pool.submit(transaction(2, 0, 5), 'local')
    await pool.submit(transaction(3, 0, 7), 'local')
    expect(readyNonces(pool)).toEqual(['3/0', '2/0'])
  })

  it('tells a newcomer that is the lowest itself', async () => {
    const pool = create({ readyLimit: 1 })
    await pool.submit(transaction(1, 0, 5), 'local')
    await expect(pool.submit(transaction(2, 0, 1), 'local')).rejects.toMatchObject({ code: 'TX_IMMEDIATELY_DROPPED' })
    expect(readyNonces(pool)).toEqual(['1/0'])
  })

  it('counts bytes and the waiting ones too', async () => {
    const pool = create({ readyBytesLimit: 12, futureLimit: 2 })
    for (const account of [1, 2, 3]) await pool.submit(transaction(account, 0, account), 'local').catch(() => undefined)
    expect(pool.status()).toMatchObject({ ready: 2, readyBytes: 10 })
    for (const account of [4, 5, 6]) await pool.submit(transaction(account, 1, account), 'local').catch(() => undefined)
    expect(pool.status()).toMatchObject({ future: 2, futureBytes: 10 })
  })
})

describe('following the chain', () => {
  it('drops what expired', async () => {
    runtime.longevity = 2n
    const pool = create()
    await pool.submit(transaction(1, 0), 'local')
    runtime.validate = async () => ({ kind: 'unknown', reason: 'CannotLookup' })
    for (let i = 0; i < 2; i++) await include(pool)
    expect(pool.status().ready).toBe(1)
    await include(pool)
    expect(pool.status().ready).toBe(0)
  })

  it('removes what a block made invalid', async () => {
    const pool = create()
    await pool.submit(transaction(1, 0, 1), 'local')
    await include(pool, transaction(1, 0, 7))
    expect(pool.status()).toEqual({ ready: 0, readyBytes: 0, future: 0, futureBytes: 0 })
  })

  it('brings back the transactions of an abandoned block', async () => {
    const pool = create()
    const extrinsic = transaction(1, 0)
    const genesis = chain.best().hash
    const hash = await pool.submit(extrinsic, 'local')
    await include(pool, extrinsic)
    expect(pool.status().ready).toBe(0)
    runtime.nonces.clear()
    const fork = chain.add(chain.add(genesis).hash)
    await pool.onBestChanged(chain.setBest(fork.hash))
    expect(pool.ready().map((entry) => entry.hash)).toEqual([hash])
  })
})

describe('watching', () => {
  async function collect(statuses: AsyncIterable<TransactionStatus>): Promise<TransactionStatus['kind'][]> {
    const kinds: TransactionStatus['kind'][] = []
    for await (const status of statuses) kinds.push(status.kind)
    return kinds
  }

  it('tells every status in order, up to finality', async () => {
    const pool = create()
    const extrinsic = transaction(1, 1)
    const { hash, statuses } = await pool.submitAndWatch(extrinsic, new AbortController().signal)
    expect(hash).toBe(blake2Hash(extrinsic))
    const kinds = collect(statuses)
    await pool.submit(transaction(1, 0), 'local')
    const genesis = chain.best().hash
    await include(pool, transaction(1, 0), extrinsic)
    runtime.nonces.clear()
    const fork = chain.add(chain.add(genesis, [transaction(1, 0)]).hash, [extrinsic])
    await pool.onBestChanged(chain.setBest(fork.hash))
    pool.onFinalized(chain.route(genesis, fork.hash))
    expect(await kinds).toEqual(['future', 'ready', 'inBlock', 'retracted', 'inBlock', 'finalized'])
  })

  it('tells which peers a ready transaction went to, and nothing of others', async () => {
    const pool = create()
    const statuses: TransactionStatus[] = []
    pool.events.on('status', ({ status }) => statuses.push(status))
    const hash = await pool.submit(transaction(1, 0), 'local')
    pool.onBroadcast(hash, ['peer'])
    pool.onBroadcast(blake2Hash(transaction(2, 0)), ['peer'])
    expect(statuses).toEqual([{ kind: 'ready' }, { kind: 'broadcast', peers: ['peer'] }])
  })

  it('ends with the signal, and with a refusal', async () => {
    const pool = create()
    const controller = new AbortController()
    const { statuses } = await pool.submitAndWatch(transaction(1, 0), controller.signal)
    const kinds = collect(statuses)
    controller.abort()
    expect(await kinds).toEqual(['ready'])
    runtime.nonces.set(2, 9)
    await expect(pool.submitAndWatch(transaction(2, 0), new AbortController().signal)).rejects.toMatchObject({ code: 'TX_INVALID' })
  })

  it('ends for everybody when the pool closes', async () => {
    const pool = create()
    const { statuses } = await pool.submitAndWatch(transaction(1, 0), new AbortController().signal)
    const kinds = collect(statuses)
    await pool.close()
    expect(await kinds).toEqual(['ready'])
  })
})
