/**
 * What the app remembers between starts, in `settings.json` of its data folder. A file that is damaged or holds what
 * this version does not know costs its contents, never the start of the app.
 */
import { ipcMain } from 'electron'
import ElectronStore from 'electron-store'
import { z } from 'zod'

const DEFAULT_RPC_PORT = 9944

const settingsSchema = z.object({
  /** Where the window was, in device-independent pixels. */
  window: z
    .object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1), maximized: z.boolean() })
    .optional()
    .catch(undefined),
  /** The network that was started last. */
  lastNetwork: z.string().max(64).optional().catch(undefined),
  /** Start the node when the app opens. */
  autoStart: z.boolean().catch(false),
  /** Port at which wallets and apps reach the node; 0 lets the system choose. */
  rpcPort: z.int().min(0).max(65535).catch(DEFAULT_RPC_PORT),
  /** Ask the router to pass the ports for peers on, so that others reach this node. Offered, and on unless declined. */
  upnp: z.boolean().catch(true),
  /** The person was told that closing the window does not stop the node. */
  toldAboutTray: z.boolean().catch(false),
})

export type Settings = z.infer<typeof settingsSchema>

export class SettingsStore {
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
}
