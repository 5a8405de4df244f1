/** The runtime that the app carries for networks of our own, read for the node that may offer it. */
import { errorMessage } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { carriedFolder, readCarried, type CarriedRuntime } from '../upgrades/carried.ts'

/** From where the specifications lie that ship with the app. Never throws: without it a node does everything but offer an upgrade. */
export async function carriedRuntime(chainsPath: string, logger: Logger): Promise<CarriedRuntime | undefined> {
  try {
    return await readCarried(carriedFolder(chainsPath))
  } catch (error) {
    logger.warn('the bundled runtime is unusable', { reason: errorMessage(error) })
    return undefined
  }
}
