/** Errors of the API as a person reads them: what happened and why, and what to do, in the language in use. */
import { errorText, type ErrorData } from '../i18n/errors.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'

/** A problem in the words of the language in use. */
export interface Problem extends ApiProblem {
  /** What the node said, in English, where the message is another. */
  readonly original?: string | undefined
}

/** Reads the problem that the API puts into its errors; anything else becomes one that says what it can. */
export function problemOf(error: unknown): Problem {
  const data: unknown = isRecord(error) ? error['data'] : undefined
  const problem = isRecord(data) ? data['problem'] : undefined
  if (isRecord(problem) && typeof problem['code'] === 'string' && typeof problem['message'] === 'string') {
    const { code, message, hint } = problem
    return translated({ code, message, hint: typeof hint === 'string' ? hint : undefined, data: isRecord(problem['data']) ? (problem['data'] as ErrorData) : undefined })
  }
  return translated({ code: 'UI_NO_ANSWER', message: error instanceof Error ? error.message : String(error), hint: undefined })
}

/** The same in the language in use, as far as it has words for it. */
export function translated(problem: ApiProblem): Problem {
  const text = errorText(problem.code, problem.data)
  return text === undefined ? problem : { ...problem, ...text, original: inOneLine(problem) }
}

/** What happened and what to do, as one text. */
export function inOneLine({ message, hint }: Pick<ApiProblem, 'message' | 'hint'>): string {
  return hint === undefined ? message : `${message} ${hint}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
