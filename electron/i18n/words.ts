/** The words of tray, menu, dialogs and notifications in the language in use. A language is complete or does not compile. */
import type { TroubleCode } from '../../node-core/manager/kinds/trouble.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'

export type Words = Omit<typeof en, 'troubles'> & { readonly troubles: Readonly<Record<TroubleCode, string>> }

const CATALOGS: Readonly<Record<string, Words>> = { en, de, es }

/** `choice` as a person set it; `system` follows the computer, whose language tag is `systemLocale` (`de-AT`). */
export function wordsFor(choice: string, systemLocale: string): Words {
  const language = choice === 'system' ? systemLocale.toLowerCase().split(/[-_]/)[0] : choice
  return CATALOGS[language ?? 'en'] ?? en
}
