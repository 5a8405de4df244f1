import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import type { PoolEvents } from '../../../../node-core/core/types.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashing.ts'
import { SeenCache } from '../../../../node-core/network/protocols/seen-cache.ts'
import { Transactions, decodeTransactions, encodeTransactions } from '../../../../node-core/network/protocols/transactions.ts'
import { FakeSender } from './fake-sender.ts'

const tx = (n: number, length = 2): Uint8Array => {
  const inner = new Uint8Array(length).fill(n)
  return Uint8Array.of(length << 2, ...inner)
}

class Pool {
  readonly events = new Emitter<PoolEvents>()
  readonly submitted: Uint8Array[] = []
  refuse: NodeError | undefined
  list: { hash: Hash; extrinsic: Uint8Array; provides: readonly string[] }[] = []

  async submit(extrinsic: Uint8Array): Promise<Hash> {
    this.submitted.push(extrinsic)
    if (this.refuse !== undefined) throw this.refuse
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

  it('costs the peer where no state would make it valid, and nothing where it came too late', async () => {
    connect('a')
    pool.refuse = new NodeError('TX_INVALID', 'no', { data: { detail: 'Stale' } })
    expect(await topic.onMessage('a', encodeTransactions([tx(1)]))).toMatchObject({ kind: 'ignore' })
    pool.refuse = new NodeError('TX_IMMEDIATELY_DROPPED', 'full')
    expect(await topic.onMessage('a', encodeTransactions([tx(2)]))).toMatchObject({ kind: 'ignore' })
    pool.refuse = new NodeError('TX_INVALID', 'no', { data: { detail: 'BadProof' } })
    expect(await topic.onMessage('a', encodeTransactions([tx(3), tx(4)]))).toMatchObject({ kind: 'reject', fault: { code: 'transactions-bad' } })
    expect(pool.submitted.length).toBe(3)
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
