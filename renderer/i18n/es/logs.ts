import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const logs: Messages['logs'] = {
  level: 'Nivel',
  levels: { trace: 'Todos los niveles', debug: 'Depuración y superior', info: 'Información y superior', warn: 'Avisos y errores', error: 'Solo errores' },
  filter: 'Filtrar el registro',
  filterHint: 'Filtrar ( / )',
  shown: (shown, total) => `${formatNumber(shown)} de ${formatCount(total, 'línea', 'líneas')}`,
  missed: (count) => `${formatCount(count, 'línea omitida', 'líneas omitidas')}: demasiadas a la vez`,
  log: 'Registro',
  empty: 'Las líneas del registro aparecen aquí cuando el nodo está en marcha.',
  noMatch: 'Ninguna línea coincide. Baje el nivel o borre el filtro.',
  newest: 'Ir a la última',
  module: 'Módulo',
  allModules: 'Todos los módulos',
  export: 'Exportar…',
  chosen: 'Línea seleccionada',
  close: 'Cerrar',
}
