/** What a mistake of this program costs while a block is imported. */
import { errorMessage, isNodeError, NodeError } from '../../../base/errors.ts'

/** A mistake in checking or executing is met by one block: the node goes on without it. */
export function orInternal<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isNodeError(error)) throw error
    throw new NodeError('IMPORT_INTERNAL', `Internal error while importing the block: ${errorMessage(error)}`, { cause: error })
  })
}
