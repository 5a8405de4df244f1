/** Managing another node: what the menus say, in each language. */
interface RemoteWords {
  readonly manage: string
  /** Over those that are remembered. */
  readonly others: string
}

export const REMOTE_WORDS: Readonly<Record<string, RemoteWords>> = {
  en: { manage: 'Manage another node…', others: 'Other nodes' },
  de: { manage: 'Anderen Node verwalten…', others: 'Andere Nodes' },
  es: { manage: 'Gestionar otro nodo…', others: 'Otros nodos' },
}

/** `locale` as the words of the main process have it: `de`. */
export function remoteWords(locale: string): RemoteWords {
  return REMOTE_WORDS[locale] ?? (REMOTE_WORDS['en'] as RemoteWords)
}
