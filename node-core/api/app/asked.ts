/** What a part of the app refuses, as an answer of the API: that part has said why. */
import { TRPCError } from '@trpc/server'
import { isNodeError } from '../../base/errors.ts'

export async function asked<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isNodeError(error)) throw error
    throw new TRPCError({ code: 'PRECONDITION_FAILED', cause: error })
  }
}
