/** The crypto worker's thread: takes batches of tasks, answers a few at a time. Ends when the port is closed. */
import { parentPort } from 'node:worker_threads'
import { errorMessage } from '../../base/errors.ts'
import { giveMemoryBack } from '../../base/memory.ts'
import { verifyPacked } from '../ed25519/ed25519-batch.ts'
import { checkHeaderProofs, drawSlot } from './slot-crypto.ts'
import { sr25519Sign } from '../sr25519/sr25519.ts'
import type { CryptoAnswer, CryptoRequest, CryptoResult, CryptoTask } from './worker-protocol.ts'

function perform(task: CryptoTask): CryptoResult {
  switch (task.kind) {
    case 'draw':
      return drawSlot(task.secret, task.input, task.below)
    case 'check':
      return checkHeaderProofs(task.check)
    case 'seal':
      return sr25519Sign(task.secret, task.sealedHash)
    case 'ed25519':
      return verifyPacked(task.checks)
  }
}

/** Answers that go back together: waking the other thread takes as long as some checks do. */
const MAX_ANSWERS = 8

giveMemoryBack()
parentPort?.on('message', (request: CryptoRequest) => {
  let answers: CryptoAnswer[] = []
  for (const [i, [id, task]] of request.entries()) {
    try {
      answers.push({ id, result: perform(task) })
    } catch (error) {
      answers.push({ id, error: errorMessage(error) })
    }
    if (answers.length < MAX_ANSWERS && i < request.length - 1) continue
    parentPort?.postMessage(answers)
    answers = []
  }
})
