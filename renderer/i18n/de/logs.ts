import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const logs: Messages['logs'] = {
  level: 'Stufe',
  levels: { trace: 'Alle Stufen', debug: 'Debug und höher', info: 'Info und höher', warn: 'Warnungen und Fehler', error: 'Nur Fehler' },
  filter: 'Log filtern',
  filterHint: 'Filtern ( / )',
  shown: (shown, total) => `${formatNumber(shown)} von ${formatCount(total, 'Zeile', 'Zeilen')}`,
  missed: (count) => `${formatCount(count, 'Zeile', 'Zeilen')} übersprungen: zu viele auf einmal`,
  log: 'Log',
  empty: 'Log-Zeilen erscheinen hier, sobald der Node läuft.',
  noMatch: 'Keine passenden Zeilen. Wählen Sie eine niedrigere Stufe oder leeren Sie den Filter.',
  newest: 'Zur neuesten',
  module: 'Modul',
  allModules: 'Alle Module',
  export: 'Exportieren…',
  chosen: 'Ausgewählte Zeile',
  close: 'Schließen',
}
