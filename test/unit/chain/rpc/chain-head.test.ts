import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { ReportedTree } from '../../../../node-core/chain/rpc/chain-head/block-tree.ts'
import { Follow } from '../../../../node-core/chain/rpc/chain-head/follow.ts'
import { Pinboard } from '../../../../node-core/chain/rpc/chain-head/pinned.ts'
import { Subscription } from '../../../../node-core/chain/rpc/subscription.ts'
import { Client, startService, until, type Running } from './client.ts'
import { VERSION, fakeNode, type FakeNode } from './fakes.ts'

let node: FakeNode
let running: Running
let client: Client

beforeEach(async () => {
  node = fakeNode()
  for (let i = 0; i < 600; i++) node.storage.items.set(`0xaa${i.toString(16).padStart(4, '0')}`, Uint8Array.of(1))
  node.storage.items.set('0x01', Uint8Array.of(7))
  running = await startService({}, node)
  client = await Client.open(running.port)
})

afterEach(async () => {
  await client.close()
  await running.service.stop()
})

const SPEC = {
  specName: 'fake',
  implName: 'fake-impl',
  specVersion: 7,
  implVersion: 1,
  transactionVersion: 2,
  apis: { '0x37c8bb1350a9a2a8': 1 },
}

/** Follows and takes the events of the present. */
async function follow(withRuntime = true): Promise<string> {
  const id = await client.call<string>('chainHead_v1_follow', withRuntime)
  while ((await client.next()).event !== 'bestBlockChanged') continue
  return id
}

describe('following', () => {
  it('tells of the present, then of what comes', async () => {
    const genesis = node.blocks.genesisHash
    const a = node.blocks.import()
    const b = node.blocks.import({ parent: genesis, best: false })
    await client.call('chainHead_v1_follow', true)
    expect(await client.next()).toEqual({
      event: 'initialized',
      finalizedBlockHashes: [genesis],
      finalizedBlockRuntime: { type: 'valid', spec: SPEC },
    })
    const blocks = [await client.next(), await client.next()]
    expect(blocks).toEqual(
      expect.arrayContaining([a, b].map((blockHash) => ({ event: 'newBlock', blockHash, parentBlockHash: genesis, newRuntime: null }))),
    )
    expect(await client.next()).toEqual({ event: 'bestBlockChanged', bestBlockHash: a })
    const c = node.blocks.import()
    expect(await client.next()).toEqual({ event: 'newBlock', blockHash: c, parentBlockHash: a, newRuntime: null })
    expect(await client.next()).toEqual({ event: 'bestBlockChanged', bestBlockHash: c })
    node.blocks.finalize(a)
    expect(await client.next()).toEqual({ event: 'finalized', finalizedBlockHashes: [a], prunedBlockHashes: [b] })
  })

  it('starts with about a minute of finalized blocks, oldest first', async () => {
    const hashes = Array.from({ length: 15 }, () => node.blocks.import())
    node.blocks.finalize(hashes[12] as Hash)
    await client.call('chainHead_v1_follow', false)
    expect(await client.next()).toEqual({ event: 'initialized', finalizedBlockHashes: hashes.slice(3, 13) })
    expect(await client.next()).toEqual({ event: 'newBlock', blockHash: hashes[13], parentBlockHash: hashes[12] })
  })

  it('tells of a new runtime, against the parent of the block', async () => {
    await follow()
    const root = blake2Hash(utf8('new code'))
    node.runtime.versionOf.set(root, { ...VERSION, specVersion: 8 })
    node.blocks.import({ stateRoot: root })
    expect(await client.next()).toMatchObject({ event: 'newBlock', newRuntime: { type: 'valid', spec: { specVersion: 8 } } })
    await client.next()
    node.blocks.import({ stateRoot: root })
    expect(await client.next()).toMatchObject({ event: 'newBlock', newRuntime: null })
  })

  it('says so where a runtime is not one', async () => {
    await follow()
    node.runtime.version = () => Promise.reject(new NodeError('RUNTIME_INVALID_CODE', 'this is not Wasm'))
    node.blocks.import()
    expect(await client.next()).toMatchObject({ newRuntime: { type: 'invalid', error: 'this is not Wasm' } })
  })

  it('keeps the order while a runtime is being looked at', async () => {
    await follow()
    const waiting: (() => void)[] = []
    node.runtime.version = () => new Promise((resolve) => waiting.push(() => resolve(VERSION)))
    const a = node.blocks.import()
    const b = node.blocks.import()
    node.blocks.finalize(a)
    await until(() => waiting.length === 1)
    waiting.shift()?.()
    await until(() => waiting.length === 1)
    waiting.shift()?.()
    const events = []
    for (let i = 0; i < 5; i++) events.push(await client.next())
    expect(events.map(({ event }) => event)).toEqual(['newBlock', 'bestBlockChanged', 'newBlock', 'bestBlockChanged', 'finalized'])
    expect(events[2]).toMatchObject({ blockHash: b, parentBlockHash: a })
  })

  it('moves best off a fork before it says that the fork is dead', async () => {
    const genesis = node.blocks.genesisHash
    await follow()
    const a = node.blocks.import()
    const b = node.blocks.import({ parent: genesis, best: false })
    for (let i = 0; i < 3; i++) await client.next()
    node.blocks.finalize(b)
    expect(await client.next()).toEqual({ event: 'bestBlockChanged', bestBlockHash: b })
    expect(await client.next()).toEqual({ event: 'finalized', finalizedBlockHashes: [b], prunedBlockHashes: [a] })
  })

  it('keeps pruned blocks readable while they are pinned', async () => {
    const id = await follow()
    const genesis = node.blocks.genesisHash
    const a = node.blocks.import()
    const b = node.blocks.import({ parent: genesis, best: false })
    node.blocks.finalize(a)
    expect(node.blocks.header(b)).toBeUndefined()
    const header = await client.call<string>('chainHead_v1_header', id, b)
    expect(blake2Hash(fromHex(header))).toBe(b)
    await client.call('chainHead_v1_unpin', id, [a, b])
    expect(await client.request('chainHead_v1_header', id, b)).toMatchObject({ error: { code: -32801 } })
  })

  it('unpins all or nothing', async () => {
    const id = await follow()
    const a = node.blocks.import()
    const unknown = `0x${'11'.repeat(32)}`
    expect(await client.request('chainHead_v1_unpin', id, [a, unknown])).toMatchObject({ error: { code: -32801 } })
    expect(await client.request('chainHead_v1_unpin', id, [a, a])).toMatchObject({ error: { code: -32804 } })
    expect(await client.call('chainHead_v1_header', id, a)).toEqual(expect.any(String))
    expect(await client.call('chainHead_v1_unpin', id, a)).toBeNull()
    expect(await client.request('chainHead_v1_unpin', id, a)).toMatchObject({ error: { code: -32801 } })
    expect(await client.call('chainHead_v1_unpin', 'stale', [unknown])).toBeNull()
  })

  it('limits follows, and unfollow makes room and leaves nothing', async () => {
    const ids = [await follow(), await follow(), await follow(), await follow()]
    expect(await client.request('chainHead_v1_follow', false)).toMatchObject({ error: { code: -32800 } })
    expect(node.blocks.listeners).toBe(12)
    for (const id of ids) expect(await client.call('chainHead_v1_unfollow', id)).toBeNull()
    expect(node.blocks.listeners).toBe(0)
    expect(await client.call('chainHead_v1_header', ids[0], node.blocks.genesisHash)).toBeNull()
    await follow()
  })

  it('stops where too many finalized blocks stay pinned, and not before', async () => {
    const id = await follow(false)
    let last: Hash = node.blocks.genesisHash
    for (let i = 0; i < 600; i++) last = node.blocks.import()
    node.blocks.finalize(node.blocks.hashByNumber(500) as Hash)
    await client.call('system_name')
    expect(node.blocks.listeners).toBe(3)
    node.blocks.finalize(last)
    let event = ''
    while (event !== 'stop') event = (await client.next<{ event: string }>()).event
    expect(node.blocks.listeners).toBe(0)
    expect(await client.call('chainHead_v1_header', id, last)).toBeNull()
    expect(await client.call('chainHead_v1_body', id, last)).toEqual({ result: 'limitReached' })
  })
})

describe('a gap in the chain', () => {
  it('stops the subscription', () => {
    const { blocks, runtime, pins } = fakeNode()
    const sent: string[] = []
    const subscription = new Subscription('s', 'k', { send: (text) => sent.push(text), room: () => Promise.resolve() })
    new Follow({ blocks, events: blocks.events, runtime }, subscription, false, { maxPinned: 10, maxPinnedDepth: 10 }, new Pinboard(pins, 10)).start()
    const head = { hash: blake2Hash(utf8('far away')), number: 1000 }
    blocks.events.emit('finalized', { head, finalized: [head], pruned: [] })
    expect(JSON.parse(sent.at(-1) as string)).toMatchObject({ params: { result: { event: 'stop' } } })
    expect([subscription.ended, blocks.listeners]).toEqual([true, 0])
  })

  it('does not stop it where a block is only named before it is announced', () => {
    const { blocks, runtime, pins } = fakeNode()
    const sent: { event: string; blockHash?: string }[] = []
    const send = (text: string): void => void sent.push((JSON.parse(text) as { params: { result: { event: string } } }).params.result)
    const subscription = new Subscription('s', 'k', { send, room: () => Promise.resolve() })
    const quiet = fakeNode().blocks.events
    new Follow({ blocks, events: quiet, runtime }, subscription, false, { maxPinned: 10, maxPinnedDepth: 10 }, new Pinboard(pins, 10)).start()
    const a = blocks.import()
    const b = blocks.import()
    quiet.emit('bestChanged', { best: { hash: b, number: 2 }, retracted: [], enacted: [] })
    expect(sent.slice(2).map(({ event, blockHash }) => [event, blockHash])).toEqual([
      ['newBlock', a],
      ['newBlock', b],
      ['bestBlockChanged', undefined],
    ])
  })
})

describe('operations', () => {
  it('reads a body, and says where it is gone', async () => {
    const id = await follow()
    const a = node.blocks.import()
    const started = await client.call<{ operationId: string }>('chainHead_v1_body', id, a)
    expect(started).toEqual({ result: 'started', operationId: expect.any(String) as string })
    await client.next()
    await client.next()
    expect(await client.next()).toEqual({ event: 'operationBodyDone', operationId: started.operationId, value: ['0x080101'] })
    node.blocks.bodies.delete(a)
    await client.call('chainHead_v1_body', id, a)
    expect(await client.next()).toMatchObject({ event: 'operationInaccessible' })
    expect(await client.request('chainHead_v1_body', id, `0x${'11'.repeat(32)}`)).toMatchObject({ error: { code: -32801 } })
  })

  it('calls the runtime', async () => {
    const id = await follow()
    const genesis = node.blocks.genesisHash
    node.runtime.answers.set('Echo_it', async (args) => args)
    node.runtime.answers.set('Stopped', () => Promise.reject(new NodeError('RUNTIME_STOPPED', 'the executor is stopped')))
    await client.call('chainHead_v1_call', id, genesis, 'Echo_it', '0x05')
    expect(await client.next()).toMatchObject({ event: 'operationCallDone', output: '0x05' })
    await client.call('chainHead_v1_call', id, genesis, 'Nope', '0x05')
    expect(await client.next()).toMatchObject({ event: 'operationError', error: 'the runtime has no function Nope' })
    await client.call('chainHead_v1_call', id, genesis, 'Stopped', '0x05')
    expect(await client.next()).toMatchObject({ event: 'operationInaccessible' })
    const without = await follow(false)
    expect(await client.request('chainHead_v1_call', without, genesis, 'Echo_it', '0x')).toMatchObject({ error: { code: -32802 } })
  })

  it('reads storage', async () => {
    const id = await follow()
    const genesis = node.blocks.genesisHash
    const items = [
      { key: '0x01', type: 'value' },
      { key: '0x01', type: 'hash' },
      { key: '0x99', type: 'value' },
    ]
    const { operationId } = await client.call<{ operationId: string }>('chainHead_v1_storage', id, genesis, items, null)
    expect(await client.next()).toEqual({
      event: 'operationStorageItems',
      operationId,
      items: [
        { key: '0x01', value: '0x07' },
        { key: '0x01', hash: blake2Hash(Uint8Array.of(7)) },
      ],
    })
    expect(await client.next()).toEqual({ event: 'operationStorageDone', operationId })
    await client.call('chainHead_v1_storage', id, genesis, [{ key: '0x01', type: 'closestDescendantMerkleValue' }], null)
    expect(await client.next()).toMatchObject({ event: 'operationError' })
    const other = [{ key: '0x01', type: 'other' }]
    expect(await client.request('chainHead_v1_storage', id, genesis, other, null)).toMatchObject({ error: { code: -32602 } })
  })

  it('waits for the client between the pages of a large answer', async () => {
    const id = await follow()
    const genesis = node.blocks.genesisHash
    const items = [{ key: '0xaa', type: 'descendantsValues' }]
    const { operationId } = await client.call<{ operationId: string }>('chainHead_v1_storage', id, genesis, items, null)
    const keys: string[] = []
    const events: string[] = []
    for (let done = false; !done; ) {
      const event = await client.next<{ event: string; items?: { key: string }[] }>()
      events.push(event.event)
      keys.push(...(event.items ?? []).map(({ key }) => key))
      if (event.event === 'operationWaitingForContinue') await client.call('chainHead_v1_continue', id, operationId)
      done = event.event === 'operationStorageDone'
    }
    expect(events.filter((event) => event === 'operationWaitingForContinue')).toHaveLength(2)
    expect(keys).toEqual([...node.storage.items.keys()].filter((key) => key.startsWith('0xaa')).sort())
    expect(await client.call('chainHead_v1_continue', id, operationId)).toBeNull()
  })

  it('limits what is under way, discards what is too much, and stop makes room', async () => {
    const id = await follow()
    const genesis = node.blocks.genesisHash
    const release: (() => void)[] = []
    node.runtime.answers.set('Slow', () => new Promise((resolve) => release.push(() => resolve(Uint8Array.of(1)))))
    const operations: string[] = []
    for (let i = 0; i < 14; i++) {
      operations.push((await client.call<{ operationId: string }>('chainHead_v1_call', id, genesis, 'Slow', '0x')).operationId)
    }
    expect(await client.request('chainHead_v1_continue', id, operations[0])).toMatchObject({ error: { code: -32803 } })
    const items = Array.from({ length: 5 }, () => ({ key: '0xaa', type: 'descendantsHashes' }))
    expect(await client.call('chainHead_v1_storage', id, genesis, items, null)).toMatchObject({ result: 'started', discardedItems: 3 })
    expect(await client.next()).toMatchObject({ event: 'operationStorageItems' })
    expect(await client.call('chainHead_v1_call', id, genesis, 'Slow', '0x')).toEqual({ result: 'limitReached' })
    expect(await client.call('chainHead_v1_storage', id, genesis, items, null)).toEqual({ result: 'limitReached' })
    await client.call('chainHead_v1_stopOperation', id, operations[0])
    expect(await client.call('chainHead_v1_body', id, genesis)).toMatchObject({ result: 'started' })
    for (const done of release) done()
    const finished = new Set<unknown>()
    for (let i = 0; i < 15; i++) {
      const event = await client.next()
      if (event.event === 'operationCallDone') finished.add(event.operationId)
    }
    expect(finished.has(operations[0])).toBe(false)
    expect(finished.size).toBe(13)
  })

  it('cannot be used to pile up runtime calls by stopping them', async () => {
    const id = await follow()
    const release: (() => void)[] = []
    node.runtime.answers.set('Slow', () => new Promise((resolve) => release.push(() => resolve(Uint8Array.of(1)))))
    let last: { result: string; operationId: string } | undefined
    for (let i = 0; i < 40; i++) {
      last = await client.call('chainHead_v1_call', id, node.blocks.genesisHash, 'Slow', '0x')
      if (last?.result === 'limitReached') break
      await client.call('chainHead_v1_stopOperation', id, last?.operationId)
    }
    expect([last?.result, release.length]).toEqual(['limitReached', 32])
    for (const done of release) done()
  })
})

describe('the tree of what was told', () => {
  const h = (name: string): Hash => toHex(Buffer.from(name.padEnd(32)))

  it('prunes everything that is not above the finalized block', () => {
    const tree = new ReportedTree(h('0'), 0)
    for (const edge of ['0-a', 'a-b', 'b-c', 'a-b2', 'b2-c2', '0-a3']) {
      const [parent, child] = edge.split('-') as [string, string]
      tree.add(h(child), h(parent))
    }
    expect(tree.finalize([h('a'), h('b')], 2).sort()).toEqual([h('b2'), h('c2'), h('a3')].sort())
    expect([tree.has(h('c')), tree.has(h('b')), tree.has(h('a')), tree.has(h('c2'))]).toEqual([true, true, false, false])
    expect(() => tree.add(h('x'), h('a'))).toThrow()
  })

})
