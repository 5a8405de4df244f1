import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'
import { de as here } from '../place.ts'

export const signing: Messages['signing'] = {
  listening: (span, facts) => `Lauscht noch ${span} vor dem Signieren, falls ein anderer Computer dieselben Schlüssel verwendet: ${facts}.`,
  stopped: (facts) => `Signiert nicht, weil ein anderer Computer mit denselben Schlüsseln signiert: ${facts}.`,
  title: 'Ein anderer Computer signiert mit Ihrem Schlüssel: Dieser Node signiert nicht mehr',
  block: (height, key, time) => `Block ${height} (empfangen ${time}) ist mit dem Schlüssel ${key} dieses Nodes signiert. Dieser Node hat ihn nicht produziert.`,
  vote: (height, round, key, time) => `Ein Vote für Block ${height} in Runde ${round} (empfangen ${time}) ist mit dem Schlüssel ${key} dieses Nodes signiert. Dieser Node hat ihn nicht abgegeben.`,
  unreadable: 'Der Vermerk, was anderswo signiert wurde, ist nicht lesbar.',
  advice: 'Zwei Computer mit demselben Schlüssel signieren doppelt, wofür Validatoren geslasht werden. Entscheiden Sie, welcher Computer den Schlüssel behält. Stoppen Sie auf dem anderen den Node oder entfernen Sie dort den Schlüssel. Bis Sie das bestätigen, folgt dieser Node der Kette und signiert nichts, auch nach einem Neustart.',
  confirmTitle: 'Mit diesem Node wieder signieren',
  confirmText: 'Der Node lauscht zuerst einige Slots lang. Hört er den anderen Computer wieder, signiert er nicht.',
  confirmCheck: 'Auf keinem anderen Computer läuft ein Node mit diesem Schlüssel',
  get confirm() {
    return `Nur ${here.der()} hat jetzt den Schlüssel`
  },
  developmentSigns: (count) => `${formatCount(count, 'Schlüssel', 'Schlüssel')} eines Entwicklungskontos ${count === 1 ? 'signiert' : 'signieren'}.`,
  developmentUntold: (count) => `Hat ${formatCount(count, 'Schlüssel', 'Schlüssel')} eines Entwicklungskontos. Der Keystore ist leer.`,
}
