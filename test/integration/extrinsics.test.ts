/** Extrinsics of the node's own: signed with its keys, followed until they are final, told with the runtime's own reason where they fail. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { senderRuntime } from '../../node-core/chain/node/own-extrinsics.ts'
import { ExtrinsicSender, type ExtrinsicProgress, type FinalExtrinsic } from '../../node-core/chain/extrinsics/sender.ts'
import { developmentAccountKeys, findSigner } from '../../node-core/chain/extrinsics/signers.ts'
import type { Call } from '../../node-core/chain/extrinsics/arguments.ts'
import type { Signer } from '../../node-core/chain/extrinsics/builder.ts'
import { DevNode } from '../helpers/dev-node.ts'

const ALICE = devAccount('//Alice').sr25519.publicKey
const BOB = devAccount('//Bob').sr25519.publicKey
const TRANSFER: Call = { pallet: 'Balances', name: 'transfer_keep_alive', args: { dest: BOB, value: 10n ** 12n } }

let dev: DevNode
let sender: ExtrinsicSender
const signer = findSigner(developmentAccountKeys(['Alice']), ALICE) as Signer

beforeAll(async () => {
  dev = await DevNode.start()
  const { blocks, storage, runtime, core } = dev.node
  sender = new ExtrinsicSender({ blocks, storage, runtime: senderRuntime({ blocks, runtime, pool: core.pool }), pool: core.pool, logger: silentLogger })
  await dev.slots(2)
}, 60_000)
afterAll(() => dev.stop())

function send(call: Call, steps: ExtrinsicProgress['kind'][] = []): Promise<FinalExtrinsic> {
  return sender.send(call, signer, { signal: AbortSignal.timeout(60_000), onProgress: ({ kind }) => steps.push(kind) })
}

it('are followed from the pool to a final block, each with a nonce of its own', async () => {
  const steps: ExtrinsicProgress['kind'][] = []
  const sent = Promise.all([send(TRANSFER, steps), send(TRANSFER)])
  await expect.poll(() => dev.node.core.pool.ready().length).toBe(2)
  await dev.slots(4)
  const [first, second] = await sent
  expect(steps).toEqual(['pooled', 'inBlock'])
  expect(first.block.number).toBeLessThanOrEqual(dev.node.blocks.finalized().number)
  expect(first.events.map(({ pallet, name }) => `${pallet}.${name}`)).toEqual(expect.arrayContaining(['Balances.Transfer', 'System.ExtrinsicSuccess']))
  expect([second.block, second.hash === first.hash]).toEqual([first.block, false])
})

it('that fail say why, be it the call itself or the one that it carries', async () => {
  const own = send({ pallet: 'Proxy', name: 'remove_proxy', args: { delegate: BOB, proxy_type: 'Any', delay: 0 } })
  const inner = send({ pallet: 'Sudo', name: 'sudo', args: { call: { pallet: 'Session', name: 'purge_keys' } } })
  const outcomes = Promise.allSettled([own, inner])
  await expect.poll(() => dev.node.core.pool.ready().length).toBe(2)
  await dev.slots(4)
  expect(await outcomes).toMatchObject([
    { reason: { code: 'EXTRINSIC_FAILED', data: { pallet: 'Proxy', name: 'NotFound' } } },
    { reason: { code: 'EXTRINSIC_FAILED', data: { name: 'BadOrigin' }, message: expect.stringMatching(/^The transaction is in block \d+ and failed there: BadOrigin\.$/) as string } },
  ])
})

it('that the runtime refuses fail at once', async () => {
  // Alice signs in Bob's name.
  await expect(sender.send(TRANSFER, { ...signer, accountId: BOB }, { signal: AbortSignal.timeout(10_000) })).rejects.toMatchObject({ code: 'TX_INVALID', data: { detail: 'BadProof' } })
  await expect(sender.sendBare(TRANSFER, { signal: AbortSignal.timeout(10_000) })).rejects.toMatchObject({ code: expect.stringMatching(/^TX_/) as string })
})

it('that nobody waits for any longer say so', async () => {
  const leaving = new AbortController()
  const sent = sender.send(TRANSFER, signer, { signal: leaving.signal, onProgress: () => leaving.abort() })
  await expect(sent).rejects.toMatchObject({ code: 'EXTRINSIC_UNWATCHED' })
})
