/** Todas las redes a la vez, y lo que se encuentra por su nombre. */
import type { Messages } from '../messages.ts'
import { formatNumber } from '../../text/format.ts'

export const overviewAll: Messages['overviewAll'] = {
  title: 'Todas las redes',
  network: 'Red',
  allNetworks: 'Todas las redes',
  sentence: (running, all) => `${formatNumber(running)} de ${formatNumber(all)} redes en marcha.`,
  none: 'Aún no hay ninguna red.',
  columns: { name: 'Red', state: 'Estado', best: 'Mejor', finalized: 'Finalizado', peers: 'Pares' },
  startAll: 'Iniciar todas',
  stopAll: 'Detener todas',
  start: (name) => `Iniciar ${name}`,
  stop: (name) => `Detener ${name}`,
  restart: (name) => `Reiniciar ${name}`,
  show: (name) => `Mostrar ${name}`,
  actions: {
    copyRpc: 'Copiar la dirección RPC',
    copyPeerId: 'Copiar el ID de par',
    copyAddress: 'Copiar dirección de par',
    copyBest: 'Copiar el hash del mejor bloque',
    copyFinalized: 'Copiar el hash del bloque finalizado',
    copyGenesis: 'Copiar el hash de génesis',
    copyFolder: 'Copiar la ruta de la carpeta de datos',
    connect: 'Conectar a un par…',
    addNetwork: 'Añadir una red…',
    exportNetwork: 'Exportar esta red…',
    duplicate: 'Duplicar esta red',
    data: 'Mostrar los datos de esta red',
    openFolder: 'Abrir la carpeta de datos',
    share: 'Compartir esta red…',
    bans: 'Mostrar los pares bloqueados',
    autoStart: { on: 'Iniciar este nodo con Nodestead', off: 'No iniciar este nodo con Nodestead' },
    keyList: 'Mostrar los atajos de teclado',
    quit: 'Salir de Nodestead',
    theme: { system: 'Apariencia: como el sistema', light: 'Apariencia: clara', dark: 'Apariencia: oscura' },
  },
}
