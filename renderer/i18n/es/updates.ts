/** Versiones más nuevas de la aplicación: qué se sabe de ellas y qué ocurre por sí solo. */
import type { Messages } from '../messages.ts'

export const updates: Messages['updates'] = {
  title: 'Actualizaciones',
  brings: (version) => `Novedades de ${version}`,
  check: 'Buscar actualizaciones',
  restart: 'Reiniciar y actualizar',
  inRail: (title) => `${title}, actualización lista`,
  progress: 'Descarga de la actualización',
  off: {
    'no-feed': 'Esta compilación no tiene servidor de actualizaciones y no las busca.',
    'not-installed': 'Nodestead se ejecuta desde una carpeta y no puede actualizarse. Descargue la versión nueva como obtuvo esta.',
    'read-only': 'Nodestead no puede actualizarse porque usted no puede escribir en su carpeta. Muévalo a una carpeta suya o pida ayuda a un administrador.',
  },
  headless: 'Un nodo de línea de comandos se actualiza como se instaló, por ejemplo con npm.',
  unknown: 'Aún no se ha buscado. Nodestead busca cada 6 horas.',
  newest: (age) => `Al día, comprobado ${age}.`,
  checking: 'Buscando actualizaciones…',
  downloading: (version, done, total, percent) => `Descargando ${version}: ${done} de ${total}, ${percent}. El nodo sigue en marcha.`,
  ready: (version) => `${version} está descargada y su firma es válida. Se instala al salir, o ahora: el nodo se detiene y se reinicia con la versión nueva.`,
  installing: (version) => `Instalando ${version}…`,
  succeeded: (from, to) => `Actualizado de ${from} a ${to}.`,
  didNot: (from, to, why) => `No se pudo instalar ${to}; ${from} sigue en uso. ${why === '' ? '' : `${why} `}Busque actualizaciones para intentarlo de nuevo.`,
  problems: {
    UPDATE_FEED_UNREACHABLE: 'No se puede acceder al servidor de actualizaciones. Nodestead lo intenta de nuevo en menos de una hora.',
    UPDATE_FEED_TOO_SLOW: 'El servidor de actualizaciones no respondió en 20 segundos. Nodestead lo intenta de nuevo en menos de una hora.',
    UPDATE_NOT_SIGNED: 'La actualización no está firmada y se rechazó. No se instaló nada.',
    UPDATE_BAD_SIGNATURE: 'La firma de la actualización no es válida. Se rechazó; no se instaló nada.',
    UPDATE_BAD_MANIFEST: 'El servidor de actualizaciones envió un manifiesto no válido. Se rechazó; no se instaló nada.',
    UPDATE_ROLLBACK: 'El servidor de actualizaciones ofrece una versión más antigua que antes. Se rechazó; no se instaló nada.',
    UPDATE_BAD_FILE: 'El archivo descargado está incompleto o no es el firmado. Se rechazó; no se instaló nada.',
    UPDATE_TOO_LONG: 'La descarga supera el tamaño firmado. Se rechazó; no se instaló nada.',
    UPDATE_DOWNLOAD_STALLED: 'La descarga se detuvo durante 30 segundos. Nodestead lo intenta de nuevo en menos de una hora.',
    UPDATE_DOWNLOAD_FAILED: 'No se pudo descargar la actualización. Nodestead lo intenta de nuevo en menos de una hora.',
    UPDATE_DISK_FULL: 'No hay espacio en disco para la actualización. Libere espacio; Nodestead lo intenta de nuevo en menos de una hora.',
    UPDATE_NO_FILE: 'No hay archivo de actualización para este tipo de instalación. Instale la versión nueva a mano.',
  },
}
