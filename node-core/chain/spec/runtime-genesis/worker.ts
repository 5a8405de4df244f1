/** The thread of thread.ts: one genesis, and its end. */
import { parentPort, workerData } from 'node:worker_threads'
import { buildRawGenesis, GenesisFault } from './builder.ts'
import { parseExact } from './exact-json.ts'
import type { GenesisAnswer, GenesisTask } from './thread.ts'
import { readRuntimeGenesis } from './written.ts'

function perform(task: GenesisTask): GenesisAnswer {
  try {
    return { storage: buildRawGenesis(readRuntimeGenesis(parseExact(task))) }
  } catch (error) {
    if (error instanceof GenesisFault) return { fault: error.message }
    throw error
  }
}

parentPort?.postMessage(perform(workerData as GenesisTask))
