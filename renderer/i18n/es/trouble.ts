import { formatBytes, formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'
import { byFlag, es as here } from '../place.ts'

export const trouble: Messages['trouble'] = {
  region: 'Problemas',
  inRail: (title, count) => `${title}, ${formatCount(count, 'aviso')}`,
  since: (time) => `Desde ${time}`,
  restartIn: (span, attempt) => `Reinicio automático en ${span} (intento ${attempt} de 5).`,
  restartNow: 'Reinicio automático…',
  gaveUp: (attempts) => `Se reinició ${formatCount(attempts, 'vez', 'veces')} en diez minutos sin éxito. Inícielo usted.`,
  ports: { peers: 'pares', rpc: 'monederos y aplicaciones', metrics: 'métricas' },
  portTitle: (port, purpose) => `El puerto ${port} para ${purpose} está ocupado`,
  portTitleUnknown: (purpose) => `El puerto para ${purpose} está ocupado`,
  portText: 'Lo usa otro programa. Deje que Nodestead use un puerto libre, o cierre el otro programa e inténtelo de nuevo.',
  portTextFixed: 'Lo usa otro programa. Ciérrelo e inténtelo de nuevo, o inicie el nodo con otro puerto.',
  lockedTitle: 'La carpeta de datos está en uso',
  lockedText: (path, pid) => `El proceso ${pid} usa ${path}. Dos nodos no deben compartir una carpeta de datos. Cierre ese programa e inténtelo de nuevo.`,
  lockedTextUnknown: (path) => `Otro programa usa ${path}. Dos nodos no deben compartir una carpeta de datos. Cierre ese programa e inténtelo de nuevo.`,
  damagedTitle: 'La base de datos está dañada',
  versionTitle: 'La base de datos es de otra versión',
  versionText: (path) => `${path} la escribió otra versión de Nodestead. Ábrala con esa versión, o apártela y sincronice de nuevo.`,
  chainTitle: 'La base de datos es de otra red',
  chainText: (path) => `Los datos de ${path} tienen otro génesis. Apártelos para empezar con una base de datos vacía; los antiguos se conservan.`,
  diskFullTitle: 'El disco está lleno',
  diskFullText: (free, needed) => `Solo quedan ${free}. El nodo se detuvo para proteger su base de datos. Libere al menos ${needed} e inícielo.`,
  diskFullTextUnknown: (needed) => `El nodo se detuvo para proteger su base de datos. Libere al menos ${needed} e inícielo.`,
  diskLowTitle: 'El disco está casi lleno',
  diskLowText: (free, stop) => `Quedan ${free}. Por debajo de ${stop} el nodo se detiene automáticamente. Libere espacio o mueva los datos a otro disco.`,
  clockBehindTitle: (span) => `El reloj ${here.del()} va ${span} atrasado`,
  clockAheadTitle: (span) => `El reloj ${here.del()} va ${span} adelantado`,
  clockText: (peers) =>
    `${formatCount(peers, 'par indica', 'pares indican')} otra hora. Con el reloj mal, el nodo rechaza bloques válidos y los pares rechazan los suyos. Ponga el reloj en hora automáticamente por internet.`,
  jumpForwardTitle: (span) => `El reloj saltó ${span} hacia delante`,
  jumpBackTitle: (span) => `El reloj saltó ${span} hacia atrás`,
  jumpText: 'Se cambió la hora o el ordenador estuvo suspendido. El nodo comprueba sus conexiones; reinícielo si quedan problemas.',
  noPeersTitle: 'Sin pares',
  noPeersText: (span) => `Sin pares desde hace ${span}. Compruebe la conexión a internet y el cortafuegos.`,
  aloneTitle: 'Sin bloques: este nodo está solo',
  aloneText: (authorities) =>
    `Esta red tiene ${formatCount(authorities, 'autoridad', 'autoridades')}, pero no hay ningún otro nodo conectado. Producir bloques ahora bifurcaría la cadena, así que no se produce ninguno. Inicie otro nodo de la red o conéctese a uno en la pantalla Pares. Si las demás autoridades no van a volver, ${byFlag('active «Producir bloques solo» en Ajustes', 'inicie este nodo con --force-authoring')}.`,
  againTitle: (span) => `Sin bloques durante ${span}: el reloj se atrasó`,
  againText: 'Este nodo ya produjo bloques para la hora que marca ahora su reloj. Producir otros sería firmar dos veces (equivocation), lo que se castiga con slashing. La producción sigue cuando pase esa hora. Si el reloj va mal, póngalo en hora. Si iba mal antes y nadie tiene aquellos bloques, detenga el nodo, elimine la carpeta signing-record que está junto a las claves e inícielo de nuevo.',
  unreadableTitle: 'No se firma nada: el registro de firmas no se puede leer',
  unreadableText: (path) =>
    `${path} contiene lo último que firmó cada clave y no se puede leer. Sin ese archivo una clave podría firmar dos veces, lo que se castiga con slashing. Restaure de una copia ese archivo, o el que termina en .copy.json, y reinicie. Si no hay copia, asegúrese de que ningún otro ordenador usa esta clave, espere una hora, elimine los dos archivos y reinicie.`,
  unwritableTitle: 'No se firma nada: el registro de firmas no se puede escribir',
  unwritableText: (path) =>
    `Cada firma debe anotarse antes en ${path}, y la escritura falla. Compruebe que el disco no esté lleno y que se pueda escribir en la carpeta. El nodo lo intenta de nuevo automáticamente.`,
  routerTitle: 'No accesible a través del router',
  doubleNatTitle: 'Detrás de dos routers',
  routerText: {
    NAT_ROUTER_ABSENT: 'Ningún router respondió. Active UPnP en el router o reenvíe el puerto a mano. Sin ello el nodo se conecta a otros, pero ellos no pueden conectarse a él.',
    NAT_ROUTER_SILENT: 'El router ya no responde. Reinícielo si sigue así, o reenvíe el puerto a mano.',
    NAT_ROUTER_MALFORMED: 'El router envió una respuesta UPnP no válida. Actualice su firmware o reenvíe el puerto a mano.',
    get NAT_ROUTER_REFUSED() {
      return `El router se negó a reenviar el puerto. Permita UPnP para ${here.el()} o reenvíe el puerto a mano.`
    },
    get NAT_PORT_TAKEN() {
      return `Otro ordenador ya usa estos puertos en el router. ${byFlag('Elija otro puerto de pares en Ajustes.', 'Inicie el nodo con otro --port.')}`
    },
    NAT_ROUTER_OFFLINE: 'El router no tiene conexión a internet.',
    NAT_DOUBLE: 'El router reenvía el puerto, pero está detrás de otro router. Reenvíelo también allí o pida a su proveedor una dirección pública.',
    get NAT_NO_PORTS() {
      return `El nodo no escucha en ninguna dirección de la red local. ${byFlag('Cambie las direcciones de escucha en Ajustes.', 'Inícielo con otra --listen-addr.')}`
    },
  },
  memberKeyTitle: (name) => `Otro par responde en lugar de ${name}`,
  memberKeyText: (peer, found, others, path) =>
    `En la dirección de ${peer} respondió ${found}. Se rechazó la conexión${others === 0 ? '' : `, como también en las direcciones de ${formatCount(others, 'miembro más', 'miembros más')}`}. Si el miembro tiene una clave nueva, corrija su ID en ${path}. Si no, averigüe quién responde allí.`,
  topologyFileTitle: 'La lista de miembros no se puede usar',
  topologyFileText: (path) => `${path} se cambió y contiene un error. La lista anterior vale hasta que se corrija el archivo.`,
  relayValidatorTitle: 'Este nodo no es validador aquí',
  get relayValidatorText() {
    return `Un validador de una relay chain también debe respaldar y comprobar bloques de parachains. Este nodo no lo hace: sigue la cadena y no firma nada. ${byFlag('Elija el rol de nodo completo en Ajustes.', 'Inícielo sin --validator.')}`
  },
  oldRuntimeTitle: 'Esta red usa un runtime anterior',
  oldRuntimeText: 'Se creó antes de que Nodestead tuviera su propio runtime y sigue funcionando igual. Una red nueva tiene contratos inteligentes, autoridades que se pueden cambiar y actualizaciones del runtime.',
  trapTitle: 'El runtime falló',
  trapText: 'El runtime falló al ejecutar un bloque. Reinicie el nodo; si no basta, busque una actualización de Nodestead.',
  trapTextStopped: 'El runtime no funciona en este nodo. Busque una actualización de Nodestead o inicie el nodo otra vez.',
  cannotExecuteTitle: (height) => `Este nodo no puede ejecutar el bloque ${height}`,
  cannotExecuteText: (height, peers) =>
    `${formatCount(peers, 'par ha ejecutado', 'pares han ejecutado')} el bloque ${height}; este nodo obtiene otro resultado y no puede continuar. Probablemente es un error de esta versión de Nodestead. Busque una actualización. El nodo lo intenta de vez en cuando, y enseguida tras un reinicio. Si el problema continúa, guarde un paquete de soporte e informe del error.`,
  said: 'Detalles:',
  failedTitle: 'El nodo falló',
  actions: {
    start: 'Intentar de nuevo',
    restart: 'Reiniciar el nodo',
    'free-port': 'Usar un puerto libre',
    'set-aside': 'Apartar y sincronizar de nuevo',
    reconnect: 'Buscar pares ahora',
    'ask-router': 'Preguntar de nuevo al router',
    'time-settings': 'Abrir los ajustes de fecha y hora',
    'move-data': 'Mover los datos…',
    'add-network': 'Añadir una red…',
    check: 'Comprobar de nuevo',
    get 'sole-signer'() {
      return `${here.El()} es ahora el único con la clave…`
    },
    dismiss: 'Descartar',
  },
  startNode: 'Iniciar el nodo',
  bundle: 'Guardar paquete de soporte',
  bundleHint: 'Un archivo con registros, versiones, ajustes y métricas para quien le ayude. Se quitan frases, claves, contraseñas, nombres y direcciones.',
  connectivity: 'Conectividad',
  connectivityHint: 'Si otros nodos pueden conectarse a este desde internet.',
  facts: { mapped: 'Puerto reenviado (UPnP)', external: 'Dirección externa', verified: 'Verificado desde fuera', relayed: 'A través de un relay' },
  factHints: {
    get mapped() {
      return `El router reenvía un puerto ${here.al()}.`
    },
    get external() {
      return `La dirección ${here.del()} vista desde internet.`
    },
    verified: 'Otro nodo se ha conectado desde fuera.',
    relayed: 'Los pares llegan a este nodo solo a través de un relay.',
  },
  quic: 'QUIC',
  quicHint: 'Un transporte por UDP, además de TCP.',
  quicStates: { available: 'activado', unavailable: 'no disponible aquí' },
  quicWhy: {
    'not-installed': 'QUIC no está disponible aquí: su parte nativa no está instalada para este sistema. El nodo funciona sin él.',
    'no-socket': 'QUIC no está disponible aquí: no se pudo abrir ningún socket UDP. El nodo funciona sin él.',
    'private-network': 'QUIC no está disponible aquí: no puede cifrar con la clave de una red privada. El nodo funciona sin él.',
  },
  relayGives: (places, of, passed) => `Relay: ${formatNumber(places)} de ${formatNumber(of)} plazas ocupadas, ${formatBytes(passed)} reenviados.`,
  relayBudget: (span, bytes, trustedSpan, trustedBytes) =>
    `Una conexión puede durar ${span} y llevar ${formatBytes(bytes)}; una a un par reservado, ${trustedSpan} y ${formatBytes(trustedBytes)}.`,
  addresses: (count) => `Escucha en ${formatCount(count, 'dirección', 'direcciones')}`,
  address: 'dirección',
  yes: 'sí',
  no: 'no',
  notYet: 'aún no',
  known: 'conocida',
  unknown: 'desconocida',
  off: 'desactivado',
  searching: 'buscando',
  refused: 'falló',
  twoRouters: 'dos routers',
  advice: {
    stopped: 'Se sabrá cuando el nodo esté en marcha.',
    verified: 'Los pares pueden conectarse a este nodo.',
    mapped: 'El puerto está reenviado. Se verifica cuando se conecta un nodo de fuera, lo que tarda unos minutos.',
    searching: 'Buscando un router…',
    off: (port) => `UPnP está desactivado. Reenvíe el puerto ${port} a mano ${byFlag('o active UPnP en Ajustes', 'o inicie el nodo con --upnp')}.`,
    failed: (port) => `Reenvíe el puerto ${port} a mano en el router. Sin ello el nodo se conecta a otros, pero ellos no pueden conectarse a él.`,
    doubleNat: 'Reenvíe el puerto también en el router exterior o pida a su proveedor una dirección pública.',
  },
}
