/** Errors of the API as a person reads them: what happened and why, and what to do. */
import type { ApiProblem } from '../../node-core/api/trpc.ts'

/** Reads the problem that the API puts into its errors; anything else becomes one that says what it can. */
export function problemOf(error: unknown): ApiProblem {
  const data: unknown = isRecord(error) ? error['data'] : undefined
  const problem = isRecord(data) ? data['problem'] : undefined
  if (isRecord(problem) && typeof problem['code'] === 'string' && typeof problem['message'] === 'string') {
    return { code: problem['code'], message: problem['message'], hint: typeof problem['hint'] === 'string' ? problem['hint'] : undefined }
  }
  return { code: 'UI_NO_ANSWER', message: error instanceof Error ? error.message : String(error), hint: undefined }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
