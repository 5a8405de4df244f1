/** Una línea para cada cosa que alguien ve por primera vez. */
import { formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const hints: Messages['hints'] = {
  label: 'Sugerencia',
  dismiss: 'Descartar esta sugerencia',
  none: 'No mostrar más',
  again: 'Volver a mostrar las sugerencias',
  peer: 'Un par es otro nodo de esta red, normalmente en otro ordenador.',
  direction: 'Este nodo se conectó a los pares salientes; los entrantes se conectaron a él.',
  finality: (lag) =>
    lag === 0
      ? 'La finalidad ha alcanzado el mejor bloque: las autoridades lo votaron y ya no se revierte.'
      : `La finalidad va ${lag === 1 ? '1 bloque' : `${formatNumber(lag)} bloques`} por detrás: las autoridades votan un bloque después de que se produzca.`,
  slot: (span) => `El tiempo se divide en slots de ${span}: una autoridad produce un bloque en cada slot que le corresponde.`,
  catchingUp: 'Poniéndose al día: el nodo obtiene de sus pares los bloques que le faltan y los verifica.',
  upToDate: '«Al día» significa que ningún par conectado ha anunciado una cadena más larga.',
  fork: 'Las líneas paralelas son bifurcaciones: bloques con el mismo padre, de los que solo se finaliza uno.',
}
