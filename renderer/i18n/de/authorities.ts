import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const authorities: Messages['authorities'] = {
  title: 'Authorities',
  titleHint: 'Sie produzieren Blöcke und stimmen über die Finalität ab.',
  counted: ['Authority', 'Authorities'],
  here: (here, all) => `${here} von ${all} da`,
  waits: (here, all, names, away) =>
    names.length === 0
      ? `${here} von ${all} sind da; ${formatCount(away, 'Computer fehlt', 'Computer fehlen')}; die Finalität wartet.`
      : `${here} von ${all} sind da; ${names.length === 1 ? 'es fehlt der Computer' : 'es fehlen die Computer'} von ${names.join(', ')}; die Finalität wartet.`,
  columns: { name: 'Authority', presence: 'Online', lastBlock: 'Letzter Block', lastVote: 'Letzter Vote', missed: 'Verpasste Slots' },
  presence: { self: 'dieser Node', here: 'online', away: 'fehlt', unknown: 'noch nicht gesehen' },
  round: (round) => `Runde ${round}`,
  lastVoteHint: 'Der letzte Vote, den dieser Node seit seinem Start empfangen hat.',
  missedHint: (blocks) =>
    `Slots ohne Block in den letzten ${blocks} der besten Kette, gezählt für die Authority, die an der Reihe war: reihum bei Aura, der Autor des sekundären Slots bei BABE.`,
  blocks: (count) => formatCount(count, 'Block', 'Blöcken'),
  missedUnknown: 'In dieser Kette gehört kein Slot nur einer Authority.',
  notYet: 'noch keine',
  addressLabel: 'Adresse',
}
