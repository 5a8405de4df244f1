/** En un navegador: la página que pide el token, lo que guarda el navegador y lo que se hace en el ordenador del nodo. */
import type { Messages } from '../messages.ts'

export const browser: Messages['browser'] = {
  token: {
    title: 'Esta página necesita el token del nodo',
    none: 'El nodo muestra su token al iniciarse, como parte de la dirección: http://127.0.0.1:9955/#token=… Abra esa dirección o péguela aquí.',
    wrong: 'El nodo no acepta este token. Use la última dirección que mostró.',
    changed: 'La sesión terminó porque el nodo se reinició con otro token. Abra la última dirección que mostró o péguela aquí.',
    lost: 'El nodo no responde. Compruebe que funciona, y el túnel o el proxy que lleva a él.',
    notOne: 'Esto no es un token. Pegue toda la dirección que mostró el nodo.',
    field: 'Dirección o token',
    fieldHelp: 'Se cambia por una cookie de este navegador y no se guarda en otro lugar.',
    enter: 'Continuar',
    entering: 'Preguntando…',
    where: 'Dónde encontrarlo',
    places: {
      terminal: 'En el terminal donde se inició el nodo: la línea que empieza por «Dashboard:».',
      service: 'Si systemd ejecuta el nodo, en su diario:',
      file: 'Si se inició con --dashboard-token-file, en ese archivo. Así es el mismo en cada inicio.',
    },
  },
  title: 'Este navegador',
  language: 'Idioma',
  languageHelp: 'Se guarda en este navegador. Los colores y el movimiento siguen los ajustes del navegador.',
  signOut: 'Cerrar sesión',
  signOutHelp: 'Borra la cookie de este navegador. La página vuelve a pedir el token.',
  signOutAll: 'Si el nodo se inicia con otro token, terminan las sesiones de todos los navegadores.',
  there: {
    title: 'En el ordenador del nodo',
    text: 'Este nodo se inició desde la línea de comandos. Lo siguiente se hace allí, en un terminal.',
    command: 'comando',
    items: {
      flags: { title: 'Cambiar un ajuste', text: 'Los ajustes son opciones, o líneas de un archivo indicado con --config. Detenga el nodo e inícielo con otras. Todas se muestran con:' },
      network: { title: 'Iniciar otra red', text: 'Un nodo de línea de comandos tiene una sola red. Otra es un segundo nodo, con su carpeta y sus puertos:' },
      share: { title: 'Compartir la red', text: 'Este archivo describe la red. Los demás inician su nodo con --chain y el archivo:' },
      move: { title: 'Mover los datos', text: 'Detenga el nodo, mueva su carpeta e inícielo con --base-path y el nuevo lugar. La carpeta es:' },
      purge: { title: 'Reiniciar la cadena', text: 'Detenga primero el nodo. Se borran sus bloques y estados; las claves y la identidad se conservan:' },
      boot: { title: 'Iniciar con el ordenador', text: 'El paquete tiene una unidad para systemd y otra para launchd; su README dice cómo instalarlas. Con systemd:' },
      update: { title: 'Actualizar', text: 'Detenga el nodo e instale la nueva versión como se instaló esta. Con npm:' },
      notify: { title: 'Recibir avisos de problemas', text: 'Un navegador no recibe avisos. Otros programas leen los problemas en las métricas, en --prometheus-port, y siguen el registro:' },
      stop: { title: 'Terminar el programa', text: 'Detener, en Resumen, termina el trabajo del nodo, no su programa. Lo hace Ctrl+C en su terminal, o:' },
    },
  },
  portThere: 'Solo los programas del ordenador del nodo llegan a este puerto. Los demás necesitan un túnel.',
  folderThere: 'Esto se hace en el ordenador del nodo: inícielo con --base-path y la carpeta donde están ahora los datos.',
  copyRefused: 'El navegador no permitió copiar. Seleccione el texto y cópielo.',
}
