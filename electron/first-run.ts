/**
 * Whether the guide of the first run is needed. Who ran a node with an earlier version of the app is not bothered; who
 * left the guide before its end, by whatever way, finds it again, with what it had added where that was kept.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'
import type { FirstRunKeeper, SettledNetwork } from '../node-core/api/app/first-run.ts'

export interface FirstRunPlace {
  /** The app's data folder. */
  readonly userData: string
  readonly settings: { get(): Pick<Settings, 'firstRunDone' | 'lastNetwork' | 'guideBegan' | 'guideLeft'>; update(change: Partial<Pick<Settings, 'firstRunDone' | 'guideBegan' | 'guideLeft'>>): void }
  readonly canLaunchAtLogin: boolean
}

/** Folders that a node leaves behind: the first network's data, and those of networks that were added. */
const TRACES = ['data/chains/dev/db', 'data/chains/nodestead_dev/db', 'networks']

export interface FirstRunFacts {
  readonly firstRunDone: boolean
  readonly lastNetwork: string | undefined
  /** The guide opened by itself before, or was left with something added. */
  readonly began: boolean
}

export function isGuideNeeded(userData: string, { firstRunDone, lastNetwork, began }: FirstRunFacts): boolean {
  return !firstRunDone && (began || (lastNetwork === undefined && !TRACES.some((path) => existsSync(join(userData, path)))))
}

export function firstRunKeeper({ userData, settings, canLaunchAtLogin }: FirstRunPlace): FirstRunKeeper {
  const { firstRunDone, lastNetwork, guideBegan, guideLeft } = settings.get()
  const began = guideBegan === true || guideLeft !== undefined
  // Looked at once, and kept: what the guide makes leaves traces, too, and must end it neither now nor after a crash.
  let needed = isGuideNeeded(userData, { firstRunDone, lastNetwork, began })
  if (needed && !began) settings.update({ guideBegan: true })
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
      settings.update({ firstRunDone: true, guideBegan: undefined, guideLeft: undefined })
    },
    networksFolder: join(userData, 'networks'),
    canLaunchAtLogin,
  }
}
