/** JSON-RPC while a node joins its chain, and over the same connections when it has one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldJoining } from '../../../../node-core/chain/node/told-joining.ts'
import { RpcService } from '../../../../node-core/chain/rpc/rpc-service.ts'
import type { RpcJoining } from '../../../../node-core/chain/rpc/types.ts'
import { fetchingState, provingFinality } from '../../../helpers/joining-status.ts'
import { Client, type Answer } from './client.ts'
import { fakeNode, syncStatus, type FakeNode } from './fakes.ts'

let node: FakeNode
let service: RpcService
let client: Client
let joining: RpcJoining | undefined

beforeEach(async () => {
  node = fakeNode()
  joining = toldJoining(fetchingState())
  // What needs core is not there yet.
  const engineMethods = (): never => {
    throw new Error('core does not run')
  }
  service = new RpcService({ ...node, engineMethods, joining: () => joining }, { port: 0 })
  await service.early.start()
  client = await Client.open(service.port as number)
})

afterEach(async () => {
  await client.close()
  await service.stop()
})

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${service.port}${path}`)

describe('before there is a chain', () => {
  it('what needs none is answered', async () => {
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    const answers: Record<string, unknown> = {}
    for (const name of methods.filter((method) => !/reserved|logfilter|rpc_methods/i.test(method))) answers[name] = await client.call(name)
    expect(answers).toEqual({
      chainSpec_v1_chainName: 'Fake',
      chainSpec_v1_genesisHash: node.blocks.genesisHash,
      chainSpec_v1_properties: { tokenSymbol: 'FAKE' },
      system_chain: 'Fake',
      system_chainType: 'Development',
      system_health: { peers: 1, isSyncing: true, shouldHavePeers: false },
      system_localListenAddresses: ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWFake'],
      system_localPeerId: '12D3KooWFake',
      system_name: 'Nodestead',
      system_nodeRoles: ['Authority'],
      system_peers: [{ peerId: '12D3KooWOther', roles: 'FULL', bestHash: node.blocks.genesisHash, bestNumber: 41 }],
      system_properties: { tokenSymbol: 'FAKE' },
      system_syncState: { startingBlock: 0, currentBlock: 0, highestBlock: 25_100_200 },
      system_version: '0.1.0',
    })
    joining = undefined
    expect(await client.call('system_syncState')).toMatchObject({ highestBlock: 41 })
  })

  it.each(['chain_getHeader', 'state_getStorage', 'chainHead_v1_follow', 'author_submitExtrinsic', 'system_accountNextIndex', 'chain_subscribeNewHeads', 'beefy_getFinalizedHead'])(
    '%s is told why there is no answer, and what to do', async (method) => {
      const message = expect.stringMatching(/still joining its chain, and it downloads the state of block 25100004, about 38% of which is here\. Wait/) as string
      expect((await client.request(method)).error).toEqual({ code: -32050, message, data: { stage: 'state', peers: 3, block: 25_100_004, percent: 38 } })
    },
  )

  it('monitors learn that it is not ready', async () => {
    expect([(await get('/health')).status, (await get('/health/readiness')).status]).toEqual([200, 500])
    expect(await (await get('/health')).json()).toEqual({ peers: 1, isSyncing: true, shouldHavePeers: false })
  })

  it('the port is taken', async () => {
    const second = new RpcService(fakeNode(), { port: service.port as number })
    await expect(second.early.start()).rejects.toMatchObject({ code: 'RPC_PORT_IN_USE' })
    await second.stop()
  })
})

describe('when there is one', () => {
  it('the same connections are served in full', async () => {
    const port = service.port
    const { blocks, sync } = node
    const whole = new RpcService({ ...node, joining: () => joining }, { port: 0 })
    await whole.early.start()
    const early = await Client.open(whole.port as number)
    const before: Answer = await early.request('chain_getHeader')
    expect(before.error?.code).toBe(-32050)
    joining = undefined
    sync.current = syncStatus(7, 8, 9)
    await whole.start()
    expect([service.port, whole.methods.length > 60]).toEqual([port, true])
    expect(await early.call('chain_getHeader')).toMatchObject({ number: '0x0' })
    expect(await early.call('system_health')).toMatchObject({ isSyncing: false })
    expect(await early.call('system_syncState')).toMatchObject({ startingBlock: 7, highestBlock: 9 })
    await early.call('chain_subscribeNewHeads')
    await early.next()
    blocks.import()
    expect(await early.next()).toMatchObject({ number: '0x1' })
    expect((await early.request('no_such')).error).toMatchObject({ code: -32601 })
    await early.close()
    await whole.stop()
    // And from the beginning again.
    await whole.early.start()
    expect(whole.methods).not.toContain('chain_getHeader')
    await whole.stop()
    await whole.start()
    expect(whole.methods).toContain('chain_getHeader')
    await whole.stop()
  })
})

describe('how joining goes', () => {
  const none = { proofs: undefined }
  it.each([
    [provingFinality({ ...none, stage: 'peers', peers: 0, hold: 'no-peers' }), 'it looks for peers to join through (no peer is connected)', { peers: 0 }, 0],
    [provingFinality(none), 'it follows proofs of finality', { peers: 3 }, 0],
    [provingFinality({ hold: 'nobody-serves-proofs' }), 'it follows proofs of finality, at block 12050117 of about 25100200 (no peer serves proofs)', { peers: 3, block: 12_050_117, highest: 25_100_200 }, 25_100_200],
    [fetchingState({ share: 0.999 }), 'it downloads the state of block 25100004, about 99% of which is here', { peers: 3, block: 25_100_004, percent: 99 }, 25_100_200],
    [fetchingState({}, { ...none, stage: 'anchor' }), 'the state is here, and the chain is about to stand on it', { peers: 3 }, 25_100_004],
  ] as const)('is told in a sentence and in figures (%#)', (status, how, figures, highest) => {
    expect(toldJoining(status)).toEqual({ stage: status.stage, how, figures, highest })
  })
})
