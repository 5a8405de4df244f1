/**
 * smoldot on loopback: it finds our node by one address, follows headers and finality that it verifies by itself, and a
 * wallet on top of it transfers through our node.
 *
 * The node's clock is turned a slot at a time; smoldot's own is real, so the tests wait for what it says.
 */
import { Enum } from 'polkadot-api'
import { afterEach, describe, expect, it } from 'vitest'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient, devSigner, slotsUntil } from '../helpers/light-client.ts'
import { watchConnections } from '../helpers/steady-connection.ts'

const UNIT = 10n ** 12n

let author: DevNode | undefined
let joiner: DevNode | undefined
let light: LightClient | undefined

afterEach(async () => {
  await light?.stop()
  await joiner?.stop()
  await author?.stop()
  light = joiner = author = undefined
})

describe.each(['tcp', 'ws'] as const)('over %s', (transport) => {
  it('syncs, verifies finality, and a transfer through it is finalized', async () => {
    author = await DevNode.start()
    light = new LightClient(author.node, transport)
    const { client } = light
    await light.seen(/gossip-open-success/)
    await slotsUntil(author, light, client.getFinalizedBlock())

    const ferdie = encodeSs58(devAccount('//Ferdie').sr25519.publicKey)
    const call = client.getUnsafeApi().tx['Balances']?.['transfer_keep_alive']?.({ dest: Enum('Id', ferdie), value: 7n * UNIT })
    if (call === undefined) throw new Error('the metadata knows no transfer')
    const seen: string[] = []
    const broadcast = Promise.withResolvers<void>()
    const finalized = Promise.withResolvers<string>()
    call.signSubmitAndWatch(devSigner('//Alice')).subscribe({
      next: (event) => {
        seen.push(event.type)
        if (event.type === 'broadcasted') broadcast.resolve()
        if (event.type === 'finalized') finalized.resolve(event.block.hash)
      },
      error: finalized.reject,
    })
    await broadcast.promise
    await slotsUntil(author, light, finalized.promise)

    const { blocks } = author.node
    expect(blocks.isAncestor((await finalized.promise) as `0x${string}`, blocks.finalized().hash)).toBe(true)
    expect(seen.filter((type) => type !== 'txBestBlocksState')).toEqual(['signed', 'broadcasted', 'finalized'])
    const account = (await client.getUnsafeApi().query['System']?.['Account']?.getValue(ferdie)) as { data: { free: bigint } }
    expect(account.data.free).toBe(10_000_007n * UNIT)
    expect(light.complaints()).toEqual([])
    expect(author.problems()).toEqual([])
  })
})

it('warp-syncs when it comes late', async () => {
  author = await DevNode.start()
  await author.slots(100)
  light = new LightClient(author.node)
  const finalized = light.client.getFinalizedBlock()
  await light.seen(/gossip-open-success/)
  await slotsUntil(author, light, finalized)
  expect((await finalized).number).toBeGreaterThan(90)
  expect(light.log.join('\n')).toMatch(/warp-sync-request-success[^]+GrandPa warp sync finished/)
  expect(light.complaints({ warped: true })).toEqual([])
})

it('warp-syncs from a node that joined at a recent block itself, and has no blocks below it', async () => {
  author = await DevNode.start()
  await author.slots(100)
  const address = author.address
  joiner = await DevNode.start({ validator: false, clock: author.clock, bootnodes: [address], sync: 'warp', blocksPruning: 0 })
  const { blocks, sync } = joiner.node
  await author.reach('joining', () => blocks.finalized().number > 90 && sync.status()?.state === 'idle')
  light = new LightClient(joiner.node)
  const finalized = light.client.getFinalizedBlock()
  await light.seen(/gossip-open-success/)
  await slotsUntil(author, light, finalized)
  expect((await finalized).number).toBeGreaterThan(90)
  expect([blocks.gap()?.from, (blocks.gap()?.to ?? 0) > 90]).toEqual([1, true])
  expect(light.log.join('\n')).toMatch(/GrandPa warp sync finished/)
  expect(light.complaints({ warped: true })).toEqual([])
  expect(joiner.problems()).toEqual([])
})

/** Longer than every keep-alive and time-out of both sides (smoldot gives up after 22 s); `npm run soak` takes 30 minutes. */
const SHORT_RUN_MS = 40_000

it('stays connected, over both transports at once', async () => {
  for (const { verified, authored, complaints, closed, bans } of await watchConnections(SHORT_RUN_MS, ['tcp', 'ws'])) {
    expect({ complaints, closed, bans }).toEqual({ complaints: [], closed: 0, bans: 0 })
    expect(authored).toBeGreaterThan(3)
    expect(verified).toBeGreaterThanOrEqual(authored - 1)
  }
})
