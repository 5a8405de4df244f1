/**
 * Every word of the window, in the language in use: `m.logs.title`. A language is complete or does not compile, because
 * each catalog has the type of the English one. Changing the language draws the window anew (App.svelte).
 */
import { de } from './de/index.ts'
import { en } from './en/index.ts'
import { es } from './es/index.ts'
import { useLocale, type LanguageId } from './locale.ts'
import type { Messages } from './messages.ts'

export const LANGUAGES: readonly { readonly id: LanguageId; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'de', name: 'Deutsch' },
  { id: 'es', name: 'Español' },
]

/** `system` follows the computer. */
export type LanguageChoice = LanguageId | 'system'

const CATALOGS: Record<LanguageId, Messages> = { en, de, es }

/** The messages in the language in use. */
export let m: Messages = en

/** `preferred` are the computer's languages, the best first, as `navigator.languages` has them. */
export function useLanguage(choice: LanguageChoice, preferred: readonly string[] = []): LanguageId {
  const language = choice === 'system' ? languageOf(preferred) : choice
  m = CATALOGS[language]
  useLocale(language)
  return language
}

function languageOf(preferred: readonly string[]): LanguageId {
  for (const tag of preferred) {
    const found = LANGUAGES.find(({ id }) => tag.toLowerCase().split('-')[0] === id)
    if (found !== undefined) return found.id
  }
  return 'en'
}
