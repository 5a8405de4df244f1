/** smoldot on a chain of Aura with GRANDPA: it verifies headers and finality by itself, from genesis and by a warp. */
import { afterEach, expect, it } from 'vitest'
import { auraSpec } from '../helpers/aura-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient, slotsUntil } from '../helpers/light-client.ts'

let author: DevNode | undefined
let light: LightClient | undefined

afterEach(async () => {
  await light?.stop()
  await author?.stop()
  light = author = undefined
})

it.each([0, 60])('smoldot follows a node that is %i blocks ahead', async (ahead) => {
  const spec = auraSpec('Alice')
  author = await DevNode.start({ spec })
  await author.slots(ahead)
  light = new LightClient(author.node, 'tcp', spec)
  const { client } = light
  await light.seen(/gossip-open-success/)
  const seen: number[] = []
  const enough = new Promise<void>((resolve, reject) => {
    client.finalizedBlock$.subscribe({ next: ({ number }) => seen.push(number) > 3 && number > ahead + 3 && resolve(), error: reject })
  })
  await slotsUntil(author, light, enough)
  expect(Math.max(...seen)).toBeGreaterThan(ahead + 3)
  expect(light.complaints({ warped: ahead > 0 })).toEqual([])
  expect(author.problems()).toEqual([])
}, 120_000)
