import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const logs: Messages['logs'] = {
  level: 'Nivel',
  levels: { trace: 'Todo', debug: 'Depuración y superior', info: 'Información y superior', warn: 'Avisos y errores', error: 'Errores' },
  filter: 'Filtrar el registro',
  filterHint: 'Filtrar ( / )',
  shown: (shown, total) => `${formatNumber(shown)} de ${formatCount(total, 'línea', 'líneas')}`,
  missed: (count) => `${formatNumber(count)} omitidas porque llegaron demasiado rápido`,
  log: 'Registro',
  empty: 'Lo que el nodo comunica aparece aquí en cuanto está en marcha.',
  noMatch: 'Nada coincide. Baje el nivel o borre el filtro.',
  newest: 'Lo más nuevo',
  module: 'Módulo',
  allModules: 'Todos los módulos',
  export: 'Exportar…',
  chosen: 'Línea elegida',
  close: 'Cerrar',
}
