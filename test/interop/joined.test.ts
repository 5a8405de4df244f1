/**
 * smoldot and a node that joined its chain by proofs and a recent state: the light client begins at genesis, and all it has is the address
 * of that node, which has neither executed nor stored what lies between.
 */
import { afterEach, expect, it } from 'vitest'
import { ChangingChain } from '../helpers/changing-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient } from '../helpers/light-client.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

it('warp-syncs from it over changes of the authorities, and follows it through further ones', async () => {
  const chain = await ChangingChain.start()
  stops.push(() => chain.stop())
  await chain.blocks(100)
  const { author, spec } = chain
  const joined = await DevNode.start({ spec, clock: author.clock, validator: false, bootnodes: [author.address], sync: 'warp' })
  stops.push(() => joined.stop())
  const { node } = joined
  await author.reach('joining', () => node.blocks.best().number > 0 && node.joining.status() === undefined)
  expect(node.joining.outcome()).toMatchObject({ kind: 'joined' })
  const changes = chain.changes()
  expect(changes.length).toBeGreaterThan(8)
  await author.reach('following', () => node.blocks.best().hash === author.node.blocks.best().hash)

  const light = new LightClient(node, 'tcp', spec)
  stops.push(() => light.stop())
  let final = 0
  const following = light.client.finalizedBlock$.subscribe(({ number }) => (final = number))
  stops.push(async () => following.unsubscribe())
  /** Blocks go on, each when the light client has had a moment for the one before. */
  const until = async (what: string, height: number): Promise<void> => {
    for (let blocks = 0; final < height; blocks++) {
      if (blocks > 200) throw new Error(`${what}: ${final} of ${height}\n${light.log.slice(-10).join('\n')}`)
      const from = light.log.length
      await chain.blocks(1)
      await Promise.race([light.seen(/grandpa-neighbor-packet-received/, from), new Promise((resolve) => setTimeout(resolve, 1000))])
    }
  }
  await until('warp sync', changes.at(-1)!.number + 1)
  // It was this node that proved the way from genesis, step by step.
  const steps = light.log.filter((line) => line.includes('warp-sync-fragment-verify-success') && line.includes(`sender=${node.network.localPeerId}`))
  expect(steps.length).toBeGreaterThanOrEqual(changes.length)

  while (chain.changes().length < changes.length + 2) await chain.blocks(1)
  await until('further changes', chain.changes().at(-1)!.number + 1)
  expect(light.complaints({ warped: true })).toEqual([])
  expect(joined.problems()).toEqual([])
})
