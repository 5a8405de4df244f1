/**
 * `engine_createBlock` and `engine_finalizeBlock`, as development nodes of the field have them: a block or finality on request. They
 * exist only where blocks are sealed on request, and change the chain: unsafe.
 */
import { isNodeError, type NodeError } from '../../../../base/errors.ts'
import { engineCall, EngineMethodError, type EngineMethods } from '../methods.ts'
import { SEALING_CODES, type SealingErrorCode } from './errors.ts'
import type { Sealer } from './sealer.ts'

/** Anything that went wrong besides. */
const UNKNOWN_ERROR = 20_000

/** `sealer` is undefined while nothing runs. */
export function sealingMethods(sealer: () => Sealer | undefined): EngineMethods {
  async function ask<T>(request: (running: Sealer) => Promise<T>): Promise<T> {
    const running = sealer()
    if (running === undefined) throw new EngineMethodError(SEALING_CODES.SEALING_STOPPED, 'Server is shutting down')
    try {
      return await request(running)
    } catch (error) {
      throw isNodeError(error) ? new EngineMethodError(codeOf(error), error.message) : error
    }
  }

  return () => [
    engineCall({
      name: 'engine_createBlock',
      params: { create_empty: 'boolean', finalize: 'boolean', parent_hash: 'hash?' },
      unsafe: true,
      handle: ({ create_empty: createEmpty, finalize, parent_hash: parent }) =>
        ask(async (running) => {
          const { block, isBest } = await running.seal({ createEmpty, finalize, parent })
          const aux = { header_only: false, clear_justification_requests: false, needs_justification: false, bad_justification: false, is_new_best: isBest }
          return { hash: block.hash, aux, proof_size: 0 }
        }),
    }),
    engineCall({
      name: 'engine_finalizeBlock',
      params: { hash: 'hash', justification: 'bytes?' },
      unsafe: true,
      handle: ({ hash: block, justification: proof }) =>
        ask(async (running) => {
          await running.finalize(block, proof)
          return true
        }),
    }),
  ]
}

function codeOf({ code }: NodeError): number {
  return SEALING_CODES[code as SealingErrorCode] ?? (code === 'QUEUE_CLOSED' ? SEALING_CODES.SEALING_STOPPED : UNKNOWN_ERROR)
}
