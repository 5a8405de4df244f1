/** The decoder's thread: takes one task after the other. Ends when the port is closed. */
import { parentPort, workerData } from 'node:worker_threads'
import { errorMessage } from '../../base/errors.ts'
import { giveMemoryBack } from '../../base/memory.ts'
import { Decoder } from './decoder.ts'
import type { NamingOptions } from './names.ts'
import type { DecoderAnswer, DecoderRequest } from './protocol.ts'

const decoder = new Decoder(workerData as NamingOptions)

giveMemoryBack()
parentPort?.on('message', ({ id, task }: DecoderRequest) => {
  let answer: DecoderAnswer
  try {
    answer = { id, result: decoder.perform(task) }
  } catch (error) {
    answer = { id, error: errorMessage(error) }
  }
  parentPort?.postMessage(answer)
})
