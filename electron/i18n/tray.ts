/** The lines of the tray about nodes whose standing nobody confirms, and about several networks at once, in each language. */
interface TrayWords {
  readonly noPeers: (best: string) => string
  /** Blocks come on request. */
  readonly sealed: (best: string) => string
  readonly openNetwork: string
  readonly running: (count: number, all: number) => string
  readonly startAll: string
  readonly stopAll: string
}

const WORDS: Readonly<Record<string, TrayWords>> = {
  en: {
    noPeers: (best) => `best ${best}, no peers`,
    sealed: (best) => `best ${best}, on request`,
    openNetwork: 'Show',
    running: (count, all) => `${count} of ${all} networks running`,
    startAll: 'Start all',
    stopAll: 'Stop all',
  },
  de: {
    noPeers: (best) => `bester Block ${best}, keine Peers`,
    sealed: (best) => `bester Block ${best}, auf Anforderung`,
    openNetwork: 'Anzeigen',
    running: (count, all) => `${count} von ${all} Netzwerken laufen`,
    startAll: 'Alle starten',
    stopAll: 'Alle stoppen',
  },
  es: {
    noPeers: (best) => `mejor bloque ${best}, sin pares`,
    sealed: (best) => `mejor bloque ${best}, a petición`,
    openNetwork: 'Mostrar',
    running: (count, all) => `${count} de ${all} redes en marcha`,
    startAll: 'Iniciar todas',
    stopAll: 'Detener todas',
  },
}

/** `locale` as the words of the main process have it: `de`. */
export function trayWords(locale: string): TrayWords {
  return WORDS[locale] ?? (WORDS['en'] as TrayWords)
}
