/** Who is led through the guide, and who is not bothered. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstRunKeeper } from '../../../electron/first-run.ts'

let userData: string
beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'nodestead-first-'))
})
afterEach(() => rm(userData, { recursive: true, force: true }))

function keeper(stored: { firstRunDone?: boolean; lastNetwork?: string } = {}) {
  const kept = { firstRunDone: false, lastNetwork: undefined, ...stored }
  const settings = { get: () => kept, update: (change: { firstRunDone: true }) => Object.assign(kept, change) }
  return { kept, firstRun: firstRunKeeper({ userData, settings, canLaunchAtLogin: true }) }
}

describe('the guide of the first run', () => {
  it('is needed once', () => {
    const { kept, firstRun } = keeper()
    expect(firstRun).toMatchObject({ needed: true, canLaunchAtLogin: true, networksFolder: join(userData, 'networks') })
    firstRun.complete()
    expect([firstRun.needed, kept.firstRunDone]).toEqual([false, true])
    expect(keeper({ firstRunDone: true }).firstRun.needed).toBe(false)
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
})
