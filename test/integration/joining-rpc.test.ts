/** JSON-RPC of a node that joins a running chain: there from the start, and the same when the chain is here. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { LateNodes } from '../helpers/late-nodes.ts'
import { Client } from '../unit/chain/rpc/client.ts'

const net = new LateNodes()
afterEach(() => net.stop())

it('answers as far as it can from the start on, and in full over the same connection when it has joined', async () => {
  const author = await net.author(30)
  const { node } = await net.late(author)
  const address = node.rpcAddress as string
  const client = await Client.open(Number(new URL(address).port))
  expect(node.joining.status()).toBeDefined()
  expect(await client.call('system_health')).toMatchObject({ isSyncing: true, shouldHavePeers: false })
  expect(await client.call('system_localPeerId')).toBe(node.network.localPeerId)
  expect(await client.call('chainSpec_v1_genesisHash')).toBe(node.blocks.genesisHash)
  expect((await client.request('chain_getFinalizedHead')).error).toMatchObject({ code: -32050, data: { stage: expect.stringMatching(/peers|proofs/) as string } })
  expect((await fetch(`${address.replace('ws:', 'http:')}/health/readiness`)).status).toBe(500)

  await author.reach('joining', () => node.joining.status() === undefined && node.blocks.finalized().number > 0)
  expect(node.rpcAddress).toBe(address)
  expect(await client.call('chain_getFinalizedHead')).toBe(node.blocks.finalized().hash)
  expect(await client.call<string>('chainHead_v1_follow', true)).toEqual(expect.any(String))
  expect(await client.next()).toMatchObject({ event: 'initialized' })
  expect(await client.call('system_syncState')).toMatchObject({ currentBlock: node.blocks.best().number })
  await client.close()
})

it('says at once that its port is taken, and leaves nothing running', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const basePath = await net.folder()
  await expect(net.start({ sync: 'warp', validator: false, rpcPort: port, basePath })).rejects.toMatchObject({ code: 'RPC_PORT_IN_USE', data: { port } })
  await new Promise((resolve) => other.close(resolve))
  const again = await net.start({ sync: 'warp', validator: false, rpcPort: port, basePath })
  expect(again.node.rpcAddress).toBe(`ws://127.0.0.1:${port}`)
})
