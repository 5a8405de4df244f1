/** Whether the guide of the first run is needed. Who ran a node with an earlier version of the app is not bothered. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'
import type { FirstRunKeeper } from '../node-core/api/first-run.ts'

export interface FirstRunPlace {
  /** The app's data folder. */
  readonly userData: string
  readonly settings: { get(): Pick<Settings, 'firstRunDone' | 'lastNetwork'>; update(change: { firstRunDone: true }): void }
  readonly canLaunchAtLogin: boolean
}

/** Folders that a node leaves behind: the first network's data, and those of networks that were added. */
const TRACES = ['data/chains/dev/db', 'networks']

export function firstRunKeeper({ userData, settings, canLaunchAtLogin }: FirstRunPlace): FirstRunKeeper {
  // Looked at once: keys that are made in the guide leave traces, too, and must not end it when the window is drawn anew.
  const { firstRunDone, lastNetwork } = settings.get()
  let needed = !firstRunDone && lastNetwork === undefined && !TRACES.some((path) => existsSync(join(userData, path)))
  return {
    get needed() {
      return needed
    },
    complete: () => {
      needed = false
      settings.update({ firstRunDone: true })
    },
    networksFolder: join(userData, 'networks'),
    canLaunchAtLogin,
  }
}
