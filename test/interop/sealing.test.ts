/** Tools for contracts drive a development node that seals on request: blocks and finality as the two common libraries see them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { createClient, type PolkadotClient } from 'polkadot-api'
import { getWsProvider } from 'polkadot-api/ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'
import { readChainFile } from '../helpers/chain-files.ts'

let basePath: string
let node: Node
let api: ApiPromise
let client: PolkadotClient

beforeAll(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-sealing-'))
  const options = nodeOptionsSchema.parse({ chain: 'dev', basePath, sealing: 'instant', rpc: { port: 0 }, network: { port: 0, mdns: false } })
  node = await Node.create({ spec: readChainFile('dev'), options, logger: silentLogger })
  await node.start()
  const address = node.rpcAddress as string
  api = await ApiPromise.create({ provider: new WsProvider(address) as unknown as ProviderInterface, noInitWarn: true })
  client = createClient(getWsProvider(address))
}, 60_000)

afterAll(async () => {
  client.destroy()
  await api.disconnect()
  await node.stop()
  await rm(basePath, { recursive: true, force: true })
})

it('a transaction is in a block as soon as it is sent, and final when somebody says so', async () => {
  const finals: number[] = []
  const following = client.finalizedBlock$.subscribe(({ number }) => finals.push(number))
  const bests: number[] = []
  const watching = client.bestBlocks$.subscribe(([best]) => best !== undefined && bests.push(best.number))
  const sender = new Keyring({ type: 'sr25519' }).addFromUri('//Alice')
  const seen: string[] = []
  const final = new Promise<string>((resolve, reject) => {
    api.tx.system?.remark?.('0x01')
      .signAndSend(sender, ({ status }) => {
        seen.push(status.type)
        if (status.isInBlock) api.rpc.engine.finalizeBlock(status.asInBlock).catch(reject)
        if (status.isFinalized) resolve(status.asFinalized.toHex())
      })
      .catch(reject)
  })
  expect(await final).toBe(node.blocks.finalized().hash)
  expect(seen).toEqual(['Ready', 'InBlock', 'Finalized'])

  const { blockHash, aux } = await api.rpc.engine.createBlock(true, true)
  expect(blockHash.toHex()).toBe(node.blocks.finalized().hash)
  expect(aux.isNewBest.isTrue).toBe(true)
  await expect.poll(() => [finals.at(-1), bests.at(-1)]).toEqual([2, 2])
  following.unsubscribe()
  watching.unsubscribe()
})
