import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import type { UpgradeBatch } from '../../../node-core/api/network/upgrade.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { UpgradeError } from '../../../node-core/chain/upgrades/errors.ts'
import { FakeManager, type FakeRunningNode } from '../../helpers/fake-manager.ts'
import { DETAILS, OFFERED } from '../../helpers/fake-upgrades.ts'

async function setUp(isRunning = true) {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  if (isRunning) await manager.start('dev')
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const caller = appRouter.createCaller({ manager, app, clock }, { signal: abort.signal })
  return { clock, abort, manager, caller, node: manager.node('dev') as FakeRunningNode }
}

describe('an upgrade of the runtime', () => {
  it('is told as it is, then as it changes, until the client goes', async () => {
    const { clock, abort, caller, node } = await setUp()
    const batches = (await caller.upgrade.watch({ network: 'dev' }))[Symbol.asyncIterator]() as AsyncIterator<UpgradeBatch>
    expect((await batches.next()).value).toEqual({ state: undefined })
    const next = batches.next()
    node.upgrades.current = OFFERED
    for (let second = 0; second < 3; second++) {
      clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await next).value).toEqual({ state: OFFERED })
    abort.abort()
    expect((await batches.next()).done).toBe(true)
  })

  it('is begun, brought and put aside for the version that was agreed to', async () => {
    const { caller, node } = await setUp()
    expect(await caller.upgrade.details({ network: 'dev' })).toEqual(DETAILS)
    await caller.upgrade.begin({ network: 'dev', version: 2 })
    await caller.upgrade.bring({ network: 'dev', version: 2 })
    await caller.upgrade.dismiss({ network: 'dev' })
    expect(node.upgrades.asked).toEqual(['begin 2', 'apply 2', 'dismiss'])
    await expect(caller.upgrade.begin({ network: 'dev', version: -1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('that is refused says why', async () => {
    const { caller, node } = await setUp()
    node.upgrades.refusal = new UpgradeError('UPGRADE_KEYS_LOCKED', 'The key of root is locked.')
    await expect(caller.upgrade.begin({ network: 'dev', version: 2 })).rejects.toMatchObject({ cause: { code: 'UPGRADE_KEYS_LOCKED' } })
  })

  it('needs a node that runs', async () => {
    const { caller } = await setUp(false)
    await expect(caller.upgrade.begin({ network: 'dev', version: 2 })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    const batches = (await caller.upgrade.watch({ network: 'dev' }))[Symbol.asyncIterator]() as AsyncIterator<UpgradeBatch>
    expect((await batches.next()).value).toEqual({ state: undefined })
  })
})
