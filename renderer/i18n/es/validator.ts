import { formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const validator: Messages['validator'] = {
  title: 'Historial del validador',
  titleHint: 'Lo que este nodo ha hecho como autoridad.',
  columns: { day: 'Día', blocks: 'Bloques producidos', missed: 'Slots perdidos', votes: 'Rondas con voto' },
  dayHint: 'Días en UTC.',
  missedHint: 'Slots que le tocaban con certeza a una clave de este nodo y que no tienen bloque. No se cuentan mientras el nodo está detenido o poniéndose al día.',
  votesHint: 'Rondas de GRANDPA en las que este nodo ha votado.',
  silentTitle: 'Este nodo ha dejado de firmar',
  silentText: (turns) => `Ningún bloque en ${turns === 1 ? 'su último slot' : `sus últimos ${formatNumber(turns)} slots`}.`,
  silentLocked: 'Sus claves están bloqueadas. Desbloquéelas en la pantalla Claves.',
  silentSaid: 'El último intento falló.',
  silentUnknown: 'Consulte el registro. Reinicie el nodo si continúa.',
}
