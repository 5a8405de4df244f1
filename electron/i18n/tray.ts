/** The lines of the tray about nodes whose standing nobody confirms, and about several networks at once, in each language. */
interface TrayWords {
  readonly noPeers: (best: string) => string
  /** Blocks come on request. */
  readonly sealed: (best: string) => string
  readonly openNetwork: string
  readonly running: (count: number, all: number) => string
  readonly startAll: string
  readonly stopAll: string
  /** A chain that is being joined: the stage, and how much of it is done. */
  readonly joining: {
    readonly waiting: string
    readonly proofs: (percent: string) => string
    readonly state: (percent: string) => string
    readonly assembling: (percent: string) => string
    readonly anchor: string
  }
}

const WORDS: Readonly<Record<string, TrayWords>> = {
  en: {
    noPeers: (best) => `best ${best}, no peers`,
    sealed: (best) => `best ${best}, on request`,
    openNetwork: 'Show',
    running: (count, all) => `${count} of ${all} networks running`,
    startAll: 'Start all',
    stopAll: 'Stop all',
    joining: {
      waiting: 'waiting for peers to join through',
      proofs: (percent) => `proving finality, ${percent} %`,
      state: (percent) => `fetching the state, ${percent} %`,
      assembling: (percent) => `putting the state together, ${percent} %`,
      anchor: 'state verified',
    },
  },
  de: {
    noPeers: (best) => `bester Block ${best}, keine Peers`,
    sealed: (best) => `bester Block ${best}, auf Anforderung`,
    openNetwork: 'Anzeigen',
    running: (count, all) => `${count} von ${all} Netzwerken laufen`,
    startAll: 'Alle starten',
    stopAll: 'Alle stoppen',
    joining: {
      waiting: 'wartet auf Peers für den Beitritt',
      proofs: (percent) => `prüft die Finalität, ${percent} %`,
      state: (percent) => `lädt den State, ${percent} %`,
      assembling: (percent) => `setzt den State zusammen, ${percent} %`,
      anchor: 'State geprüft',
    },
  },
  es: {
    noPeers: (best) => `mejor bloque ${best}, sin pares`,
    sealed: (best) => `mejor bloque ${best}, a petición`,
    openNetwork: 'Mostrar',
    running: (count, all) => `${count} de ${all} redes en marcha`,
    startAll: 'Iniciar todas',
    stopAll: 'Detener todas',
    joining: {
      waiting: 'a la espera de pares para unirse',
      proofs: (percent) => `verificando la finalidad, ${percent} %`,
      state: (percent) => `descargando el estado, ${percent} %`,
      assembling: (percent) => `componiendo el estado, ${percent} %`,
      anchor: 'estado verificado',
    },
  },
}

/** `locale` as the words of the main process have it: `de`. */
export function trayWords(locale: string): TrayWords {
  return WORDS[locale] ?? (WORDS['en'] as TrayWords)
}
