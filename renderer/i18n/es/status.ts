import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const status: Messages['status'] = {
  connecting: 'Conectando con el nodo: a la espera de su primera respuesta.',
  lost: (span) => `Se perdió la conexión con el nodo hace ${span}; se intenta de nuevo. Quizá lo detuvieron: lo que sigue es antiguo.`,
  refused: 'El nodo no acepta esta dirección: se ha vuelto a iniciar desde entonces. Abra la última dirección que mostró.',
  noNetwork: 'Aún no hay ninguna red configurada.',
  stopped: (name) => `Detenido. Pulse Iniciar para ejecutar ${name} en este equipo.`,
  stoppedAt: (name, height) => `Detenido en el bloque ${height}. Pulse Iniciar para ejecutar ${name} en este equipo.`,
  starting: (name) => `Arrancando: abre los datos de ${name} y carga su runtime.`,
  stopping: 'Deteniéndose: termina el bloque en curso y después cierra los datos.',
  failed: (reason) => `Fallo: ${reason}`,
  failedWithoutReason: 'Falló sin dar un motivo. El registro dice más.',
  waitingForFirstBlock: 'En marcha: a la espera del primer bloque.',
  noPeers: 'sin pares',
  peers: (count) => formatCount(count, 'par', 'pares'),
  nothingFinal: 'nada final todavía',
  allFinal: 'todo finalizado',
  finalBehind: (blocks) => `finalizado ${formatCount(blocks, 'bloque')} por detrás`,
  facts: (best, finality, peers) => `mejor ${best}, ${finality}, ${peers}`,
  quiet: (span, facts) => `Ningún bloque nuevo desde hace ${span}, no llegó ninguno: ${facts}.`,
  quietAlone: (span, facts) => `Ningún bloque nuevo desde hace ${span}, no hay pares de los que recibirlo: ${facts}.`,
  notFinalizing: (facts) => `Llegan bloques pero no la finalidad: ${facts}.`,
  catchingUp: (percent, span, peers) => `Poniéndose al día: ${percent} hecho, quedan unos ${span}, ${peers}.`,
  catchingUpOpenEnd: (percent, peers) => `Poniéndose al día: ${percent} hecho, ${peers}.`,
  authoring: (facts) => `Creando bloques: ${facts}.`,
  following: (facts) => `Siguiendo la cadena: ${facts}.`,
}
