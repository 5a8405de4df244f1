/** The pool on the development network's runtime, whose fees, nonces and tags are real. */
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { toHex } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import type { Extrinsic } from '../../node-core/chain/scale/block.ts'
import { remarkCall, signedExtrinsic } from '../helpers/dev-extrinsic.ts'
import { DevNode } from '../helpers/dev-node.ts'

const alice = devAccount('//Alice').sr25519
const UNIT = 10n ** 12n

let dev: DevNode | undefined

afterEach(async () => {
  await dev?.stop()
  dev = undefined
})

async function signer(node: DevNode['node']): Promise<(nonce: number, tip?: bigint) => Extrinsic> {
  const { genesisHash } = node.blocks
  const header = node.blocks.header(genesisHash)
  if (header === undefined) throw new Error('no genesis')
  const version = await node.runtime.version(header.stateRoot)
  return (nonce, tip) => signedExtrinsic(alice, remarkCall(Uint8Array.of(nonce)), nonce, { genesisHash, version }, tip)
}

async function nextIndex(address: string): Promise<unknown> {
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system_accountNextIndex', params: [toHex(alice.publicKey)] }))
  const { result } = JSON.parse(await answer) as { result: unknown }
  socket.close()
  return result
}

it('keeps nonces 1 and 2 where nonce 0 is replaced by one with a tip, and a block takes all three', async () => {
  dev = await DevNode.start()
  const { node } = dev
  const sign = await signer(node)
  const { pool } = node.core
  for (const nonce of [0, 1]) await pool.submit(sign(nonce), 'external')
  const third = await pool.submit(sign(2), 'external')
  const tipped = await pool.submit(sign(0, UNIT), 'external')
  expect(pool.status()).toMatchObject({ ready: 3, future: 0 })
  expect(await nextIndex(node.rpcAddress as string)).toBe(3)
  const second = await pool.submit(sign(1, 2n * UNIT), 'external')
  expect(pool.ready().map(({ hash }) => hash).slice(0, 2)).toEqual([tipped, second])
  expect(await nextIndex(node.rpcAddress as string)).toBe(3)
  await dev.slots(1)
  await pool.caughtUp()
  expect(pool.status()).toMatchObject({ ready: 0, future: 0 })
  const body = (await node.blocks.body(node.blocks.best().hash)) ?? []
  expect(body.map(blake2Hash).slice(-3)).toEqual([tipped, second, third])
  expect(await nextIndex(node.rpcAddress as string)).toBe(3)
})

it('keeps what depends on a nonce that goes into a block, slot after slot', async () => {
  dev = await DevNode.start()
  const sign = await signer(dev.node)
  const { pool } = dev.node.core
  const gone: string[] = []
  pool.events.on('status', ({ status }) => status.kind === 'invalid' && gone.push(status.kind))
  for (let nonce = 0; nonce < 12; nonce++) {
    await pool.submit(sign(nonce), 'external')
    if (nonce % 3 === 0) await dev.slots(1)
  }
  await dev.slots(1)
  await pool.caughtUp()
  expect(pool.status()).toMatchObject({ ready: 0, future: 0 })
  expect(gone).toEqual([])
  expect(dev.problems()).toEqual([])
})
