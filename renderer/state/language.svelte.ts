/** The language of the window: what was chosen here, or what the computer prefers. */
import { LANGUAGES, useLanguage, type LanguageChoice } from '../i18n/language.ts'
import type { LanguageId } from '../i18n/locale.ts'

const CHOICE_KEY = 'nodestead.language'

export class LanguageSetting {
  #choice = $state<LanguageChoice>(remembered())
  #current = $state<LanguageId>('en')

  /** Hears what was chosen, to keep it elsewhere too. */
  onChoose: (choice: LanguageChoice) => void = () => undefined

  constructor() {
    this.#apply()
  }

  get choice(): LanguageChoice {
    return this.#choice
  }

  get current(): LanguageId {
    return this.#current
  }

  choose(choice: LanguageChoice): void {
    this.#choice = choice
    localStorage.setItem(CHOICE_KEY, choice)
    this.#apply()
    this.onChoose(choice)
  }

  #apply(): void {
    this.#current = useLanguage(this.#choice, navigator.languages)
    document.documentElement.lang = this.#current
  }
}

function remembered(): LanguageChoice {
  const stored = localStorage.getItem(CHOICE_KEY)
  return LANGUAGES.find(({ id }) => id === stored)?.id ?? 'system'
}
