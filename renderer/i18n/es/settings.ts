/** Ajustes de la aplicación y de las redes: cada uno con una línea que dice qué hace. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const settings: Messages['settings'] = {
  readOnly: 'Este nodo se inició desde la línea de órdenes: sus opciones son sus ajustes.',
  noNetwork: 'Todavía no hay ninguna red configurada.',
  pending: (count, network) => `${formatCount(count, 'ajuste', 'ajustes')} de ${network} ${count === 1 ? 'tendrá' : 'tendrán'} efecto cuando su nodo se inicie de nuevo.`,
  inEffect: (network) => `Todos los ajustes de la aplicación y de ${network} tienen efecto.`,
  search: 'Buscar en los ajustes',
  searchHint: 'Buscar ( / )',
  nothingFound: 'Ningún ajuste se llama así. Pruebe con otra palabra.',
  tabs: { form: 'Ajustes', json: 'JSON' },
  groups: { app: 'La aplicación', network: 'Esta red', reach: 'Ser alcanzado', peers: 'Pares', wallets: 'Monederos y aplicaciones', metrics: 'Métricas para otros programas' },
  needsRestart: 'requiere reinicio',
  toDefault: 'Volver al valor predeterminado',
  reset: (label) => `Volver al valor predeterminado: ${label}`,
  flags: 'Opciones',
  flag: 'Opción',
  value: 'Valor',
  editor: 'Ajustes como JSON',
  editorHelp: 'Todos los ajustes tal como se guardan. Lo que cambie se comprueba al escribir y se muestra antes de aplicarlo.',
  lines: 'Líneas',
  apply: 'Aplicar',
  discard: 'Descartar',
  noChange: 'Todavía no hay cambios.',
  changes: (count) => `${formatCount(count, 'cambio', 'cambios')} por aplicar`,
  setting: 'Ajuste',
  before: 'Ahora',
  after: 'Después',
  at: (line, column, reason) => `Línea ${formatNumber(line)}, columna ${formatNumber(column)}: ${reason}`,
  notJson: (found) => (found === undefined ? 'el texto termina demasiado pronto.' : `no se espera "${found}" aquí.`),
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
            'peer-multiaddr': 'se espera una dirección terminada en /p2p/ y un identificador de par.',
            origin: 'se espera un origen como https://example.org, o *.',
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
      help: 'Clara, oscura o como el equipo.',
    },
    reduceMotion: {
      label: 'Movimiento',
      help: 'Si las cosas se mueven al cambiar.',
    },
    launchAtLogin: {
      label: 'Abrir al iniciar sesión',
      help: 'Nodestead se abre cuando usted inicia sesión en este equipo.',
    },
    notifications: {
      label: 'Notificaciones',
      help: 'Lo que el sistema le comunica mientras la ventana está oculta.',
    },
    updateChannel: {
      label: 'Actualizaciones',
      help: 'Qué versiones se ofrecen: las terminadas, o también las que se prueban antes.',
    },
    name: {
      label: 'Nombre',
      help: 'Cómo se llama la red en esta aplicación.',
    },
    role: {
      label: 'Función',
      help: 'Un nodo completo sigue la cadena; un validador además produce bloques, si la cadena ha elegido sus claves.',
    },
    account: {
      label: 'Claves de desarrollo',
      help: 'Claves que todo el mundo conoce, solo para cadenas de desarrollo. Sin ellas se usan las de la pantalla Claves.',
    },
    forceAuthoring: {
      label: 'Crear bloques a solas',
      help: 'También mientras no haya otro nodo conectado. Solo si las demás autoridades de la red no van a volver: si no, crecen dos cadenas.',
    },
    sealing: {
      label: 'Producción de bloques',
      help: 'En una cadena de desarrollo: en slots, por cada transacción o a petición. Una cadena producida a petición empieza de nuevo antes de continuar en slots.',
    },
    autoStart: {
      label: 'Iniciar con la aplicación',
      help: 'El nodo de esta red se inicia cuando se abre Nodestead.',
    },
    log: {
      label: 'Qué se registra',
      help: 'Un nivel (error, warn, info, debug, trace) o varios por módulo: info,babe=debug.',
    },
    'network.port': {
      label: 'Puerto para pares',
      help: 'TCP en este puerto, WebSocket en el siguiente. Con 0 elige el sistema.',
    },
    'network.upnp': {
      label: 'Abrir el puerto en el router',
      help: 'Pide al router por UPnP que reenvíe los puertos para pares, para que otros alcancen este nodo. Ningún otro puerto.',
    },
    'network.mdns': {
      label: 'Buscar pares cercanos',
      help: 'Busca nodos de esta red en la red local.',
    },
    'network.listenAddrs': {
      label: 'Escuchar en',
      help: 'Direcciones en las que escuchar, en lugar del puerto en cada interfaz. Una por línea, como /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Comunicar a otros',
      help: 'Direcciones en las que otros alcanzan este nodo, además de las que descubre. Una por línea.',
    },
    'network.relayServer': {
      label: 'Retransmitir para otros',
      help: 'Reenvía tráfico entre pares que no se alcanzan. Consume ancho de banda.',
    },
    'network.inPeers': {
      label: 'Pares que llegan',
      help: 'Cuántos otros pueden conectarse a este nodo.',
    },
    'network.outPeers': {
      label: 'Pares que elegimos',
      help: 'A cuántos otros se conecta este nodo.',
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
      help: 'Pares con los que empezar, además de los de la cadena. Uno por línea, terminado en /p2p/ y el identificador.',
    },
    'network.reservedNodes': {
      label: 'Pares reservados',
      help: 'Pares que siempre tienen sitio. Uno por línea, terminado en /p2p/ y el identificador.',
    },
    'network.reservedOnly': {
      label: 'Solo pares reservados',
      help: 'No se habla con nadie más.',
    },
    'rpc.port': {
      label: 'Puerto para monederos',
      help: 'Dónde alcanzan el nodo los monederos y aplicaciones de este equipo. Con 0 elige el sistema.',
    },
    'rpc.cors': {
      label: 'Páginas web permitidas',
      help: 'Páginas que pueden hablar con el nodo desde un navegador de este equipo. Un origen por línea; * permite todas.',
    },
    'prometheus.enabled': {
      label: 'Servir métricas',
      help: 'Cifras para Prometheus en /metrics. La pantalla Métricas no lo necesita.',
    },
    'prometheus.port': {
      label: 'Puerto para métricas',
      help: 'Con 0 elige el sistema.',
    },
    'prometheus.external': {
      label: 'También a otros equipos',
      help: 'Sin esto, solo este equipo lee las métricas.',
    },
  },
  options: {
    language: { system: 'Como el equipo', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'Como el equipo', light: 'Clara', dark: 'Oscura' },
    reduceMotion: { system: 'Como el equipo', always: 'Ninguno' },
    notifications: { none: 'Ninguna', problems: 'Lo que requiere atención', all: 'Todas' },
    updateChannel: { stable: 'Versiones terminadas', preview: 'También previas' },
    sealing: { slots: 'En slots', instant: 'Por cada transacción', manual: 'A petición' },
    role: { full: 'Nodo completo', validator: 'Validador' },
    account: { none: 'Ninguna', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  },
}
