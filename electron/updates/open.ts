/** Updates in the running app: what this build says of itself, what it is installed as, and whom it tells. */
import { app } from 'electron'
import { join } from 'node:path'
import { packageKind, whyNotInstallable, type Installation } from './installation.ts'
import { readUpdateConfig } from './update-config.ts'
import { UpdateRecord } from './update-record.ts'
import { Updates } from './updates.ts'
import type { SettingsStore } from '../settings.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import type { Logger } from '../../node-core/base/logger.ts'

export interface UpdatesPlace {
  /** The build's folder, `out/`. */
  readonly out: string
  readonly settings: SettingsStore
  readonly logger: Logger
  readonly onReady: (version: string) => void
  readonly running: () => readonly string[]
}

export function openUpdates({ out, settings, logger, onReady, running }: UpdatesPlace): Updates {
  const config = readUpdateConfig(join(out, 'updates.json'))
  const installation: Installation = { platform: process.platform, isPackaged: app.isPackaged, resourcesPath: process.resourcesPath, env: process.env }
  const record = new UpdateRecord(join(app.getPath('userData'), 'updates.json'))
  const channel = () => settings.settings().updateChannel
  const updates = new Updates(
    {
      clock: systemClock,
      logger,
      record,
      onReady,
      running,
      quit: () => app.quit(),
      openEngine: async () => {
        if (config === undefined) throw new Error('this build has no feed')
        const { ElectronUpdateEngine } = await import('./engine.ts')
        return new ElectronUpdateEngine({ config, record, logger, channel, kind: packageKind(installation) })
      },
    },
    { version: app.getVersion(), off: whyNotInstallable(installation) ?? (config === undefined ? 'no-feed' : undefined) },
  )
  let chosen = channel()
  settings.events.on('changed', ({ updateChannel }) => {
    if (updateChannel !== chosen) updates.onChannel()
    chosen = updateChannel
  })
  return updates
}
