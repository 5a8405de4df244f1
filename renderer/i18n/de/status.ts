import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const status: Messages['status'] = {
  connecting: 'Verbindung zum Knoten: wartet auf die erste Antwort.',
  lost: (span) => `Die Verbindung zum Knoten riss vor ${span} ab; neuer Versuch läuft. Vielleicht wurde er angehalten: was unten steht, ist alt.`,
  refused: 'Der Knoten nimmt diese Adresse nicht an: er wurde inzwischen neu gestartet. Öffnen Sie die Adresse, die er zuletzt ausgab.',
  noNetwork: 'Noch ist kein Netzwerk eingerichtet.',
  stopped: (name) => `Angehalten. „Starten“ lässt ${name} auf diesem Rechner laufen.`,
  stoppedAt: (name, height) => `Angehalten bei Block ${height}. „Starten“ lässt ${name} auf diesem Rechner laufen.`,
  starting: (name) => `Startet: öffnet die Daten von ${name} und lädt die Laufzeit.`,
  stopping: 'Hält an: beendet den laufenden Block, schließt dann die Daten.',
  failed: (reason) => `Ausgefallen: ${reason}`,
  failedWithoutReason: 'Ausgefallen, ohne einen Grund zu nennen. Das Protokoll sagt mehr.',
  waitingForFirstBlock: 'Läuft: wartet auf den ersten Block.',
  noPeers: 'keine Peers',
  peers: (count) => formatCount(count, 'Peer', 'Peers'),
  nothingFinal: 'noch nichts endgültig',
  allFinal: 'alles endgültig',
  finalBehind: (blocks) => `endgültig bis ${formatCount(blocks, 'Block', 'Blöcke')} dahinter`,
  facts: (best, finality, peers) => `bester ${best}, ${finality}, ${peers}`,
  quiet: (span, facts) => `Seit ${span} kein neuer Block, es kam keiner: ${facts}.`,
  quietAlone: (span, facts) => `Seit ${span} kein neuer Block, es fehlen Peers, von denen einer kommen könnte: ${facts}.`,
  notFinalizing: (facts) => `Blöcke kommen, aber sie werden nicht endgültig: ${facts}.`,
  catchingUp: (percent, span, peers) => `Holt auf: ${percent} geschafft, noch etwa ${span}, ${peers}.`,
  catchingUpOpenEnd: (percent, peers) => `Holt auf: ${percent} geschafft, ${peers}.`,
  authoring: (facts) => `Erzeugt Blöcke: ${facts}.`,
  following: (facts) => `Folgt der Kette: ${facts}.`,
}
