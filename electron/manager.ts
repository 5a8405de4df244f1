/** Where the desktop app gets its nodes from: the real manager, with its data beside the app's own. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createNodeManager } from '../node-core/manager/manager.ts'
import type { LogSink } from '../node-core/base/logger.ts'
import type { NodeManagerView } from '../node-core/manager/types.ts'

export interface DesktopManager extends NodeManagerView {
  stopAll(): Promise<void>
}

export interface ManagerPlace {
  /** The app's data folder. */
  readonly userData: string
  readonly logSinks: readonly LogSink[]
}

export function createManager({ userData, logSinks }: ManagerPlace): DesktopManager {
  return createNodeManager({
    dataPath: join(userData, 'networks'),
    chainsPath: fileURLToPath(new URL('../chains', import.meta.url)),
    workerUrls: {
      runtime: new URL('./runtime-worker.js', import.meta.url),
      crypto: new URL('./crypto-worker.js', import.meta.url),
    },
    logSinks,
  })
}
