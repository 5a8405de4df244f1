/** Who is led through the guide, and who is not bothered. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstRunKeeper, type FirstRunPlace } from '../../../electron/first-run.ts'
import type { SettledNetwork } from '../../../node-core/api/app/first-run.ts'

let userData: string
beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'nodestead-first-'))
})
afterEach(() => rm(userData, { recursive: true, force: true }))

const left: SettledNetwork = { network: 'our-net', way: 'private', folder: '', authorities: ['alice'], role: 'validator', keys: 'own' }

function keeper(stored: Partial<ReturnType<FirstRunPlace['settings']['get']>> = {}) {
  const kept = { firstRunDone: false, lastNetwork: undefined, guideBegan: undefined, guideLeft: undefined, ...stored }
  const settings: FirstRunPlace['settings'] = { get: () => kept, update: (change) => Object.assign(kept, change) }
  return { kept, firstRun: firstRunKeeper({ userData, settings, canLaunchAtLogin: true }) }
}

describe('the guide of the first run', () => {
  it('is needed once', () => {
    const { kept, firstRun } = keeper()
    expect(firstRun).toMatchObject({ needed: true, canLaunchAtLogin: true, networksFolder: join(userData, 'networks') })
    firstRun.complete()
    expect([firstRun.needed, kept.firstRunDone]).toEqual([false, true])
    expect(keeper({ firstRunDone: true }).firstRun.needed).toBe(false)
    expect(keeper({ firstRunDone: true }).kept.guideBegan).toBeUndefined()
  })

  it.each(['data/chains/dev/db', 'networks'])('is not needed where an earlier version left %s', async (path) => {
    await mkdir(join(userData, path), { recursive: true })
    expect(keeper().firstRun.needed).toBe(false)
  })

  it('is not needed where a network was started before', () => {
    expect(keeper({ lastNetwork: 'dev' }).firstRun.needed).toBe(false)
  })

  it('goes on although keys made in it leave a folder', async () => {
    const { firstRun } = keeper()
    await mkdir(join(userData, 'networks'))
    expect(firstRun.needed).toBe(true)
  })

  it('comes again after an end that let it keep nothing, whatever it had added', async () => {
    const { kept } = keeper()
    expect(kept).toMatchObject({ firstRunDone: false, guideBegan: true })
    await mkdir(join(userData, 'networks'))
    const { kept: later, firstRun } = keeper(kept)
    expect(firstRun).toMatchObject({ needed: true, settled: undefined })
    firstRun.complete()
    expect(later).toMatchObject({ firstRunDone: true, guideBegan: undefined })
    expect(keeper(later).firstRun.needed).toBe(false)
  })

  it('comes again with the network that keys were made for, whatever that left, until it is over', async () => {
    const { kept, firstRun } = keeper()
    expect(firstRun.settled).toBeUndefined()
    firstRun.settle(left)
    expect(kept).toMatchObject({ firstRunDone: false, guideLeft: left })
    await mkdir(join(userData, 'networks'))
    const { kept: later, firstRun: next } = keeper({ ...kept, lastNetwork: 'our-net' })
    expect(next).toMatchObject({ needed: true, settled: left })
    next.complete()
    expect(next).toMatchObject({ needed: false, settled: undefined })
    expect(later).toMatchObject({ firstRunDone: true, guideLeft: undefined })
    expect(keeper(later).firstRun.needed).toBe(false)
  })

  it('leaves nothing to come back to where it was only asked for once more', () => {
    const { kept, firstRun } = keeper({ firstRunDone: true })
    firstRun.settle(left)
    expect(kept.guideLeft).toBeUndefined()
  })
})
