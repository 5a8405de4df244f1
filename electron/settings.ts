/**
 * What the app remembers between starts, in `settings.json` of its data folder. A file that is damaged or holds what
 * this version does not know costs its contents, never the start of the app.
 */
import { ipcMain } from 'electron'
import ElectronStore from 'electron-store'
import { z } from 'zod'
import { rememberedSchema } from './remote/remembered.ts'
import { appSettingsSchema, dismissedHintsSchema, type AppSettings, type AppSettingsKeeper } from '../node-core/api/app/app-settings.ts'
import { settledNetworkSchema } from '../node-core/api/app/first-run.ts'
import { Emitter } from '../node-core/base/events.ts'
import { GATEWAY_OFF } from '../node-core/gateway/control.ts'
import { DEFAULT_SERVICE_PORT } from '../node-core/services/control.ts'

const DEFAULT_RPC_PORT = 9944

const app = appSettingsSchema.shape

const settingsSchema = z.object({
  /** Where the window was, in device-independent pixels. */
  window: z
    .object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1), maximized: z.boolean() })
    .optional()
    .catch(undefined),
  /** The network that was started last. */
  lastNetwork: z.string().max(64).optional().catch(undefined),
  /** These three belong to each network now; the first one takes them over. */
  autoStart: z.boolean().catch(false),
  rpcPort: z.int().min(0).max(65535).catch(DEFAULT_RPC_PORT),
  upnp: z.boolean().catch(true),
  /** The guide of the first run was gone through, or left. */
  firstRunDone: z.boolean().catch(false),
  /** The guide was opened by itself: until it is gone through or skipped it opens at every start. */
  guideBegan: z.boolean().optional().catch(undefined),
  /** What the guide has added, until it is gone through or skipped: who left it before is led on at the next start. */
  guideLeft: settledNetworkSchema.optional().catch(undefined),
  /** The person was told that closing the window does not stop the node. */
  toldAboutTray: z.boolean().catch(false),
  /** Hints of the window that stay away. */
  dismissedHints: dismissedHintsSchema.catch([]),
  /** Nodes elsewhere that are managed from here. */
  remoteNodes: rememberedSchema.catch([]),
  language: app.language.catch('system'),
  theme: app.theme.catch('system'),
  reduceMotion: app.reduceMotion.catch('system'),
  launchAtLogin: app.launchAtLogin.catch(false),
  notifications: app.notifications.catch('problems'),
  updateChannel: app.updateChannel.catch('stable'),
  /** Whether programs get a port of the service API, and which. */
  serviceApi: z.object({ isOn: z.boolean(), port: z.int().min(1).max(65535) }).catch({ isOn: false, port: DEFAULT_SERVICE_PORT }),
  /** The gateway to the internet. What is damaged turns it off. */
  gateway: z
    .object({
      isOn: z.boolean(), network: z.string().max(64), host: z.string().max(64), port: z.int().min(1).max(65535), cert: z.string().max(4096), key: z.string().max(4096),
      publicUrl: z.string().max(1024), origins: z.array(z.string().max(256)).max(64), service: z.boolean(),
    })
    .catch({ ...GATEWAY_OFF, origins: [...GATEWAY_OFF.origins] }),
})

export type Settings = z.infer<typeof settingsSchema>

export class SettingsStore implements AppSettingsKeeper {
  /** `changed`: what a person set in the window, after it was kept. */
  readonly events = new Emitter<{ changed: AppSettings }>()
  readonly #store: ElectronStore<Record<string, unknown>>

  constructor() {
    this.#store = new ElectronStore<Record<string, unknown>>({ name: 'settings', clearInvalidConfig: true })
    // The library opens a channel of its own to any window; ours has one channel, and it is another.
    ipcMain.removeAllListeners('electron-store-get-data')
  }

  get(): Settings {
    return settingsSchema.parse(this.#store.store)
  }

  update(change: Partial<Settings>): void {
    for (const [key, value] of Object.entries(change)) {
      if (value === undefined) this.#store.delete(key)
      else this.#store.set(key, value)
    }
  }

  settings(): AppSettings {
    const { language, theme, reduceMotion, launchAtLogin, notifications, updateChannel } = this.get()
    return { language, theme, reduceMotion, launchAtLogin, notifications, updateChannel }
  }

  change(change: Partial<AppSettings>): AppSettings {
    this.update(change)
    const settings = this.settings()
    this.events.emit('changed', settings)
    return settings
  }

  dismissedHints(): readonly string[] {
    return this.get().dismissedHints
  }

  keepDismissedHints(hints: readonly string[]): void {
    this.update({ dismissedHints: [...hints] })
  }
}
