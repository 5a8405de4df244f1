import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const logs: Messages['logs'] = {
  level: 'Stufe',
  levels: { trace: 'Alles', debug: 'Debug und höher', info: 'Info und höher', warn: 'Warnungen und Fehler', error: 'Fehler' },
  filter: 'Protokoll filtern',
  filterHint: 'Filtern ( / )',
  shown: (shown, total) => `${formatNumber(shown)} von ${formatCount(total, 'Zeile', 'Zeilen')}`,
  missed: (count) => `${formatNumber(count)} ausgelassen, weil sie zu schnell kamen`,
  log: 'Protokoll',
  empty: 'Was der Knoten meldet, erscheint hier, sobald er läuft.',
  noMatch: 'Nichts passt. Senken Sie die Stufe oder leeren Sie den Filter.',
  newest: 'Neueste',
  module: 'Modul',
  allModules: 'Alle Module',
  export: 'Exportieren …',
  chosen: 'Ausgewählte Zeile',
  close: 'Schließen',
}
