/**
 * The RPC service as the ecosystem's own clients see it: `@polkadot/api` and `polkadot-api` connect to a service that
 * stands on a real state and a real runtime (the development network at genesis), and read from it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { createClient } from 'polkadot-api'
import { getWsProvider } from 'polkadot-api/ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { RpcService } from '../../node-core/chain/rpc/rpc-service.ts'
import { RuntimeWorkers } from '../../node-core/chain/runtime/threads/executor.ts'
import { ServiceGroup } from '../../node-core/base/service.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { FakePool, fakeNode } from '../unit/chain/rpc/fakes.ts'

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty'

let dataPath: string
let services: ServiceGroup
let rpc: RpcService
let genesisHash: string

beforeAll(async () => {
  dataPath = await mkdtemp(join(tmpdir(), 'nodestead-rpc-'))
  const spec = readChainFile('dev')
  const genesis = buildGenesis(spec)
  genesisHash = genesis.hash
  const state = new StateService({ logger: silentLogger }, { dataPath, genesis })
  const runtime = new RuntimeWorkers({ logger: silentLogger }, { dataPath })
  rpc = new RpcService(
    {
      chain: { name: spec.name, id: spec.id, chainType: 'Development', properties: spec.properties ?? {}, genesisHash: genesis.hash },
      node: { name: 'Nodestead', version: '0.1.0', role: 'Full', shouldHavePeers: false },
      blocks: state.blocks,
      storage: state.storage,
      pins: state.pins,
      runtime,
      pool: new FakePool(),
      network: fakeNode().network,
      peerActions: fakeNode().peerActions,
      sync: { status: () => undefined },
      logger: silentLogger,
    },
    { port: 0 },
  )
  services = new ServiceGroup(
    [
      { name: 'state', service: state },
      { name: 'runtime', service: runtime },
      { name: 'rpc', service: rpc },
    ],
    silentLogger,
  )
  await services.start()
})

afterAll(async () => {
  await services.stop()
  await rm(dataPath, { recursive: true, force: true })
})

describe('@polkadot/api', () => {
  it('connects, reads accounts and keys, and asks for a fee', async () => {
    // The library's own types disagree about `undefined` under exactOptionalPropertyTypes.
    const provider = new WsProvider(rpc.address) as unknown as ProviderInterface
    const api = await ApiPromise.create({ provider, noInitWarn: true })
    try {
      expect(api.genesisHash.toHex()).toBe(genesisHash)
      const account = (await api.query.system?.account?.(ALICE))?.toJSON() as { data: { free: string | number } }
      expect(BigInt(account.data.free)).toBeGreaterThan(0n)
      expect((await api.query.system?.account?.keys())?.length).toBeGreaterThan(1)
      const [alice, bob] = (await api.query.system?.account?.multi([ALICE, BOB])) ?? []
      expect([alice?.isEmpty, bob?.isEmpty]).toEqual([false, false])
      const sender = new Keyring({ type: 'sr25519' }).addFromUri('//Alice')
      const info = await api.tx.balances?.transferKeepAlive?.(BOB, 1).paymentInfo(sender, { nonce: 0 })
      expect(info?.partialFee.toBigInt()).toBeGreaterThan(0n)
      expect((await api.rpc.system.accountNextIndex(ALICE)).toNumber()).toBe(0)
      const head = await new Promise<string>((resolve) => void api.rpc.chain.subscribeNewHeads((header) => resolve(header.hash.toHex())))
      expect(head).toBe(genesisHash)
      expect((await api.rpc.chain.getBlock()).block.header.number.toNumber()).toBe(0)
    } finally {
      await api.disconnect()
    }
  })
})

describe('polkadot-api', () => {
  it('follows the chain, reads an account and a whole map', async () => {
    const client = createClient(getWsProvider(rpc.address as string))
    try {
      const { genesisHash: seen } = await client.getChainSpecData()
      expect(seen).toBe(genesisHash)
      const block = await client.getFinalizedBlock()
      expect([block.number, block.hash]).toEqual([0, genesisHash])
      const api = client.getUnsafeApi()
      const account = (await api.query.System?.Account?.getValue(ALICE)) as { data: { free: bigint } }
      expect(account.data.free).toBeGreaterThan(0n)
      const entries = await api.query.System?.Account?.getEntries()
      expect(entries?.length).toBeGreaterThan(1)
      expect(await client.getBlockHeader(genesisHash)).toMatchObject({ number: 0 })
      expect(await client.getBlockBody(genesisHash)).toEqual([])
    } finally {
      client.destroy()
    }
  })
})
