import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { decodeAnnounce, decodeStatus, encodeAnnounce, encodeStatus } from '../../../../node-core/chain/protocols/announce-messages.ts'
import { BlockAnnounces } from '../../../../node-core/chain/protocols/block-announces.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../../../node-core/chain/scale/block.ts'
import { BlockChain } from '../../../helpers/block-chain.ts'
import { FakeSender } from './fake-sender.ts'

let chain: BlockChain
let clock: FakeClock
let sender: FakeSender
let calls: unknown[][]
let heights: [string, number][]
let syncing: boolean
let topic: BlockAnnounces

beforeEach(async () => {
  chain = new BlockChain()
  clock = new FakeClock()
  sender = new FakeSender()
  calls = []
  heights = []
  syncing = false
  topic = new BlockAnnounces(
    {
      blocks: chain,
      clock,
      sender,
      sync: {
        peerConnected: (...call) => calls.push(['connected', ...call]),
        peerDisconnected: (...call) => calls.push(['disconnected', ...call]),
        announced: (peer, header, hash, isBest) => calls.push(['announced', peer, header.number, hash, isBest]),
      },
      onStatus: (peer, { best }) => heights.push([peer, best.number]),
      isMajorSyncing: () => syncing,
      self: () => 'us', random: () => 0,
    },
    { role: 'FULL' },
  )
  await topic.start()
})

function status(best: BlockRef, genesisHash: Hash = chain.genesisHash): Uint8Array {
  return encodeStatus({ role: 'FULL', best, genesisHash })
}

function connect(peer: string, best: BlockRef = chain.best()): void {
  expect(topic.onHandshake(peer, status(best)).kind).toBe('accept')
  topic.onOpen(peer)
}

function importBest(parent: Hash = chain.best().hash): { block: BlockRef; header: Header } {
  const block = chain.add(parent)
  const header = chain.header(block.hash) as Header
  chain.setBest(block.hash)
  chain.events.emit('imported', { block, header, isBest: true })
  return { block, header }
}

describe('the status', () => {
  it('is 69 bytes: roles, best number, best hash, genesis hash', () => {
    const bytes = topic.handshake()
    expect(bytes.length).toBe(69)
    expect([...bytes.slice(0, 5)]).toEqual([1, 0, 0, 0, 0])
    expect(bytes.slice(37)).toEqual(fromHex(chain.genesisHash))
    expect(decodeStatus(bytes)).toEqual({ role: 'FULL', best: chain.best(), genesisHash: chain.genesisHash })
    importBest()
    expect(decodeStatus(topic.handshake()).best.number).toBe(1)
  })

  it('of another chain ends it, and so does what is no status', () => {
    const other = topic.onHandshake('a', status(chain.best(), `0x${'ab'.repeat(32)}`))
    expect(other).toMatchObject({ kind: 'reject', fault: { code: 'status-wrong-genesis', ban: true } })
    for (const bad of [new Uint8Array(0), status(chain.best()).slice(1), Uint8Array.of(...status(chain.best()), 0), status(chain.best()).fill(8, 0, 1)]) {
      expect(topic.onHandshake('a', bad)).toMatchObject({ kind: 'reject', fault: { code: 'topic-bad-handshake' } })
    }
    topic.onOpen('a')
    expect(calls).toEqual([])
    expect(topic.peers()).toEqual([])
  })

  it('says who is a light client, which has slots of its own', () => {
    const roles = [1, 2, 3, 4].map((role) => topic.onHandshake('a', status(chain.best()).fill(role, 0, 1)))
    expect(roles).toEqual([{ kind: 'accept' }, { kind: 'accept', light: true }, { kind: 'accept' }, { kind: 'accept' }])
  })

  it('reaches the syncer when both ways are open, and the end does too', () => {
    const best = { hash: `0x${'cd'.repeat(32)}` as const, number: 77 }
    connect('a', best)
    topic.onClosed('a')
    topic.onClosed('a')
    expect(calls).toEqual([['connected', 'a', 'FULL', best], ['disconnected', 'a']])
  })
})

describe('announcements', () => {
  it('go to peers that do not know the block, and replace older ones that wait', () => {
    connect('a')
    connect('b')
    const block = chain.add(chain.genesisHash)
    const header = chain.header(block.hash) as Header
    topic.onMessage('b', encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) }))
    chain.setBest(block.hash)
    chain.events.emit('imported', { block, header, isBest: true })
    expect(sender.sent).toMatchObject([{ topic: 'block-announces', to: { only: ['a'] }, kind: 'best' }])
    expect(decodeAnnounce((sender.sent[0] as { message: Uint8Array }).message)).toEqual({ header, isBest: true, data: new Uint8Array(0) })
    chain.events.emit('imported', { block, header, isBest: true })
    expect(sender.sent.length).toBe(1)
  })

  it('are not made of forks, of blocks that are best no more, and while catching up', async () => {
    connect('a')
    const fork = chain.add(chain.genesisHash)
    chain.events.emit('imported', { block: fork, header: chain.header(fork.hash) as Header, isBest: false })
    syncing = true
    const { block, header } = importBest()
    syncing = false
    importBest()
    chain.events.emit('imported', { block, header, isBest: true })
    expect(sender.take('a', decodeAnnounce).map((announce) => announce.header.number)).toEqual([2])
    await topic.stop()
    importBest()
    expect(sender.sent).toEqual([])
  })

  it('are made of own blocks in any case: while catching up, and of those that are not best', () => {
    connect('a')
    syncing = true
    const own = (parent: Hash, isBest: boolean): BlockRef => {
      const block = chain.add(parent)
      if (isBest) chain.setBest(block.hash)
      chain.events.emit('imported', { block, header: chain.header(block.hash) as Header, isBest, isOwn: true })
      return block
    }
    for (let i = 0; i < 20; i++) connect(`p${i}`)
    const best = own(chain.genesisHash, true)
    // Nobody else has it: all are told at once.
    expect((sender.sent[0]?.to as { only: string[] }).only.length).toBe(21)
    const fork = own(chain.genesisHash, false)
    expect(sender.take('a', decodeAnnounce).map(({ header, isBest }) => [header.stateRoot, isBest])).toEqual([
      [chain.header(best.hash)?.stateRoot, true], [chain.header(fork.hash)?.stateRoot, false],
    ])
  })

  it('reach everybody in the end, also where the first to be told pass nothing on, and no newer block comes', () => {
    const peers = Array.from({ length: 20 }, (_, i) => `p${i}`)
    for (const peer of peers) connect(peer)
    const told = (): string[] => sender.sent.splice(0).flatMap(({ to }) => ('only' in to ? to.only : []))
    const { block, header } = importBest()
    const first = told()
    expect(first.length).toBeLessThan(20)
    clock.advance(300)
    // Nobody told us of it: it may be ours alone to spread.
    expect([...first, ...told()].sort()).toEqual([...peers].sort())
    clock.advance(20_000)
    expect([told(), clock.nextDue()]).toEqual([[], undefined])
    topic.onMessage('p0', encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) }))
    topic.asked('p1', block.hash)

    for (let i = 0; i < 20; i++) {
      importBest()
      clock.advance(1000)
    }
    told()
    const next = chain.add(chain.best().hash)
    const news = encodeAnnounce({ header: chain.header(next.hash) as Header, isBest: true, data: new Uint8Array(0) })
    for (const teller of ['p0', 'p1']) topic.onMessage(teller, news)
    chain.setBest(next.hash)
    chain.events.emit('imported', { block: next, header: chain.header(next.hash) as Header, isBest: true })
    clock.advance(300)
    const soon = told()
    expect(soon.length).toBeLessThan(18)
    clock.advance(10_000)
    expect([...soon, ...told()].sort()).toEqual(peers.slice(2).sort())
  })

  it('of an older block end with a newer one', () => {
    for (let i = 0; i < 20; i++) connect(`p${i}`)
    importBest()
    const { block } = importBest()
    sender.sent.length = 0
    clock.advance(20_000)
    const numbers = new Set(sender.sent.map(({ message }) => decodeAnnounce(message).header.number))
    expect([...numbers]).toEqual([block.number])
  })

  it('keep a pace that no peer takes amiss, where blocks come faster, and the last of them is told in any case', async () => {
    connect('a')
    const told = (): number[] => sender.take('a', decodeAnnounce).map(({ header }) => header.number)
    // Two thousand blocks in ten seconds, and nobody knows yet that this is catching up.
    for (let i = 0; i < 2000; i++) {
      importBest()
      if (i % 2 === 1) clock.advance(10)
    }
    const during = told()
    expect(during.length).toBeGreaterThan(40)
    // Twenty a second are taken, and two hundred at once.
    expect(during.length).toBeLessThan(100)
    clock.advance(1000)
    expect([...during, ...told()].at(-1)).toBe(2000)
    clock.advance(10_000)
    expect(told()).toEqual([])
    importBest()
    expect(told()).toEqual([2001])

    for (let i = 0; i < 100; i++) importBest()
    await topic.stop()
    expect(clock.nextDue()).toBeUndefined()
  })

  it('tell the syncer, and move what the peer is known to have', () => {
    connect('a')
    const block = chain.add(chain.genesisHash)
    const header = chain.header(block.hash) as Header
    const message = encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) })
    expect(topic.onMessage('a', message)).toEqual({ kind: 'accept' })
    expect(topic.onMessage('a', message)).toMatchObject({ kind: 'ignore' })
    expect(calls[1]).toEqual(['announced', 'a', 1, block.hash, true])
    expect(heights).toEqual([['a', 0], ['a', 1]])
    expect(topic.peers()).toEqual([{ peerId: 'a', roles: 'FULL', best: block }])
  })

  it('of old have no state and no data; others that do not decode cost', () => {
    connect('a')
    const header = chain.header(chain.add(chain.genesisHash).hash) as Header
    expect(topic.onMessage('a', encodeHeader(header))).toEqual({ kind: 'accept' })
    const good = encodeAnnounce({ header, isBest: false, data: Uint8Array.of(1, 2) })
    for (const bad of [new Uint8Array(0), good.slice(0, 40), good.slice(0, -1), Uint8Array.of(...good, 0)]) {
      expect(topic.onMessage('a', bad)).toMatchObject({ kind: 'reject', fault: { code: 'topic-bad-message' } })
    }
    expect(topic.onMessage('stranger', good)).toMatchObject({ kind: 'ignore' })
  })
})

describe("a peer's best block", () => {
  it('is no lower than what it has finalized, as far as that is final here too', () => {
    connect('a')
    importBest()
    const { block } = importBest()
    importBest()
    topic.reached('a', 2)
    expect(heights).toEqual([['a', 0]])
    chain.setFinalized(block.hash)
    topic.reached('a', 2)
    topic.reached('a', 1)
    topic.reached('a', 3)
    topic.reached('stranger', 2)
    expect(heights).toEqual([['a', 0], ['a', 2]])
    expect(topic.peers()[0]?.best).toEqual(block)
  })
})
