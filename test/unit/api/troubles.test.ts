import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import type { TroublesBatch } from '../../../node-core/api/network/troubles.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { SAMPLE_TROUBLES } from '../../helpers/sample-troubles.ts'

function setUp() {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const abort = new AbortController()
  return { clock, manager, abort, caller: appRouter.createCaller({ manager, app, clock }, { signal: abort.signal }) }
}

describe('troubles', () => {
  it('are told for every network at first, then as they change, until the client goes', async () => {
    const { clock, manager, abort, caller } = setUp()
    const batches = (await caller.troubles.watch())[Symbol.asyncIterator]() as AsyncIterator<TroublesBatch>
    expect((await batches.next()).value).toEqual({ networks: [{ network: 'dev', troubles: [] }, { network: 'local', troubles: [] }] })
    const [first] = SAMPLE_TROUBLES(0)
    if (first === undefined) throw new Error('no sample')
    manager.setTroubles('dev', [first])
    const next = batches.next()
    clock.advance(100)
    expect((await next).value).toEqual({ networks: [{ network: 'dev', troubles: [first] }] })
    abort.abort()
    expect((await batches.next()).done).toBe(true)
    expect(manager.events.listenerCount('troubles')).toBe(0)
  })

  it('are mended by what they offer; anything else is refused', async () => {
    const { manager, caller } = setUp()
    await caller.troubles.act({ network: 'dev', code: 'no-peers', action: 'reconnect' })
    expect(manager.mended).toEqual(['dev no-peers reconnect'])
    await expect(caller.troubles.act({ network: 'dev', code: 'no-peers', action: 'format-disk' as never })).rejects.toThrow()
    await expect(caller.troubles.act({ network: 'mars', code: 'no-peers', action: 'reconnect' })).rejects.toThrow()
  })

  it('and a bundle is a file by name', async () => {
    const { fileName, base64 } = await setUp().caller.support.bundle()
    expect(fileName).toMatch(/^nodestead-support-.*\.tar\.gz$/)
    expect([...Buffer.from(base64, 'base64').subarray(0, 2)]).toEqual([0x1f, 0x8b])
  })
})
