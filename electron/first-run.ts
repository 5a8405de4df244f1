/**
 * Whether the guide of the first run is needed. Who ran a node with an earlier version of the app is not bothered; who
 * made keys in the guide and left before its end is led on.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'
import type { FirstRunKeeper, SettledNetwork } from '../node-core/api/first-run.ts'

export interface FirstRunPlace {
  /** The app's data folder. */
  readonly userData: string
  readonly settings: { get(): Pick<Settings, 'firstRunDone' | 'lastNetwork' | 'guideLeft'>; update(change: Partial<Pick<Settings, 'firstRunDone' | 'guideLeft'>>): void }
  readonly canLaunchAtLogin: boolean
}

/** Folders that a node leaves behind: the first network's data, and those of networks that were added. */
const TRACES = ['data/chains/dev/db', 'networks']

export function firstRunKeeper({ userData, settings, canLaunchAtLogin }: FirstRunPlace): FirstRunKeeper {
  // Looked at once: keys that are made in the guide leave traces, too, and must not end it when the window is drawn anew.
  const { firstRunDone, lastNetwork, guideLeft } = settings.get()
  let needed = !firstRunDone && (guideLeft !== undefined || (lastNetwork === undefined && !TRACES.some((path) => existsSync(join(userData, path)))))
  return {
    get needed() {
      return needed
    },
    get settled() {
      return needed ? settings.get().guideLeft : undefined
    },
    // A guide that was asked for once more can be left without a trace.
    settle: (network: SettledNetwork) => {
      if (needed) settings.update({ guideLeft: network })
    },
    complete: () => {
      needed = false
      settings.update({ firstRunDone: true, guideLeft: undefined })
    },
    networksFolder: join(userData, 'networks'),
    canLaunchAtLogin,
  }
}
