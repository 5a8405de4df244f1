/** Managing another node: what the menus say, in each language. */
interface RemoteWords {
  readonly manage: string
}

const WORDS: Readonly<Record<string, RemoteWords>> = {
  en: { manage: 'Manage another node…' },
  de: { manage: 'Anderen Node verwalten…' },
  es: { manage: 'Gestionar otro nodo…' },
}

/** `locale` as the words of the main process have it: `de`. */
export function remoteWords(locale: string): RemoteWords {
  return WORDS[locale] ?? (WORDS['en'] as RemoteWords)
}
