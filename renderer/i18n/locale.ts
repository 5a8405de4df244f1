/**
 * The language that numbers and times are written in, and the few words that belong to them. The catalogs of messages
 * (language.ts) build on this.
 */
export type LanguageId = 'en' | 'de' | 'es'

/** Words of spans and ages. */
interface TimeWords {
  readonly days: string
  readonly hours: string
  readonly minutes: string
  readonly seconds: string
  readonly now: string
  readonly ago: (span: string) => string
}

const TIME_WORDS: Record<LanguageId, TimeWords> = {
  en: { days: 'd', hours: 'h', minutes: 'min', seconds: 's', now: 'now', ago: (span) => `${span} ago` },
  de: { days: 'T', hours: 'Std.', minutes: 'Min.', seconds: 's', now: 'jetzt', ago: (span) => `vor ${span}` },
  es: { days: 'd', hours: 'h', minutes: 'min', seconds: 's', now: 'ahora', ago: (span) => `hace ${span}` },
}

/** The language in use. */
export let locale: LanguageId = 'en'
export let timeWords: TimeWords = TIME_WORDS.en

export function useLocale(language: LanguageId): void {
  locale = language
  timeWords = TIME_WORDS[language]
}
