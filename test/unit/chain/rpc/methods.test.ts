import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'
import { presentResult } from '../../../../node-core/chain/rpc/methods/dry-run.ts'
import { Client, startService, type Running } from './client.ts'
import { VERSION, fakeNode, syncStatus, type FakeNode } from './fakes.ts'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const ALICE_KEY = fromHex('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d')

let node: FakeNode
let running: Running
let client: Client

beforeEach(async () => {
  node = fakeNode()
  node.storage.items.set('0x01', Uint8Array.of(7))
  for (let i = 0; i < 5; i++) node.storage.items.set(`0xaa0${i}`, Uint8Array.of(i))
  node.storage.child.set('0x02', Uint8Array.of(9))
  running = await startService({}, node)
  client = await Client.open(running.port)
})

afterEach(async () => {
  await client.close()
  await running.service.stop()
})

describe('rpc_methods', () => {
  it('lists exactly what can be called, and what the ecosystem looks for', async () => {
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    const answers = await Promise.all(methods.map((name) => client.request(name)))
    const missing = methods.filter((_name, index) => answers[index]?.error?.code === -32601)
    expect(missing).toEqual([])
    const wanted = ['rpc_methods', 'chainHead_v1_follow', 'state_subscribeStorage', 'author_submitExtrinsic']
    expect(methods).toEqual(expect.arrayContaining(wanted))
    expect(methods).not.toContain('state_getReadProof')
    expect(await client.request('state_getReadProof', ['0x01'])).toMatchObject({ error: { code: -32601 } })
  })
})

describe('system', () => {
  it('says what node and chain are', async () => {
    node.sync.current = syncStatus(0, 0, 41)
    const expected = {
      chain: 'Fake',
      chainType: 'Development',
      properties: { tokenSymbol: 'FAKE' },
      name: 'Nodestead',
      version: '0.1.0',
      localPeerId: '12D3KooWFake',
      localListenAddresses: ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWFake'],
      nodeRoles: ['Authority'],
      health: { peers: 1, isSyncing: false, shouldHavePeers: false },
      syncState: { startingBlock: 0, currentBlock: 0, highestBlock: 41 },
      reservedPeers: [],
    }
    for (const [name, value] of Object.entries(expected)) expect([name, await client.call(`system_${name}`)]).toEqual([name, value])
  })

  it('knows where the sync began and what it goes for, as far as the syncer runs', async () => {
    const start = { startingBlock: 0, currentBlock: 0, highestBlock: 0 }
    expect(await client.call('system_syncState')).toEqual(start)
    node.blocks.import()
    expect(await client.call('system_syncState')).toEqual({ ...start, currentBlock: 1, highestBlock: 1 })
    node.sync.current = syncStatus(1, 1, 500)
    expect(await client.call('system_syncState')).toEqual({ startingBlock: 1, currentBlock: 1, highestBlock: 500 })
  })

  it('takes reserved peers by address and lets them go by id', async () => {
    const peer = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
    const address = `/dns/boot.example/tcp/30333/p2p/${peer}`
    expect(await client.call('system_addReservedPeer', address)).toBeNull()
    expect([...node.network.reserved]).toEqual([[peer, address]])
    expect(await client.call('system_reservedPeers')).toEqual([peer])
    expect(await client.request('system_addReservedPeer', '/ip4/127.0.0.1/tcp/1')).toMatchObject({ error: { code: 2002, message: expect.stringContaining('has no peer id') } })
    expect(await client.request('system_addReservedPeer', 'nonsense')).toMatchObject({ error: { code: 2002, message: expect.stringContaining('nonsense') } })
    expect(await client.request('system_addReservedPeer', '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWnobody')).toMatchObject({ error: { code: 2002 } })
    expect(await client.request('system_removeReservedPeer', address)).toMatchObject({ error: { code: 2002 } })
    expect(await client.call('system_removeReservedPeer', peer)).toBeNull()
    expect(await client.call('system_reservedPeers')).toEqual([])
  })

  it("moves an account's nonce past its own ready transactions", async () => {
    node.runtime.answers.set('AccountNonceApi_account_nonce', async (args) => {
      expect(toHex(args)).toBe(toHex(ALICE_KEY))
      return Uint8Array.of(3, 0, 0, 0)
    })
    const tag = (nonce: number): string => toHex(concatBytes(ALICE_KEY, Uint8Array.of(nonce, 0, 0, 0)))
    expect(await client.call('system_accountNextIndex', ALICE)).toBe(3)
    const hash = blake2Hash(utf8('x'))
    for (const nonce of [4, 3, 6]) {
      node.pool.transactions.push({ hash, extrinsic: Uint8Array.of(4, nonce), provides: [tag(nonce)] })
    }
    expect(await client.call('system_accountNextIndex', ALICE)).toBe(5)
    expect(await client.request('system_accountNextIndex', `${ALICE.slice(0, -1)}Z`)).toMatchObject({ error: { code: -32602 } })
  })
})

describe('chain', () => {
  it('shows a block as Substrate does', async () => {
    const hash = node.blocks.import()
    const header = {
      parentHash: node.blocks.genesisHash,
      number: '0x1',
      stateRoot: node.blocks.header(hash)?.stateRoot,
      extrinsicsRoot: `0x${'00'.repeat(32)}`,
      digest: { logs: ['0x000478'] },
    }
    expect(await client.call('chain_getHeader')).toEqual(header)
    expect(await client.call('chain_getHeader', hash.toUpperCase().replace('0X', '0x'))).toEqual(header)
    expect(await client.call('chain_getBlock', hash)).toEqual({ block: { header, extrinsics: ['0x080101'] }, justifications: null })
    node.blocks.finalize(hash)
    expect(await client.call('chain_getBlock')).toMatchObject({ justifications: [[[70, 82, 78, 75], [1, 2]]] })
    expect(await client.call('chain_getHeader', `0x${'11'.repeat(32)}`)).toBeNull()
    expect(await client.call('chain_getBlock', `0x${'11'.repeat(32)}`)).toBeNull()
  })

  it('finds hashes by number, by hexadecimal number and in lists', async () => {
    const genesis = node.blocks.genesisHash
    const one = node.blocks.import()
    expect(await client.call('chain_getBlockHash')).toBe(one)
    expect(await client.call('chain_getHead', null)).toBe(one)
    expect(await client.call('chain_getBlockHash', 0)).toBe(genesis)
    expect(await client.call('chain_getBlockHash', ['0x1', 0, 9])).toEqual([one, genesis, null])
    expect(await client.call('chain_getFinalisedHead')).toBe(genesis)
    expect(await client.request('chain_getBlockHash', 2 ** 32)).toMatchObject({ error: { code: -32602 } })
    expect(await client.request('chain_getBlockHash', -1)).toMatchObject({ error: { code: -32602 } })
    expect(await client.request('chain_getBlockHash', 1.5)).toMatchObject({ error: { code: -32602 } })
  })

  it('tells every finalized head, also where several become final at once', async () => {
    await client.call('chain_subscribeFinalizedHeads')
    expect(await client.next()).toMatchObject({ number: '0x0' })
    const hashes = [node.blocks.import(), node.blocks.import(), node.blocks.import()]
    node.blocks.finalize(hashes[2] as Hash)
    for (const number of ['0x1', '0x2', '0x3']) expect(await client.next()).toMatchObject({ number })
  })
})

describe('state', () => {
  it('reads items, their hash and size, at any block', async () => {
    expect(await client.call('state_getStorage', '0x01')).toBe('0x07')
    expect(await client.call('state_getStorageAt', '0x01', node.blocks.genesisHash)).toBe('0x07')
    expect(await client.call('state_getStorageHash', '0x01')).toBe(blake2Hash(Uint8Array.of(7)))
    expect(await client.call('state_getStorageSize', '0x01')).toBe(1)
    expect(await client.call('state_getStorage', '0x99')).toBeNull()
    expect(await client.call('state_getStorageSize', '0x99')).toBeNull()
    const unknown = await client.request('state_getStorage', '0x01', `0x${'11'.repeat(32)}`)
    expect(unknown.error).toMatchObject({ code: 4003, message: expect.stringContaining('UnknownBlock') as string })
    node.storage.unknown.add(node.blocks.header(node.blocks.genesisHash)?.stateRoot as Hash)
    expect(await client.request('state_getStorage', '0x01')).toMatchObject({ error: { code: 4003 } })
  })

  it('says of a state that is given up which block it was of', async () => {
    const root = blake2Hash(utf8('given up'))
    const block = node.blocks.import({ stateRoot: root })
    node.storage.pruned.add(root)
    const message = `Client error: UnknownBlock: State already discarded for ${block}`
    expect(await client.request('state_getStorage', '0x01', block)).toMatchObject({ error: { code: 4003, message } })
  })

  it('pages through keys', async () => {
    expect(await client.call('state_getKeysPaged', '0xaa', 2)).toEqual(['0xaa00', '0xaa01'])
    expect(await client.call('state_getKeysPagedAt', '0xaa', 2, '0xaa01')).toEqual(['0xaa02', '0xaa03'])
    expect(await client.call('state_getKeysPaged', null, 1)).toEqual(['0x01'])
    expect(await client.call('state_getKeys', '0xaa')).toHaveLength(5)
    expect(await client.request('state_getKeysPaged', '0x', 1001)).toMatchObject({ error: { code: 4002 } })
  })

  it('collects all keys over many pages', async () => {
    for (let i = 0; i < 2500; i++) node.storage.items.set(`0xbb${i.toString(16).padStart(4, '0')}`, Uint8Array.of(1))
    expect(await client.call('state_getKeys', '0xbb')).toHaveLength(2500)
  })

  it('calls the runtime, and says understandably why it failed', async () => {
    node.runtime.answers.set('Echo_it', async (args) => args)
    node.runtime.answers.set('Core_panic', async () => {
      throw new NodeError('RUNTIME_TRAP', 'the runtime trapped', { data: { panic: 'overflow' } })
    })
    expect(await client.call('state_call', 'Echo_it', '0x0102')).toBe('0x0102')
    expect(await client.call('state_call', 'Echo_it', '')).toBe('0x')
    expect(await client.request('state_call', 'Core_panic', '0x')).toMatchObject({
      error: { code: 4003, message: 'Client error: Execution failed: the runtime trapped: overflow' },
    })
    expect(await client.request('state_call', 'No_such', '0x')).toMatchObject({ error: { code: 4003 } })
    expect(await client.request('state_call', '../etc', '0x')).toMatchObject({ error: { code: -32602 } })
    expect(await client.request('state_call', 'Echo_it', '0x1')).toMatchObject({ error: { code: -32602 } })
  })

  it('takes the metadata out of its wrapping, and gives the version', async () => {
    node.runtime.answers.set('Metadata_metadata', async () => new ScaleWriter().bytes(utf8('meta')).finish())
    expect(await client.call('state_getMetadata')).toBe(toHex(utf8('meta')))
    expect(await client.call('chain_getRuntimeVersion')).toEqual({ ...VERSION })
  })

  it('answers change sets', async () => {
    const a = node.blocks.import()
    const b = node.blocks.import()
    node.storage.byRoot.set(node.blocks.header(b)?.stateRoot as Hash, new Map([['0x01', Uint8Array.of(8)]]))
    expect(await client.call('state_queryStorageAt', ['0x01', '0x99'])).toEqual([{ block: b, changes: [['0x01', '0x08'], ['0x99', null]] }])
    expect(await client.call('state_queryStorage', ['0x01'], node.blocks.genesisHash)).toEqual([
      { block: node.blocks.genesisHash, changes: [['0x01', '0x07']] },
      { block: b, changes: [['0x01', '0x08']] },
    ])
    expect(await client.request('state_queryStorage', ['0x01'], b, a)).toMatchObject({ error: { code: 4001 } })
  })

  it('tells of storage as the best block changes it', async () => {
    await client.call('state_subscribeStorage', ['0x01', '0x99'])
    expect(await client.next()).toMatchObject({ changes: [['0x01', '0x07'], ['0x99', null]] })
    node.blocks.import()
    node.storage.items.set('0x99', Uint8Array.of(1))
    const block = node.blocks.import()
    expect(await client.next()).toEqual({ block, changes: [['0x99', '0x01']] })
    expect(await client.request('state_subscribeStorage')).toMatchObject({ error: { code: -32602 } })
    expect(node.blocks.listeners).toBe(1)
  })

  it('survives a state that is gone while somebody listens', async () => {
    await client.call('state_subscribeStorage', ['0x01'])
    await client.next()
    const root = blake2Hash(utf8('gone'))
    node.storage.unknown.add(root)
    node.blocks.import({ stateRoot: root })
    expect(await client.call('system_name')).toBe('Nodestead')
  })

  it('tells of a runtime upgrade once', async () => {
    await client.call('state_subscribeRuntimeVersion')
    expect(await client.next()).toMatchObject({ specVersion: 7 })
    node.blocks.import()
    node.blocks.import()
    node.runtime.version_ = { ...VERSION, specVersion: 8 }
    node.blocks.import()
    node.blocks.import()
    expect(await client.next()).toMatchObject({ specVersion: 8 })
    await client.call('system_name')
    expect(client.pendingNotifications).toBe(0)
  })

  it('adds up what lies below a prefix, for as long as it may', async () => {
    for (let i = 0; i < 700; i++) node.storage.items.set(`0xbb${i.toString(16).padStart(4, '0')}`, new Uint8Array(3))
    node.storage.items.set('0xbc', new Uint8Array(0))
    expect(await client.call('state_getStorageSize', '0xbb')).toBe(2100)
    expect(await client.call('state_getStorageSize', '0xbc')).toBe(0)
    expect(await client.call('state_getStorageSize', '0xbd')).toBeNull()
    const read = node.storage.get.bind(node.storage)
    node.storage.get = (root, key) => {
      node.clock.advance(50)
      return read(root, key)
    }
    expect(await client.call('state_getStorageSize', '0xbb')).toBe(2100)
    const stranger = await Client.open(running.port, { 'x-forwarded-for': '8.8.8.8' })
    expect(await stranger.request('state_getStorageSize', '0xbb')).toMatchObject({ error: { code: 4003, message: expect.stringContaining('too long') as string } })
    await stranger.close()
  })

  it('hands out pairs, up to the size of an answer', async () => {
    node.storage.items.set('0xbb01', Uint8Array.of(1))
    node.storage.items.set('0xbb02', Uint8Array.of(2, 3))
    expect(await client.call('state_getPairs', '0xbb')).toEqual([['0xbb01', '0x01'], ['0xbb02', '0x0203']])
    const small = await startService({ maxResponseBytes: 600 }, node)
    for (let i = 0; i < 100; i++) node.storage.items.set(`0xbc${i.toString(16).padStart(2, '0')}`, new Uint8Array(30))
    expect(await small.call('state_getPairs', '0xbc')).toMatchObject({ error: { code: -32008 } })
    await small.service.stop()
  })

  it('answers dry runs of old runtimes in the present form', () => {
    const narrow = Uint8Array.of(0, 1, 3, 9, 2)
    expect(toHex(presentResult(narrow, 5))).toBe('0x0001030902000000')
    expect(toHex(presentResult(narrow, 6))).toBe('0x0001030902')
    expect(toHex(presentResult(Uint8Array.of(0, 0), 5))).toBe('0x0000')
    expect(toHex(presentResult(Uint8Array.of(1, 0, 3), 5))).toBe('0x010003')
  })

  it('proves reads where the state can', async () => {
    const trie = { readProof: (_root: Hash, keys: readonly Uint8Array[]) => keys.map((key) => concatBytes(Uint8Array.of(255), key)) }
    const other = await startService({}, { ...fakeNode(), trie })
    expect(await other.call('state_getReadProof', ['0x01'])).toMatchObject({ result: { proof: ['0xff01'] } })
    await other.service.stop()
  })

  it('reads child tries', async () => {
    const child = toHex(utf8(':child_storage:default:kid'))
    expect(await client.call('childstate_getStorage', child, '0x02')).toBe('0x09')
    expect(await client.call('childstate_getStorageSize', child, '0x02')).toBe(1)
    expect(await client.call('childstate_getStorageEntries', child, ['0x02', '0x03'])).toEqual(['0x09', null])
    expect(await client.call('childstate_getKeysPaged', child, '0x', 10)).toEqual(['0x02'])
    expect(await client.request('childstate_getStorage', '0x1234', '0x02')).toMatchObject({ error: { code: -32602 } })
  })
})
