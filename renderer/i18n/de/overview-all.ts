/** Alle Netzwerke auf einmal, und was sich über seinen Namen finden lässt. */
import type { Messages } from '../messages.ts'
import { formatNumber } from '../../text/format.ts'

export const overviewAll: Messages['overviewAll'] = {
  title: 'Alle Netzwerke',
  network: 'Netzwerk',
  allNetworks: 'Alle Netzwerke',
  sentence: (running, all) => `${formatNumber(running)} von ${formatNumber(all)} Netzwerken ${running === 1 ? 'läuft' : 'laufen'}.`,
  none: 'Noch kein Netzwerk.',
  columns: { name: 'Netzwerk', state: 'Status', best: 'Bester', finalized: 'Finalisiert', peers: 'Peers' },
  startAll: 'Alle starten',
  stopAll: 'Alle stoppen',
  start: (name) => `${name} starten`,
  stop: (name) => `${name} stoppen`,
  restart: (name) => `${name} neu starten`,
  show: (name) => `${name} anzeigen`,
  actions: {
    copyRpc: 'RPC-Adresse kopieren',
    copyPeerId: 'Peer-ID kopieren',
    copyAddress: 'Peer-Adresse kopieren',
    copyBest: 'Hash des besten Blocks kopieren',
    copyFinalized: 'Hash des finalisierten Blocks kopieren',
    copyGenesis: 'Genesis-Hash kopieren',
    copyFolder: 'Pfad des Datenordners kopieren',
    connect: 'Mit einem Peer verbinden…',
    addNetwork: 'Netzwerk hinzufügen…',
    exportNetwork: 'Dieses Netzwerk exportieren…',
    duplicate: 'Dieses Netzwerk duplizieren',
    data: 'Daten dieses Netzwerks anzeigen',
    openFolder: 'Datenordner öffnen',
    share: 'Dieses Netzwerk teilen…',
    bans: 'Gebannte Peers anzeigen',
    autoStart: { on: 'Diesen Node mit Nodestead starten', off: 'Diesen Node nicht mit Nodestead starten' },
    keyList: 'Tastenkürzel anzeigen',
    quit: 'Nodestead beenden',
    theme: { system: 'Erscheinungsbild: wie das System', light: 'Erscheinungsbild: hell', dark: 'Erscheinungsbild: dunkel' },
  },
}
