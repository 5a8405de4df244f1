/** Versiones más nuevas de la aplicación: qué se sabe de ellas y qué ocurre por sí solo. */
import type { Messages } from '../messages.ts'

export const updates: Messages['updates'] = {
  title: 'Actualizaciones',
  brings: (version) => `Qué trae ${version}`,
  check: 'Buscar actualizaciones',
  restart: 'Reiniciar y actualizar',
  inRail: (title) => `${title}, hay una versión más nueva lista`,
  progress: 'Descarga de la versión más nueva',
  off: {
    'no-feed': 'Esta compilación no busca versiones más nuevas: se hizo sin una dirección para ellas.',
    'not-installed': 'No se actualiza sola, porque se ejecuta desde una carpeta. Obtenga una versión más nueva del mismo modo que esta.',
    'read-only': 'No puede actualizarse sola, porque está en una carpeta en la que usted no puede escribir. Muévala a una suya o pida a un administrador que la actualice.',
  },
  headless: 'Un nodo de línea de órdenes se actualiza del mismo modo en que se instaló, por ejemplo con npm.',
  unknown: 'Todavía no se ha buscado una versión más nueva. Ocurre por sí solo cada 6 horas.',
  newest: (age) => `No hay versión más nueva, consultado ${age}.`,
  checking: 'Buscando una versión más nueva…',
  downloading: (version, done, total, percent) => `Descargando ${version}: ${done} de ${total}, ${percent}. El nodo sigue entretanto.`,
  ready: (version) => `${version} está descargada y su firma es correcta. Se instala al salir, o ahora: el nodo se detiene y arranca de nuevo con la versión nueva.`,
  installing: (version) => `Instalando ${version}…`,
  succeeded: (from, to) => `Actualizado de ${from} a ${to}.`,
  didNot: (from, to, why) => `No se pudo instalar ${to}, así que ${from} sigue en uso. ${why === '' ? '' : `${why} `}Busque actualizaciones para intentarlo otra vez.`,
  problems: {
    UPDATE_FEED_UNREACHABLE: 'No se puede alcanzar el servidor de actualizaciones. Se le vuelve a preguntar en menos de una hora; esta versión sigue en uso.',
    UPDATE_FEED_TOO_SLOW: 'El servidor de actualizaciones no respondió en 20 segundos. Se le vuelve a preguntar en menos de una hora; esta versión sigue en uso.',
    UPDATE_NOT_SIGNED: 'El servidor ofrece una versión sin firma. Se rechazó; no se instaló nada.',
    UPDATE_BAD_SIGNATURE: 'El servidor ofrece una versión que no está firmada por quienes hacen Nodestead, o que se cambió después. Se rechazó; no se instaló nada.',
    UPDATE_BAD_MANIFEST: 'El servidor describe su versión de un modo que no está permitido. Se rechazó; no se instaló nada.',
    UPDATE_ROLLBACK: 'El servidor ofrece una versión más antigua que antes. Se rechazó; no se instaló nada.',
    UPDATE_BAD_FILE: 'El servidor envió un archivo distinto del firmado, o solo una parte. Se rechazó; no se instaló nada.',
    UPDATE_TOO_LONG: 'El servidor envía más de lo que se firmó. Se rechazó; no se instaló nada.',
    UPDATE_DOWNLOAD_STALLED: 'La descarga se detuvo: no llegó nada en 30 segundos. Se intenta otra vez en menos de una hora; esta versión sigue en uso.',
    UPDATE_DOWNLOAD_FAILED: 'No se pudo descargar la versión más nueva. Se intenta otra vez en menos de una hora; esta versión sigue en uso.',
    UPDATE_DISK_FULL: 'No hay sitio suficiente en el disco para la versión más nueva. Haga sitio; se intenta otra vez en menos de una hora.',
    UPDATE_NO_FILE: 'La versión más nueva no tiene archivo para este tipo de instalación. Instálela a mano.',
  },
}
