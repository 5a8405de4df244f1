import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const signing: Messages['signing'] = {
  listening: (span, facts) => `Lauscht noch etwa ${span}, bevor er signiert, falls ein anderer Rechner dieselben Schlüssel benutzt: ${facts}.`,
  stopped: (facts) => `Signiert nichts, weil ein anderer Rechner mit denselben Schlüsseln signiert: ${facts}.`,
  title: 'Ein anderer Rechner signiert mit Ihrem Schlüssel: Dieser signiert nicht mehr',
  block: (height, key, time) => `Block ${height} (empfangen ${time}) ist mit dem Schlüssel ${key} dieses Knotens signiert. Dieser Rechner hat ihn nicht erzeugt.`,
  vote: (height, round, key, time) => `Eine Stimme für Block ${height} in Runde ${round} (empfangen ${time}) ist mit dem Schlüssel ${key} dieses Knotens signiert. Dieser Rechner hat sie nicht abgegeben.`,
  unreadable: 'Die Datei, in der steht, was anderswo signiert wurde, ist unlesbar.',
  advice: 'Zwei Rechner mit einem Schlüssel signieren doppelt, und das kostet einen Validator seine Einlage. Entscheiden Sie, welcher Rechner den Schlüssel behält. Halten Sie auf dem anderen den Knoten an, oder entfernen Sie dort den Schlüssel. Bis Sie das bestätigen, folgt dieser Knoten der Kette und signiert nichts, auch nach einem Neustart.',
  confirmTitle: 'Auf diesem Rechner wieder signieren',
  confirmText: 'Der Knoten lauscht zuerst einige Slots lang. Hört er den anderen Rechner wieder, hält er wieder inne.',
  confirmCheck: 'Auf keinem anderen Rechner läuft noch ein Knoten mit diesem Schlüssel',
  confirm: 'Nur noch dieser Rechner hat den Schlüssel',
  developmentSigns: (count) => `Es ${count === 1 ? 'signiert' : 'signieren'} ${formatCount(count, 'Schlüssel', 'Schlüssel')} eines Entwicklungskontos.`,
  developmentUntold: (count) => `Hat ${formatCount(count, 'Schlüssel', 'Schlüssel')} eines Entwicklungskontos. Eigene gibt es hier nicht.`,
}
