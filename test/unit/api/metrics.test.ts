/** Histories and disk use as a client of the API sees them: the node may run or not. */
import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import type { HistoryBatch } from '../../../node-core/api/network/metrics.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const network = 'dev'
const START = 1_790_000_100_000

function setUp() {
  const clock = new FakeClock(START)
  const manager = new FakeManager({ clock, seedHistory: true })
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  return { clock, manager, abort, caller: appRouter.createCaller({ manager, app, clock }, { signal: abort.signal }) }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('metrics', () => {
  it('has the history of a network whose node is stopped, by span', async () => {
    const { caller } = setUp()
    const hour = await caller.metrics.history({ network, span: 'hour' })
    expect([hour.times.length, hour.stepSeconds, hour.times.at(-1)]).toEqual([360, 10, START / 1000])
    expect(hour.series.finalityLag.avg.at(-1)).toBeGreaterThanOrEqual(2)
    expect(hour.series.bytesIn.avg.filter((value) => value === null)).toHaveLength(30)
    const week = await caller.metrics.history({ network, span: 'week' })
    expect([week.times.length, week.series.cpu.max?.length]).toEqual([672, 672])
    expect((await caller.metrics.history({ network: 'local', span: 'day' })).series.peers.avg.every((value) => value === null)).toBe(true)
    await expect(caller.metrics.history({ network: 'nowhere', span: 'day' })).rejects.toThrow('does not exist')
    await expect(caller.metrics.history({ network, span: 'year' as 'day' })).rejects.toThrow()
  })

  it('watches: the span first, then each sample, until the client goes', async () => {
    const { caller, manager, clock, abort } = setUp()
    const iterator = (await caller.metrics.watch({ network, span: 'day' }))[Symbol.asyncIterator]() as AsyncIterator<HistoryBatch, unknown, undefined>
    const first = (await iterator.next()).value as HistoryBatch
    expect([first.table?.times.length, first.points]).toEqual([720, []])
    const next = iterator.next()
    clock.advance(100)
    await settle()
    clock.advance(100_000)
    await settle()
    await manager.history(network).add({ peers: 4 })
    const { value } = (await next) as { value: HistoryBatch }
    expect(value).toEqual({ table: undefined, points: [{ time: START / 1000 + 60, values: { peers: { min: 4, avg: 4, max: 4 } } }] })
    const end = iterator.next()
    abort.abort()
    await settle()
    expect((await end).done).toBe(true)
    expect(manager.history(network).events.listenerCount('sample')).toBe(0)
  })

  it('says what the data takes and what is free', async () => {
    const { caller, manager } = setUp()
    expect(await caller.metrics.disk({ network })).toEqual(manager.diskUse)
  })
})
