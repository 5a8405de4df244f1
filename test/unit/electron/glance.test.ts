/** What the first picture takes from `settings.json` before the libraries that keep it are read, and that it is what they would say. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstRunKeeper } from '../../../electron/first-run.ts'
import { glance } from '../../../electron/glance.ts'

let userData: string
beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'nodestead-glance-'))
})
afterEach(() => rm(userData, { recursive: true, force: true }))

const kept = (settings: unknown): Promise<void> => writeFile(join(userData, 'settings.json'), typeof settings === 'string' ? settings : JSON.stringify(settings))
const place = { x: -8, y: 30, width: 1000, height: 700, maximized: false }

describe('a glance at the settings', () => {
  it('finds the window where it was, its theme, and no guide', async () => {
    await kept({ window: place, theme: 'dark', firstRunDone: true, more: [] })
    expect(glance(userData)).toEqual({ window: place, theme: 'dark', guide: false })
  })

  it.each([['no file', undefined], ['half a file', '{"theme": "da'], ['a list', []], ['null', 'null']])('begins anew with %s', async (_what, settings) => {
    if (settings !== undefined) await kept(settings)
    expect(glance(userData)).toEqual({ window: undefined, theme: 'system', guide: true })
  })

  it.each([{ ...place, x: 0.5 }, { ...place, width: 0 }, { ...place, y: '30' }, { ...place, maximized: undefined }, [place], 'large'])('leaves a place out that is none: %j', async (window) => {
    await kept({ window, theme: 'loud' })
    expect(glance(userData)).toMatchObject({ window: undefined, theme: 'system' })
  })

  it.each([true, false].flatMap((firstRunDone) => [undefined, 'dev'].flatMap((lastNetwork) => [undefined, true].flatMap((guideBegan) => [true, false].map((trace) => ({ firstRunDone, lastNetwork, guideBegan, trace }))))))(
    'says of the guide what its keeper says: %j',
    async ({ trace, ...settings }) => {
      if (trace) await mkdir(join(userData, 'networks'))
      await kept(settings)
      const keeper = firstRunKeeper({ userData, settings: { get: () => ({ guideLeft: undefined, ...settings }), update: () => undefined }, canLaunchAtLogin: true })
      expect(glance(userData).guide).toBe(keeper.needed)
    },
  )

  it('goes on with a guide that was left with something added', async () => {
    await kept({ lastNetwork: 'our-net', guideLeft: { network: 'our-net' } })
    expect(glance(userData).guide).toBe(true)
  })
})
