/** What the guide of the first run asks of the app, and that a node from the command line has no guide. */
import { describe, expect, it, vi } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { SettledNetwork } from '../../../node-core/api/app/first-run.ts'
import type { NetworkAdminView, NetworkDetails } from '../../../node-core/manager/networks/admin-types.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const app = { name: 'Nodestead', version: '1.2.3', platform: 'linux' } as const

function headless() {
  const clock = new FakeClock(0)
  return appRouter.createCaller({ manager: new FakeManager({ clock }), app: { ...app, host: 'headless' }, clock })
}

const left: SettledNetwork = { network: 'our-net', way: 'private', folder: '', authorities: ['alice'], role: 'validator', keys: 'own' }

function desktop(settled?: SettledNetwork, present: readonly string[] = []) {
  const clock = new FakeClock(0)
  const complete = vi.fn()
  const settle = vi.fn()
  const firstRun = { needed: true, settled, settle, complete, networksFolder: '/data/networks', canLaunchAtLogin: true }
  const checkFolder = vi.fn(async (path: string) => ({ path, exists: false, problem: undefined, freeBytes: 7, totalBytes: 9 }))
  const list = () => present.map((id) => ({ profile: { id } }) as NetworkDetails)
  const networks = { list, checkFolder } as Partial<NetworkAdminView> as NetworkAdminView
  const caller = appRouter.createCaller({ manager: new FakeManager({ clock }), app: { ...app, host: 'desktop' }, clock, firstRun, networks })
  return { caller, complete, settle, checkFolder }
}

describe('the guide', () => {
  it('is offered by the desktop app, with the room of its own place', async () => {
    const { caller, checkFolder } = desktop()
    expect(await caller.setup.state()).toEqual({
      available: true, needed: true, canLaunchAtLogin: true,
      folder: { path: '/data/networks', exists: false, problem: undefined, freeBytes: 7, totalBytes: 9 }, settled: undefined,
    })
    expect(checkFolder).toHaveBeenCalledWith('/data/networks/new-network')
  })

  it('is over when it is said to be', async () => {
    const { caller, complete } = desktop()
    await caller.setup.complete()
    expect(complete).toHaveBeenCalledOnce()
  })

  it('is told what the one before it added, as long as that is there', async () => {
    expect(await desktop(left, ['dev', 'our-net']).caller.setup.state()).toMatchObject({ settled: { answers: left, details: { profile: { id: 'our-net' } } } })
    expect(await desktop(left, ['dev']).caller.setup.state()).toMatchObject({ needed: true, settled: undefined })
  })

  it('keeps what belongs to a network that is added before it is over', async () => {
    const { caller, settle } = desktop()
    await caller.setup.settle(left)
    expect(settle).toHaveBeenCalledWith(left)
    await expect(caller.setup.settle({ ...left, network: '../x' })).rejects.toThrow('not the identifier of a network')
  })

  it('does not exist for a node from the command line', async () => {
    expect(await headless().setup.state()).toMatchObject({ available: false, needed: false })
    await expect(headless().setup.complete()).rejects.toThrow('has no setup guide')
    await expect(headless().setup.settle(left)).rejects.toThrow('has no setup guide')
    await expect(headless().setup.checkPort({ port: 30333 })).rejects.toThrow('has no setup guide')
  })

  it.each([0, 65_535, 1.5])('takes no port %d', async (port) => {
    await expect(desktop().caller.setup.checkPort({ port })).rejects.toThrow()
  })
})
