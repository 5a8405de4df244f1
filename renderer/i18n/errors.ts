/**
 * What an error of the node is called in the language in use, by its code. The node says its errors in English, with a code and data;
 * English shows them as they are, and what another language has no text for is shown in English too.
 */
import { errors as de } from './de/errors.ts'
import { errors as es } from './es/errors.ts'
import { m } from './language.ts'
import { locale, type LanguageId } from './locale.ts'
import type { ErrorTexts } from './error-texts.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'

export const ERROR_TEXTS: Readonly<Record<Exclude<LanguageId, 'en'>, ErrorTexts>> = { de, es }

export type ErrorData = NonNullable<ApiProblem['data']>

/** Undefined where the language has no text for it, or the data for one are missing. */
export function errorText(code: string, data: ErrorData = {}): { readonly message: string; readonly hint: string | undefined } | undefined {
  if (locale === 'en') return undefined
  const texts = ERROR_TEXTS[locale]
  const found = texts[`${code}/${String(data['problem'])}`] ?? texts[code]
  if (found === undefined) return undefined
  const message = filled(found.message, data)
  const hint = found.hint === undefined ? undefined : filled(found.hint, data)
  return message === undefined || (found.hint !== undefined && hint === undefined) ? undefined : { message, hint }
}

function filled(text: string, data: ErrorData): string | undefined {
  let missing = false
  const done = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === 'problem' ? folderProblem(data[name]) : data[name]
    if (value === undefined) missing = true
    return String(value)
  })
  return missing ? undefined : done
}

function folderProblem(problem: unknown): string | undefined {
  return (m.networks.folderProblems as Readonly<Record<string, string>>)[String(problem)]
}
