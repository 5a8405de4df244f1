import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import type { PoolEvents } from '../../../../node-core/chain/core/types.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { PeerFault } from '../../../../node-core/network/contracts.ts'
import { Reputation } from '../../../../node-core/network/peers/reputation.ts'
import { MessageProcessor } from '../../../../node-core/network/topics/processor.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { SeenCache } from '../../../../node-core/chain/protocols/seen-cache.ts'
import { Transactions, decodeTransactions, encodeTransactions } from '../../../../node-core/chain/protocols/transactions.ts'
import { FakeSender } from './fake-sender.ts'

const tx = (n: number, length = 2): Uint8Array => {
  const inner = new Uint8Array(length).fill(n)
  return Uint8Array.of(length << 2, ...inner)
}

class Pool {
  readonly events = new Emitter<PoolEvents>()
  readonly submitted: Uint8Array[] = []
  refuse: NodeError | undefined
  refuseOdd: NodeError | undefined
  onSubmit: () => void = () => undefined
  list: { hash: Hash; extrinsic: Uint8Array; provides: readonly string[] }[] = []

  async submit(extrinsic: Uint8Array): Promise<Hash> {
    this.submitted.push(extrinsic)
    this.onSubmit()
    const refuse = this.submitted.length % 2 === 1 ? (this.refuseOdd ?? this.refuse) : this.refuse
    if (refuse !== undefined) throw refuse
    this.becomeReady(extrinsic)
    return blake2Hash(extrinsic)
  }

  becomeReady(extrinsic: Uint8Array): void {
    const hash = blake2Hash(extrinsic)
    this.list.push({ hash, extrinsic, provides: [] })
    this.events.emit('ready', { hash, extrinsic })
  }

  ready() {
    return this.list
  }

  readonly broadcasts: (readonly [Hash, readonly string[]])[] = []
  onBroadcast(hash: Hash, peers: readonly string[]): void {
    this.broadcasts.push([hash, peers])
  }
}

let pool: Pool
let clock: FakeClock
let sender: FakeSender
let syncing: boolean
let topic: Transactions

beforeEach(async () => {
  pool = new Pool()
  clock = new FakeClock()
  sender = new FakeSender()
  syncing = false
  topic = new Transactions(
    { pool, sender, clock, isMajorSyncing: () => syncing, roleOf: (peer) => (peer === 'silent-light' ? 'LIGHT' : undefined) },
    { role: 'AUTHORITY' },
  )
  await topic.start()
})

function connect(peer: string, handshake = Uint8Array.of(1)): void {
  expect(topic.onHandshake(peer, handshake).kind).toBe('accept')
  topic.onOpen(peer)
}

describe('what comes in', () => {
  it('is submitted once, whoever sends it', async () => {
    connect('a')
    connect('b')
    expect(await topic.onMessage('a', encodeTransactions([tx(1), tx(2)]))).toMatchObject({ kind: 'accept', reward: 1 })
    expect(await topic.onMessage('b', encodeTransactions([tx(1)]))).toMatchObject({ kind: 'ignore' })
    expect(pool.submitted).toEqual([tx(1), tx(2)])
  })

  const refuse = (code: string, detail?: string): void => void (pool.refuse = new NodeError(code, 'no', { data: { detail } }))

  it.each([
    ['Stale', 'transactions-failed', -2],
    ['Payment', 'transactions-failed', -2],
    ['BadProof', 'transactions-bad', -20],
    ['Custom(7)', 'transactions-bad', -20],
  ])('costs the peer where the runtime says %s', async (detail, code, cost) => {
    connect('a')
    refuse('TX_INVALID', detail)
    expect(await topic.onMessage('a', encodeTransactions([tx(1)]))).toEqual({ kind: 'reject', fault: { code, cost } })
  })

  it.each([['TX_UNKNOWN'], ['TX_TOO_LOW_PRIORITY'], ['TX_UNACTIONABLE'], ['RUNTIME_TRAP'], ['RUNTIME_TIMEOUT']])('costs the peer where the runtime was asked in vain: %s', async (code) => {
    connect('a')
    refuse(code)
    expect(await topic.onMessage('a', encodeTransactions([tx(1)]))).toMatchObject({ kind: 'reject', fault: { code: 'transactions-failed', cost: -2 } })
  })

  it.each([['TX_ALREADY_IMPORTED'], ['TX_TEMPORARILY_BANNED'], ['TX_IMMEDIATELY_DROPPED'], ['RUNTIME_STOPPED']])('costs nothing where that was no work, or no fault of the peer: %s', async (code) => {
    connect('a')
    refuse(code)
    expect(await topic.onMessage('a', encodeTransactions([tx(1)]))).toMatchObject({ kind: 'ignore' })
  })

  it('is charged one by one within a message, made up for by good ones, and read no further than is worth the work', async () => {
    connect('a')
    pool.refuseOdd = new NodeError('TX_INVALID', 'no', { data: { detail: 'Stale' } })
    const numbered = (count: number, first: number) => encodeTransactions(Array.from({ length: count }, (_, i) => tx(first + i)))
    expect(await topic.onMessage('a', numbered(8, 0))).toMatchObject({ kind: 'reject', fault: { cost: -4 } })
    pool.refuseOdd = undefined
    refuse('TX_INVALID', 'Stale')
    expect(await topic.onMessage('a', numbered(200, 10))).toMatchObject({ kind: 'reject', fault: { cost: -100 } })
    expect(pool.submitted).toHaveLength(8 + 50)
    refuse('TX_INVALID', 'BadProof')
    expect(await topic.onMessage('a', numbered(9, 220))).toMatchObject({ kind: 'reject', fault: { cost: -20 } })
    expect(pool.submitted).toHaveLength(8 + 50 + 1)
  })

  it('is not heard any more from a peer that is gone meanwhile', async () => {
    connect('a')
    pool.onSubmit = () => topic.onClosed('a')
    expect(await topic.onMessage('a', encodeTransactions([tx(1), tx(2), tx(3)]))).toMatchObject({ kind: 'accept' })
    expect(pool.submitted).toHaveLength(1)
  })

  it('costs nobody anything where the runtime traps on what everybody sends, and answers nothing', async () => {
    for (const peer of ['a', 'b', 'c']) connect(peer)
    refuse('RUNTIME_TRAP')
    const outcomes = []
    for (const [i, peer] of ['a', 'b', 'c', 'a', 'b'].entries()) outcomes.push((await topic.onMessage(peer, encodeTransactions([tx(i)]))).kind)
    expect(outcomes).toEqual(['reject', 'reject', 'ignore', 'ignore', 'ignore'])
    refuse('TX_INVALID', 'Stale')
    await topic.onMessage('b', encodeTransactions([tx(9)]))
    refuse('RUNTIME_TRAP')
    expect(await topic.onMessage('a', encodeTransactions([tx(10)]))).toMatchObject({ kind: 'reject' })
  })

  describe('10,000 transactions of one peer, fifty a second,', () => {
    /** How many were looked at until the peer was banned. */
    async function relay(outcome: (n: number) => NodeError | undefined): Promise<number> {
      const reputation = new Reputation(clock, { load: () => Promise.resolve([]), save: () => undefined })
      const judge = { report: (peer: string, fault: PeerFault) => void reputation.charge(peer, fault), reward: (peer: string, points: number) => void reputation.add(peer, points) }
      const processor = new MessageProcessor({ logger: silentLogger, judge })
      processor.register(topic)
      connect('a')
      for (let n = 0; n < 10_000; n++) {
        pool.refuse = outcome(n)
        await processor.process('transactions', 'a', encodeTransactions([Uint8Array.of(12, n & 0xff, n >> 8, 0)]))
        if (reputation.isBanned('a')) return n + 1
        clock.advance(20)
      }
      return 10_000
    }
    const invalid = (detail: string) => new NodeError('TX_INVALID', 'no', { data: { detail } })

    it.each([
      ['that fail with Payment', () => invalid('Payment'), 700],
      ['that fail with Stale', () => invalid('Stale'), 700],
      ['that are signed wrongly', () => invalid('BadProof'), 60],
      ['that are rubbish', () => new NodeError('RUNTIME_TRAP', 'no'), 700],
      ['of which two thirds fail', (n: number) => (n % 3 === 0 ? undefined : invalid('Payment')), 2000],
    ])('%s ban it well before the end', async (_, outcome, most) => {
      expect(await relay(outcome)).toBeLessThan(most)
    })

    it.each([
      ['that are good', () => undefined],
      ['that are known', () => new NodeError('TX_ALREADY_IMPORTED', 'no')],
      ['of which one in five came too late', (n: number) => (n % 5 === 0 ? invalid('Stale') : undefined)],
      ['that the pool has no room for', () => new NodeError('TX_IMMEDIATELY_DROPPED', 'no')],
    ])('%s do not', async (_, outcome) => {
      expect(await relay(outcome)).toBe(10_000)
    })
  })

  it('is refused where it does not decode or is too many, and left alone while syncing', async () => {
    connect('a')
    const bomb = Uint8Array.of(0x02, 0x00, 0x04, 0x00, ...new Uint8Array(70_000))
    for (const bad of [new Uint8Array(0), Uint8Array.of(4), Uint8Array.of(...encodeTransactions([tx(1)]), 0), bomb]) {
      expect(await topic.onMessage('a', bad)).toMatchObject({ kind: 'reject', fault: { code: 'topic-bad-message' } })
    }
    syncing = true
    expect(await topic.onMessage('a', encodeTransactions([tx(1)]))).toMatchObject({ kind: 'ignore' })
    expect(pool.submitted).toEqual([])
  })

  it('begins with roles or nothing', () => {
    expect([...topic.handshake()]).toEqual([4])
    expect(topic.onHandshake('a', new Uint8Array(0)).kind).toBe('accept')
    for (const bad of [Uint8Array.of(0), Uint8Array.of(8), Uint8Array.of(1, 1)]) expect(topic.onHandshake('a', bad).kind).toBe('reject')
  })
})

describe('what goes out', () => {
  it('is what became ready, to full nodes that do not have it', async () => {
    connect('full')
    connect('sender')
    connect('light', Uint8Array.of(2))
    connect('silent-light', new Uint8Array(0))
    await topic.onMessage('sender', encodeTransactions([tx(1)]))
    pool.becomeReady(tx(2))
    expect(sender.sent).toEqual([])
    clock.advance(100)
    expect(sender.take('full', decodeTransactions)).toEqual([[tx(1), tx(2)]])
    expect(sender.take('sender', decodeTransactions)).toEqual([[tx(2)]])
    expect(sender.sent).toEqual([])
    clock.advance(60_000)
    expect(sender.sent).toEqual([])
  })

  it('is told to the pool, with the peers that it went to', async () => {
    connect('a')
    connect('b')
    connect('light', Uint8Array.of(2))
    const hash = blake2Hash(tx(7))
    pool.becomeReady(tx(7))
    clock.advance(100)
    expect(pool.broadcasts).toEqual([[hash, ['a', 'b']]])
    connect('c')
    clock.advance(10_000)
    expect(pool.broadcasts.slice(1)).toEqual([[hash, ['c']]])
  })

  it('reaches those who come later, in messages of bounded length', async () => {
    for (let n = 0; n < 300; n++) pool.becomeReady(Uint8Array.of(8, n & 0xff, n >> 8))
    connect('late')
    clock.advance(10_000)
    expect(sender.take('late', decodeTransactions).map(({ length }) => length)).toEqual([256, 44])
    await topic.stop()
    expect(clock.nextDue()).toBeUndefined()
  })
})

describe('the seen cache', () => {
  it('forgets by age and by number', () => {
    const seen = new SeenCache(clock, { maxEntries: 2, lifetimeMs: 100 })
    expect([seen.add('a'), seen.add('a'), seen.add('b')]).toEqual([true, false, true])
    clock.advance(50)
    expect(seen.add('c')).toBe(true)
    expect([seen.has('a'), seen.has('b'), seen.has('c'), seen.size]).toEqual([false, true, true, 2])
    clock.advance(50)
    expect([seen.has('b'), seen.has('c'), seen.size]).toEqual([false, true, 1])
    clock.advance(50)
    expect(seen.size).toBe(0)
  })
})
