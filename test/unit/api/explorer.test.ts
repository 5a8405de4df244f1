/** The explorer as a client of the API sees it: the chain as it grows, and through stops and starts of its node. */
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { expect, it } from 'vitest'
import type { ChainBatch } from '../../../node-core/api/network/explorer.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { toProblem } from '../../../node-core/api/trpc.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeManager, fakeHash } from '../../helpers/fake-manager.ts'

const network = 'dev'

function setUp() {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  return { clock, manager, abort, api: appRouter.createCaller({ manager, app, clock }, { signal: abort.signal }) }
}

async function settle(clock: FakeClock): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve()
  clock.advance(250)
  for (let i = 0; i < 40; i++) await Promise.resolve()
}

it('tells the chain, then what is new, then a new chain after a start; and ends with the window', async () => {
  const { clock, manager, abort, api } = setUp()
  const said: ChainBatch[] = []
  const following = (async () => {
    for await (const batch of await api.explorer.chain({ network })) said.push(batch)
  })()
  await settle(clock)
  expect(said).toEqual([])
  await manager.start(network)
  await settle(clock)
  expect(said.splice(0)).toMatchObject([{ reset: true, best: { number: 0 }, blocks: [{ number: 0 }] }])
  manager.produce(network)
  await settle(clock)
  expect(said.splice(0)).toMatchObject([{ reset: false, best: { number: 1 }, blocks: [{ number: 1 }] }])
  await manager.restart(network)
  await settle(clock)
  expect(said.splice(0).at(-1)).toMatchObject({ reset: true, blocks: [{ number: 0 }] })
  abort.abort()
  await following
})

it('refuses what is no block, and says when it has none or does not run', async () => {
  const { manager, api } = setUp()
  const problem = async (work: Promise<unknown>) => toProblem(getTRPCErrorFromUnknown(await work.then(() => undefined, (error: unknown) => error)))
  expect(await problem(api.explorer.block({ network, block: 0 }))).toMatchObject({ code: 'API_NODE_NOT_RUNNING' })
  await manager.start(network)
  expect(await api.explorer.block({ network, block: 0 })).toMatchObject({ hash: fakeHash(0) })
  expect(await problem(api.explorer.block({ network, block: 7 }))).toMatchObject({ code: 'API_BLOCK_UNKNOWN' })
  expect(await problem(api.explorer.block({ network, block: '0x12' }))).toMatchObject({ code: 'API_BAD_INPUT' })
  expect(await problem(api.explorer.search({ network, text: '' }))).toMatchObject({ code: 'API_BAD_INPUT' })
})
