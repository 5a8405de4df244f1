import { formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const validator: Messages['validator'] = {
  title: 'Validator-Statistik',
  titleHint: 'Was dieser Node als Authority geleistet hat.',
  columns: { day: 'Tag', blocks: 'Produzierte Blöcke', missed: 'Verpasste Slots', votes: 'Runden mit Vote' },
  dayHint: 'Tage in UTC.',
  missedHint: 'Slots ohne Block, in denen sicher ein Schlüssel dieses Nodes an der Reihe war. Solange der Node gestoppt ist oder aufholt, wird nicht gezählt.',
  votesHint: 'GRANDPA-Runden, in denen dieser Node abgestimmt hat.',
  silentTitle: 'Dieser Node signiert nicht mehr',
  silentText: (turns) => `Kein Block in ${turns === 1 ? 'seinem letzten Slot' : `seinen letzten ${formatNumber(turns)} Slots`}.`,
  silentLocked: 'Seine Schlüssel sind gesperrt. Entsperren Sie sie in der Ansicht Schlüssel.',
  silentSaid: 'Der letzte Versuch ist fehlgeschlagen.',
  silentUnknown: 'Sehen Sie im Log nach. Starten Sie den Node neu, wenn es so bleibt.',
}
