/** Dismissed hints are kept by the app, and by nothing else in the API where the app keeps none. */
import { describe, expect, it } from 'vitest'
import { appSettingsSchema, type AppSettingsKeeper } from '../../../node-core/api/app/app-settings.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

function callerWith(settings: AppSettingsKeeper | undefined) {
  const clock = new FakeClock(1_000_000)
  const app = { name: 'Nodestead', version: '1.2.3', host: 'desktop', platform: 'linux' } as const
  return appRouter.createCaller({ manager: new FakeManager({ clock }), app, clock, settings })
}

function keeper(): AppSettingsKeeper {
  let hints: readonly string[] = []
  const settings = appSettingsSchema.parse({})
  return { events: new Emitter(), settings: () => settings, change: () => settings, dismissedHints: () => hints, keepDismissedHints: (next) => (hints = next) }
}

describe('dismissed hints', () => {
  it('are kept, and told to the next window', async () => {
    const settings = keeper()
    await callerWith(settings).settings.dismissHints(['peer', 'of-a-later-version'])
    expect((await callerWith(settings).settings.get()).dismissedHints).toEqual(['peer', 'of-a-later-version'])
    await callerWith(settings).settings.dismissHints([])
    expect((await callerWith(settings).settings.get()).dismissedHints).toEqual([])
  })

  it('are no list without an end', async () => {
    const settings = keeper()
    await expect(callerWith(settings).settings.dismissHints(Array.from({ length: 65 }, (_, i) => `h${i}`))).rejects.toThrow()
    await expect(callerWith(settings).settings.dismissHints(['x'.repeat(33)])).rejects.toThrow()
    expect(settings.dismissedHints()).toEqual([])
  })

  it('are left to the browser where the command line decides', async () => {
    const caller = callerWith(undefined)
    expect((await caller.settings.get()).dismissedHints).toBeUndefined()
    await expect(caller.settings.dismissHints(['peer'])).rejects.toMatchObject({ cause: { code: 'SETTINGS_READ_ONLY' } })
  })
})
