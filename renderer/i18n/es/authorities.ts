import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const authorities: Messages['authorities'] = {
  title: 'Autoridades',
  titleHint: 'Producen bloques y votan sobre la finalidad.',
  counted: ['autoridad', 'autoridades'],
  here: (here, all) => `${here} de ${all} en línea`,
  waits: (here, all, names, away) =>
    names.length === 0
      ? `${here} de ${all} en línea; ${formatCount(away, 'ordenador falta', 'ordenadores faltan')}; la finalidad espera.`
      : `${here} de ${all} en línea; ${names.length === 1 ? 'falta el ordenador' : 'faltan los ordenadores'} de ${names.join(', ')}; la finalidad espera.`,
  columns: { name: 'Autoridad', presence: 'En línea', lastBlock: 'Último bloque', lastVote: 'Último voto', missed: 'Slots perdidos' },
  presence: { self: 'este nodo', here: 'en línea', away: 'falta', unknown: 'aún no vista' },
  round: (round) => `ronda ${round}`,
  lastVoteHint: 'El último voto que este nodo ha recibido desde que se inició.',
  missedHint: (blocks) =>
    `Slots sin bloque en los últimos ${blocks} de la mejor cadena, contados para la autoridad a la que le tocaba: por turnos en Aura, el autor del slot secundario en BABE.`,
  blocks: (count) => formatCount(count, 'bloque', 'bloques'),
  missedUnknown: 'En esta cadena ningún slot pertenece a una sola autoridad.',
  notYet: 'ninguno aún',
  addressLabel: 'Dirección',
}
