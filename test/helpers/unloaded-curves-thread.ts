/**
 * A thread in which a runtime calls an elliptic curve that nobody loaded: says by what code the call ended. A thread has modules of its
 * own, so nothing is loaded from tests before.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { RuntimeError } from '../../node-core/chain/runtime/errors.ts'
import { testRunner } from './runtime-state.ts'

const { runner, root } = testRunner(workerData as Uint8Array)
parentPort?.postMessage(codeOf(() => runner.call(root, 'calls', new Uint8Array(0))))

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return error instanceof RuntimeError ? error.code : String(error)
  }
}
