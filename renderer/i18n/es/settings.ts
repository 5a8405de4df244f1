/** Ajustes de la aplicación y de las redes: cada uno con una línea que dice qué hace. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const settings: Messages['settings'] = {
  readOnly: 'Este nodo se inició desde la línea de comandos. Aquí se muestran sus opciones.',
  noNetwork: 'Aún no hay ninguna red.',
  pending: (count, network) => `${formatCount(count, 'ajuste', 'ajustes')} de ${network} ${count === 1 ? 'tendrá' : 'tendrán'} efecto al reiniciar el nodo.`,
  inEffect: (network) => `Todos los ajustes de la aplicación y de ${network} tienen efecto.`,
  search: 'Buscar en los ajustes',
  searchHint: 'Buscar ( / )',
  nothingFound: 'Ningún ajuste coincide.',
  tabs: { form: 'Ajustes', json: 'JSON' },
  groups: { app: 'Aplicación', network: 'Esta red', chainData: 'Datos de la cadena', reach: 'Conectividad', peers: 'Pares', wallets: 'Monederos y aplicaciones', metrics: 'Métricas para otros programas', programs: 'Programas locales' },
  needsRestart: 'requiere reinicio',
  toDefault: 'Restablecer',
  reset: (label) => `Restablecer: ${label}`,
  pickFile: (label) => `Elegir archivo: ${label}`,
  checking: 'Comprobando el archivo…',
  fileOf: (members) => `El archivo nombra ${formatCount(members, 'miembro', 'miembros')}.`,
  keyUsable: 'El archivo es una clave de red.',
  quicInUse: 'Está en uso.',
  flags: 'Opciones',
  flag: 'Opción',
  value: 'Valor',
  editor: 'Ajustes como JSON',
  editorHelp: 'Todos los ajustes tal como se guardan. Los cambios se comprueban al escribir y se muestran antes de aplicarlos.',
  lines: 'Líneas',
  apply: 'Aplicar',
  discard: 'Descartar',
  noChange: 'Sin cambios.',
  changes: (count) => `${formatCount(count, 'cambio', 'cambios')} por aplicar`,
  setting: 'Ajuste',
  before: 'Actual',
  after: 'Nuevo',
  at: (line, column, reason) => `Línea ${formatNumber(line)}, columna ${formatNumber(column)}: ${reason}`,
  notJson: (found) => (found === undefined ? 'el texto termina demasiado pronto.' : `inesperado: "${found}".`),
  fault: (fault) => {
    switch (fault.code) {
      case 'type':
        return { object: 'se espera un grupo entre llaves.', array: 'se espera una lista.', boolean: 'se espera true o false.', integer: 'se espera un número entero.' }[fault.expected] ?? 'se espera un texto.'
      case 'range':
        return `se espera un número de ${fault.minimum} a ${fault.maximum}.`
      case 'choice':
        return `se espera uno de estos: ${fault.choices.join(', ')}.`
      case 'missing':
        return 'falta este ajuste.'
      case 'unknown':
        return 'no existe tal ajuste.'
      case 'length':
        return `se espera un texto de ${formatNumber(fault.minimum)} a ${formatNumber(fault.maximum)} caracteres.`
      case 'tooMany':
        return `son posibles ${formatNumber(fault.maximum)} como máximo.`
      case 'format':
        return (
          {
            multiaddr: 'se espera una dirección como /ip4/192.0.2.1/tcp/30333.',
            'peer-multiaddr': 'se espera una dirección terminada en /p2p/ y un ID de par.',
            'file-path': 'se espera una ruta completa.',
            origin: 'se espera un origen como https://example.org, o *.',
            pruning: 'se espera auto, archive, archive-canonical o un número de bloques.',
            'log-filter': 'se espera un nivel como info, o info,babe=debug.',
          }[fault.format] ?? 'no tiene la forma correcta.'
        )
    }
  },
  items: {
    language: {
      label: 'Idioma',
      help: 'El idioma de esta ventana.',
    },
    theme: {
      label: 'Apariencia',
      help: 'Clara, oscura o como el sistema.',
    },
    reduceMotion: {
      label: 'Animaciones',
      help: 'Si los cambios se animan.',
    },
    launchAtLogin: {
      label: 'Abrir al iniciar sesión',
      help: 'Nodestead se abre cuando usted inicia sesión en este ordenador.',
    },
    notifications: {
      label: 'Notificaciones',
      help: 'Lo que muestra el sistema mientras la ventana está oculta.',
    },
    updateChannel: {
      label: 'Canal de actualizaciones',
      help: 'Qué versiones se ofrecen: las estables o también las preliminares.',
    },
    name: {
      label: 'Nombre',
      help: 'Nombre de la red en esta aplicación.',
    },
    role: {
      label: 'Rol',
      help: 'Un nodo completo sigue la cadena. Un validador además produce bloques si sus claves están en el conjunto de autoridades.',
    },
    account: {
      label: 'Claves de desarrollo',
      help: 'Claves conocidas por todos, para cadenas de desarrollo. Sin ellas se usan las de la pantalla Claves.',
    },
    forceAuthoring: {
      label: 'Producir bloques solo',
      help: 'También sin otros nodos conectados. Solo si las demás autoridades no van a volver: si no, la cadena se bifurca.',
    },
    sealing: {
      label: 'Producción de bloques',
      help: 'En una cadena de desarrollo: en slots, por cada transacción o a petición. Una cadena producida a petición empieza de nuevo antes de continuar en slots.',
    },
    sync: {
      label: 'Modo de sincronización',
      help: 'Warp verifica justificaciones y descarga un estado reciente. Full ejecuta cada bloque desde el génesis. Automático: warp en redes activas (Live), full en las demás.',
    },
    blocksPruning: {
      label: 'Bloques que se conservan',
      help: 'archive: todos. archive-canonical: los de la cadena finalizada. Un número: esa cantidad de los últimos finalizados, al menos 256. auto: 0 en redes activas (Live), archive en las demás.',
    },
    statePruning: {
      label: 'Estados que se conservan',
      help: 'archive: todos. archive-canonical: los de la cadena finalizada. Un número: los de esa cantidad de últimos bloques. auto: sin cambios si ya hay datos; con datos nuevos, 256 en redes activas (Live) y archive en las demás. Conservar más de lo guardado exige sincronizar de nuevo.',
    },
    autoStart: {
      label: 'Iniciar con la aplicación',
      help: 'Iniciar este nodo al abrir Nodestead.',
    },
    log: {
      label: 'Nivel de registro',
      help: 'Un nivel (error, warn, info, debug, trace) o niveles por módulo: info,babe=debug.',
    },
    'network.port': {
      label: 'Puerto de pares',
      help: 'TCP en este puerto, WebSocket en el siguiente. 0: lo elige el sistema.',
    },
    'network.upnp': {
      label: 'Reenvío de puertos (UPnP)',
      help: 'Pide al router por UPnP que reenvíe los puertos de pares (con QUIC también el UDP) a este ordenador, y ningún otro.',
    },
    'network.mdns': {
      label: 'Descubrimiento local',
      help: 'Encuentra nodos de esta red en la red local (mDNS).',
    },
    'network.listenAddrs': {
      label: 'Direcciones de escucha',
      help: 'En lugar del puerto de pares en todas las interfaces. Una por línea, como /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Direcciones públicas',
      help: 'Direcciones que se anuncian además de las detectadas. Una por línea.',
    },
    'network.quic': {
      label: 'QUIC',
      help: 'Habla también QUIC con los pares, en el puerto UDP con el número del puerto de pares. Lo que envían desconocidos lo lee entonces código nativo. Se aplica al próximo inicio.',
    },
    'network.topologyFile': {
      label: 'Archivo de miembros',
      help: 'Solo los nodos de este archivo forman la red; todos se conectan entre sí. Sustituye a los nodos de arranque y pares reservados. Una ruta completa en el ordenador del nodo; los cambios del archivo se aplican con el nodo en marcha.',
    },
    'network.networkKeyFile': {
      label: 'Clave de red',
      help: 'Archivo con la clave que comparten todos los miembros (swarm.key). Quien no la tiene no puede hablar con los miembros. Una ruta completa en el ordenador del nodo.',
    },
    'network.relayServer': {
      label: 'Actuar como relay',
      help: 'Reenvía tráfico entre pares que no se alcanzan. Consume ancho de banda: hasta 128 KiB y 2 minutos por conexión, 64 MiB y 2 horas hacia un par reservado.',
    },
    'network.inPeers': {
      label: 'Pares entrantes',
      help: 'Cuántos pares pueden conectarse a este nodo.',
    },
    'network.outPeers': {
      label: 'Pares salientes',
      help: 'A cuántos pares se conecta este nodo.',
    },
    'network.downloadLimit': {
      label: 'Límite de descarga',
      help: 'En kB por segundo, todos los pares juntos. 0 significa sin límite. Por debajo de 500, ponerse al día tarda mucho.',
    },
    'network.uploadLimit': {
      label: 'Límite de subida',
      help: 'En kB por segundo, todos los pares juntos. 0 significa sin límite. Por debajo de 500, los pares pueden preferir nodos más rápidos.',
    },
    'network.bootnodes': {
      label: 'Nodos de arranque',
      help: 'Primeros pares, además de los de la especificación de cadena. Uno por línea, terminado en /p2p/ y el ID de par.',
    },
    'network.reservedNodes': {
      label: 'Pares reservados',
      help: 'Pares que siempre tienen plaza. Uno por línea, terminado en /p2p/ y el ID de par.',
    },
    'network.reservedOnly': {
      label: 'Solo pares reservados',
      help: 'No conectarse a otros pares.',
    },
    'rpc.port': {
      label: 'Puerto RPC',
      help: 'Para monederos y aplicaciones de este ordenador. 0: lo elige el sistema.',
    },
    'rpc.cors': {
      label: 'Páginas web permitidas',
      help: 'Páginas que pueden usar este nodo desde un navegador de este ordenador. Un origen por línea; * permite todas.',
    },
    'rpc.methods': {
      label: 'Métodos que modifican el nodo',
      help: 'Llamadas que añaden claves, eligen pares u ocupan el nodo. Automático: solo para programas de este ordenador, y para nadie cuando también acceden otros ordenadores.',
    },
    'rpc.external': {
      label: 'Dar acceso a monederos y aplicaciones de otros ordenadores',
      help: 'Si no, solo este ordenador puede usar el puerto RPC. La conexión no está cifrada.',
    },
    'rpc.maxConnections': {
      label: 'Conexiones simultáneas',
      help: 'Los demás monederos y aplicaciones se rechazan.',
    },
    'rpc.maxSubscriptionsPerConnection': {
      label: 'Suscripciones por conexión',
      help: 'De cuántas cosas, como los bloques nuevos, puede recibir avisos una conexión.',
    },
    'rpc.maxRequestSize': {
      label: 'Petición más grande',
      help: 'En MiB.',
    },
    'rpc.maxResponseSize': {
      label: 'Respuesta más grande',
      help: 'En MiB.',
    },
    'rpc.maxBatch': {
      label: 'Peticiones en un lote',
      help: '0: los lotes se rechazan.',
    },
    'rpc.callsPerMinute': {
      label: 'Llamadas por minuto',
      help: 'Por conexión. 0: sin límite. Las demás llamadas esperan y después se rechazan.',
    },
    'net.enabled': {
      label: 'Abrir a programas',
      help: 'Los programas de este ordenador pueden usar la red por un socket local, cada uno con un token y los permisos que usted le da, y usted puede compartir archivos. Nunca reciben las claves del nodo. Si está desactivado, la red solo transmite lo suyo.',
    },
    'prometheus.enabled': {
      label: 'Métricas de Prometheus',
      help: 'Sirve métricas en /metrics. La pantalla Métricas no lo necesita.',
    },
    'prometheus.port': {
      label: 'Puerto de métricas',
      help: '0: lo elige el sistema.',
    },
    'prometheus.external': {
      label: 'También a otros ordenadores',
      help: 'Si no, solo este ordenador puede leer las métricas.',
    },
  },
  exposure: {
    title: 'El puerto RPC está abierto a otros ordenadores',
    closed: 'Quien llegue a este puerto puede leer de este nodo y enviar transacciones, sin cifrado. Los métodos que modifican el nodo se rechazan, también a los programas de este ordenador.',
    open: 'Quien llegue a este puerto puede añadir claves, elegir los pares y ocupar el nodo. Solo un cortafuegos lo protege. Elija «Automático» en «Métodos que modifican el nodo» si otros ordenadores no los necesitan.',
    validator: 'Este nodo es un validador. Otros pueden impedirle trabajar, y un slot perdido cuesta recompensas: es mejor que monederos y aplicaciones usen un nodo completo.',
    unsafe: 'Cualquier programa de este ordenador, y cualquier página permitida, puede usar métodos que modifican el nodo.',
  },
  options: {
    language: { system: 'Como el sistema', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'Como el sistema', light: 'Clara', dark: 'Oscura' },
    reduceMotion: { system: 'Como el sistema', always: 'Ninguna' },
    notifications: { none: 'Ninguna', problems: 'Solo problemas', all: 'Todas' },
    updateChannel: { stable: 'Estable', preview: 'Estable y preliminar' },
    'rpc.methods': { auto: 'Automático', safe: 'Para nadie', unsafe: 'Para todos' },
    sealing: { slots: 'En slots', instant: 'Por cada transacción', manual: 'A petición' },
    sync: { auto: 'Automático', warp: 'Warp', full: 'Full' },
    role: { full: 'Nodo completo', validator: 'Validador' },
    account: { none: 'Ninguna', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  },
}
