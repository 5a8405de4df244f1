/** The thread of a download: checks pieces, writes them, and puts the state together (work.ts). Ends when its database is closed. */
import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage, isNodeError } from '../../../base/errors.ts'
import { collectGarbage } from '../../../base/memory.ts'
import { giveWay } from '../../../base/threads.ts'
import { createLevel } from '../../state/trie-source.ts'
import { PieceError } from './errors.ts'
import { levelDatabase } from './level-database.ts'
import type { OpenedSpans, StateAnswer, StateRequest, StateTask, StateThreadData } from './protocol.ts'
import { levelRecords } from './records.ts'
import type { AssembledState, StoredPiece } from './types.ts'
import { StateWork } from './work.ts'

/** Between two notes of how far the assembly is. */
const PROGRESS_MS = 250

const { dataPath } = workerData as StateThreadData
const level = createLevel(dataPath)
const opened = level.open({ createIfMissing: false })
const work = new StateWork(levelDatabase(level), levelRecords(level))

async function perform(id: number, task: StateTask): Promise<OpenedSpans | StoredPiece | AssembledState | undefined> {
  await opened
  switch (task.kind) {
    case 'open': {
      const { coverage, totals, assembled } = await work.open(task.root)
      return { spans: coverage.spans, totals, assembled }
    }
    case 'piece':
      return work.piece(task.start, task.response)
    case 'assemble': {
      // What the pieces left is not held while the nodes are written.
      collectGarbage()
      let toldAt = 0
      return work.assemble((entries, bytes) => {
        const now = performance.now()
        if (now - toldAt < PROGRESS_MS) return
        toldAt = now
        answer({ id, progress: { entries, bytes } })
      })
    }
    case 'clear':
      await work.clear(task.withState)
      return undefined
    case 'close':
      await work.end()
      await level.close()
      return undefined
  }
}

function answer(message: StateAnswer): void {
  parentPort?.postMessage(message)
}

giveWay()
parentPort?.on('message', ({ id, task }: StateRequest) => {
  void perform(id, task).then(
    (result) => answer({ id, result }),
    (error: unknown) =>
      answer({ id, failure: { code: isNodeError(error) ? error.code : 'JOIN_STATE_FAILED', message: errorMessage(error), fault: error instanceof PieceError ? error.fault : undefined } }),
  )
})
