/** What clients of chainHead_v1 have pinned, over a real database that gives up old states. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { PinnedBlocks, Pinboard } from '../../../../node-core/chain/rpc/chain-head/pinned.ts'
import { Follow } from '../../../../node-core/chain/rpc/chain-head/follow.ts'
import { RpcService } from '../../../../node-core/chain/rpc/rpc-service.ts'
import { Subscription } from '../../../../node-core/chain/rpc/subscription.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { genesis, makeBlock, makeChain } from '../state/chain-blocks.ts'
import { importAll, makeService, temporaryFolder } from '../state/service-fixture.ts'
import { Client, until } from './client.ts'
import { FakePins, fakeNode, type FakeNode } from './fakes.ts'

describe('a pinned block', () => {
  let state: StateService
  let rpc: RpcService
  let client: Client
  let node: FakeNode

  beforeEach(async () => {
    state = makeService(await temporaryFolder(), { pruning: 1 })
    await state.start()
    const { blocks, storage, pins, proofs: trie } = state
    node = fakeNode()
    rpc = new RpcService({ ...node, blocks, storage, pins, trie }, { port: 0 })
    await rpc.start()
    client = await Client.open(rpc.port as number)
  })

  afterEach(async () => {
    await client.close()
    await rpc.stop()
  })

  async function follow(): Promise<string> {
    const id = await client.call<string>('chainHead_v1_follow', false)
    while ((await client.next()).event !== 'bestBlockChanged') continue
    return id
  }

  async function skipTo(event: string): Promise<void> {
    while ((await client.next()).event !== event) continue
  }

  /** The next event of an operation that reads the number out of a block's state. */
  async function read(id: string, block: ImportedBlock): Promise<unknown> {
    const items = [{ key: toHex(utf8('number')), type: 'value' }]
    const started = await client.request('chainHead_v1_storage', id, block.hash, items, null)
    if (started.error !== undefined) return started.error.code
    for (;;) {
      const event = await client.next<{ event: string; items?: { value: string }[] }>()
      if (event.event === 'operationStorageItems') return event.items?.[0]?.value
      if (event.event.startsWith('operation') && event.event !== 'operationStorageDone') return event.event
    }
  }

  const finalize = async (block: ImportedBlock): Promise<void> => {
    await state.writer.finalize(block.hash)
    await state.pruned()
  }

  it('is read after others of its age are gone, and is gone when it is unpinned', async () => {
    const id = await follow()
    const fork = makeBlock(genesis.header, 'fork', false)
    const blocks = makeChain(genesis.header, 8) as [ImportedBlock, ImportedBlock, ...ImportedBlock[]]
    const [first, second] = blocks
    await importAll(state, [fork, ...blocks])
    await finalize(blocks[7] as ImportedBlock)
    await skipTo('finalized')
    for (const block of [fork, first, second]) expect(await read(id, block)).toBe(toHex(Uint8Array.of(block.header.number)))
    await client.call('chainHead_v1_body', id, fork.hash)
    expect(await client.next()).toMatchObject({ event: 'operationStorageDone' })
    expect(await client.next()).toMatchObject({ event: 'operationBodyDone', value: fork.body.map(toHex) })

    // The dead one needs the state from which it grew.
    const has = (): boolean[] => [genesis, fork, first, second].map(({ header }) => state.storage.has(header.stateRoot))
    expect(has()).toEqual([true, true, true, true])
    await client.call('chainHead_v1_unpin', id, [fork.hash, state.blocks.genesisHash, first.hash])
    await state.pruned()
    expect(has()).toEqual([false, false, false, true])
    expect([await read(id, first), await read(id, second)]).toEqual([-32801, '0x02'])
    await client.call('chainHead_v1_unfollow', id)
    await state.pruned()
    expect(has()).toEqual([false, false, false, false])
  })

  it('is let go when the client is gone', async () => {
    await follow()
    const blocks = makeChain(genesis.header, 4) as [ImportedBlock, ...ImportedBlock[]]
    await importAll(state, blocks)
    await finalize(blocks[3] as ImportedBlock)
    expect(state.storage.has(blocks[0].header.stateRoot)).toBe(true)
    client.socket.terminate()
    await until(() => rpc.connectionCount === 0)
    await state.pruned()
    expect(state.storage.has(blocks[0].header.stateRoot)).toBe(false)
  })

  it('is none whose state is gone already', async () => {
    const blocks = makeChain(genesis.header, 4)
    await importAll(state, blocks)
    await finalize(blocks[2] as ImportedBlock)
    await client.call('chainHead_v1_follow', false)
    expect(await client.next()).toMatchObject({ event: 'initialized', finalizedBlockHashes: [blocks[2]?.hash] })
  })

  it('is held by an operation that goes on after it is unpinned', async () => {
    const blocks = makeChain(genesis.header, 3) as [ImportedBlock, ImportedBlock, ImportedBlock]
    await importAll(state, blocks)
    const id = await client.call<string>('chainHead_v1_follow', true)
    while ((await client.next()).event !== 'bestBlockChanged') continue
    let finish = (): void => undefined
    node.runtime.answers.set('Slow', () => new Promise((resolve) => (finish = () => resolve(Uint8Array.of(1)))))
    await client.call('chainHead_v1_call', id, blocks[0].hash, 'Slow', '0x')
    await client.call('chainHead_v1_unpin', id, [state.blocks.genesisHash, ...blocks.slice(0, 2).map(({ hash }) => hash)])
    await finalize(blocks[2])
    const has = (): boolean[] => blocks.map(({ header }) => state.storage.has(header.stateRoot))
    expect(has()).toEqual([true, true, true])
    finish()
    await skipTo('operationCallDone')
    await state.pruned()
    expect(has()).toEqual([false, false, true])
  })
})

describe('all subscriptions together', () => {
  const hash = (number: number): Hash => toHex(new Uint8Array(32).fill(number))
  const header = (number: number) => ({ ...genesis.header, number })

  it('hold so many blocks and no more: who holds the oldest ones goes', () => {
    const pins = new FakePins()
    const board = new Pinboard(pins, 4)
    const over: string[] = []
    const follow = (name: string): PinnedBlocks => {
      const blocks: PinnedBlocks = new PinnedBlocks(board, () => {
        over.push(name)
        blocks.clear()
      })
      return blocks
    }
    const [old, young] = [follow('old'), follow('young')]
    for (const number of [1, 2]) old.pin(hash(number), header(number))
    for (const number of [2, 3, 4, 5]) young.pin(hash(number), header(number))
    // What is above the finalized block does not count, and what two hold counts once.
    board.enforce(3)
    expect(over).toEqual([])
    board.enforce(5)
    expect(over).toEqual(['old'])
    expect([...pins.held]).toEqual([2, 3, 4, 5].map((number) => [hash(number), 1]))
    young.pin(hash(6), header(6))
    board.enforce(6)
    expect(over).toEqual(['old', 'young'])
    expect(pins.held.size).toBe(0)
    // It is over.
    expect([young.pin(hash(7), header(7)), pins.held.size]).toEqual([false, 0])
  })

  it('keep a block as long as one of its users needs it', () => {
    const pins = new FakePins()
    const blocks = new PinnedBlocks(new Pinboard(pins, 3), () => undefined)
    blocks.pin(hash(1), header(1))
    const [first, second] = [blocks.use(hash(1)), blocks.use(hash(1))]
    first()
    blocks.unpin(hash(1))
    expect([blocks.header(hash(1)), pins.held.size]).toEqual([undefined, 1])
    second()
    expect(pins.held.size).toBe(0)
  })
})

it('stops a subscription that keeps a single block for too long', () => {
  const { blocks, runtime, pins } = fakeNode()
  const sent: string[] = []
  const subscription = new Subscription('s', 'k', { send: (text) => sent.push(text), room: () => Promise.resolve() })
  const follow = new Follow({ blocks, events: blocks.events, runtime }, subscription, false, { maxPinned: 10, maxPinnedDepth: 20 }, new Pinboard(pins, 100))
  follow.start()
  for (let number = 1; number <= 21; number++) {
    expect([[...pins.held.keys()], subscription.ended]).toEqual([[blocks.genesisHash], false])
    const hash = blocks.import()
    blocks.finalize(hash)
    follow.unpin([hash])
  }
  expect(JSON.parse(sent.at(-1) as string)).toMatchObject({ params: { result: { event: 'stop' } } })
  expect([subscription.ended, pins.held.size]).toEqual([true, 0])
})
