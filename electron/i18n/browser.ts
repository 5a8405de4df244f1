/** The question before the system's browser opens a page, in each language. */
interface BrowserWords {
  readonly question: string
  readonly detail: (url: string) => string
  readonly open: string
  readonly notOpened: string
  readonly notOpenedHint: (url: string) => string
}

export const BROWSER_WORDS: Readonly<Record<string, BrowserWords>> = {
  en: {
    question: 'Open polkadot.js in your browser?',
    detail: (url) => `This page comes from the internet. It reads the chain from your node, and sends what you sign there.\n\n${url}`,
    open: 'Open the browser',
    notOpened: 'The browser did not open.',
    notOpenedHint: (url) => `Open this address by hand: ${url}`,
  },
  de: {
    question: 'polkadot.js im Browser öffnen?',
    detail: (url) => `Diese Seite kommt aus dem Internet. Sie liest die Kette von Ihrem Node und sendet, was Sie dort signieren.\n\n${url}`,
    open: 'Browser öffnen',
    notOpened: 'Der Browser hat sich nicht geöffnet.',
    notOpenedHint: (url) => `Öffnen Sie diese Adresse von Hand: ${url}`,
  },
  es: {
    question: '¿Abrir polkadot.js en su navegador?',
    detail: (url) => `Esta página viene de internet. Lee la cadena desde su nodo y envía lo que usted firme allí.\n\n${url}`,
    open: 'Abrir el navegador',
    notOpened: 'El navegador no se abrió.',
    notOpenedHint: (url) => `Abra esta dirección a mano: ${url}`,
  },
}

/** `locale` as the words of the main process have it: `de`. */
export function browserWords(locale: string): BrowserWords {
  return BROWSER_WORDS[locale] ?? (BROWSER_WORDS['en'] as BrowserWords)
}
