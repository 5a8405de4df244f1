import { formatBytes, formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'
import { byFlag, de as here } from '../place.ts'

export const trouble: Messages['trouble'] = {
  region: 'Probleme',
  inRail: (title, count) => `${title}, ${formatCount(count, 'Warnung', 'Warnungen')}`,
  since: (time) => `Seit ${time}`,
  restartIn: (span, attempt) => `Automatischer Neustart in ${span} (Versuch ${attempt} von 5).`,
  restartNow: 'Automatischer Neustart …',
  gaveUp: (attempts) => `In zehn Minuten ${formatCount(attempts, 'Mal', 'Mal')} erfolglos neu gestartet. Starten Sie ihn selbst.`,
  ports: { peers: 'Peers', rpc: 'Wallets und Apps', metrics: 'Metriken' },
  portTitle: (port, purpose) => `Port ${port} für ${purpose} ist belegt`,
  portTitleUnknown: (purpose) => `Der Port für ${purpose} ist belegt`,
  portText: 'Ein anderes Programm verwendet ihn. Lassen Sie Nodestead einen freien Port wählen oder beenden Sie das andere Programm und versuchen Sie es erneut.',
  portTextFixed: 'Ein anderes Programm verwendet ihn. Beenden Sie es und versuchen Sie es erneut oder starten Sie den Node mit einem anderen Port.',
  lockedTitle: 'Der Datenordner ist in Gebrauch',
  lockedText: (path, pid) => `Prozess ${pid} verwendet ${path}. Zwei Nodes dürfen sich keinen Datenordner teilen. Beenden Sie das Programm und versuchen Sie es erneut.`,
  lockedTextUnknown: (path) => `Ein anderes Programm verwendet ${path}. Zwei Nodes dürfen sich keinen Datenordner teilen. Beenden Sie das Programm und versuchen Sie es erneut.`,
  damagedTitle: 'Die Datenbank ist beschädigt',
  versionTitle: 'Die Datenbank hat eine andere Version',
  versionText: (path) => `${path} wurde von einer anderen Version von Nodestead geschrieben. Öffnen Sie die Datenbank mit jener Version oder legen Sie sie beiseite und synchronisieren Sie neu.`,
  chainTitle: 'Die Datenbank gehört zu einem anderen Netzwerk',
  chainText: (path) => `Die Daten in ${path} haben eine andere Genesis. Legen Sie sie beiseite, um mit einer leeren Datenbank zu beginnen; die alten Daten bleiben erhalten.`,
  diskFullTitle: 'Die Festplatte ist voll',
  diskFullText: (free, needed) => `Nur noch ${free} frei. Der Node wurde gestoppt, um seine Datenbank zu schützen. Schaffen Sie mindestens ${needed} Platz und starten Sie ihn dann.`,
  diskFullTextUnknown: (needed) => `Der Node wurde gestoppt, um seine Datenbank zu schützen. Schaffen Sie mindestens ${needed} Platz und starten Sie ihn dann.`,
  diskLowTitle: 'Die Festplatte ist fast voll',
  diskLowText: (free, stop) => `Noch ${free} frei. Unter ${stop} stoppt der Node automatisch. Schaffen Sie Platz oder verschieben Sie die Daten auf eine andere Festplatte.`,
  clockBehindTitle: (span) => `Die Uhr ${here.des()} geht ${span} nach`,
  clockAheadTitle: (span) => `Die Uhr ${here.des()} geht ${span} vor`,
  clockText: (peers) =>
    `${formatCount(peers, 'Peer meldet', 'Peers melden')} eine andere Zeit. Mit falscher Uhr lehnt der Node gültige Blöcke ab, und Peers lehnen seine ab. Lassen Sie die Uhr automatisch über das Internet stellen.`,
  jumpForwardTitle: (span) => `Die Uhr ist um ${span} vorgesprungen`,
  jumpBackTitle: (span) => `Die Uhr ist um ${span} zurückgesprungen`,
  jumpText: 'Die Uhr wurde gestellt, oder der Computer war im Ruhezustand. Der Node prüft seine Verbindungen; starten Sie ihn neu, wenn Probleme bleiben.',
  noPeersTitle: 'Keine Peers',
  noPeersText: (span) => `Seit ${span} keine Peers. Prüfen Sie Internetverbindung und Firewall.`,
  aloneTitle: 'Keine Blöcke: Dieser Node ist allein',
  aloneText: (authorities) =>
    `Dieses Netzwerk hat ${formatCount(authorities, 'Authority', 'Authorities')}, aber kein anderer Node ist verbunden. Blöcke von jetzt wären ein Fork, daher werden keine produziert. Starten Sie einen weiteren Node des Netzwerks oder verbinden Sie sich in der Ansicht Peers mit einem. Kommen die anderen Authorities nicht wieder, ${byFlag('schalten Sie in den Einstellungen „Allein Blöcke produzieren“ ein', 'starten Sie diesen Node mit --force-authoring')}.`,
  againTitle: (span) => `Noch ${span} keine Blöcke: Die Uhr wurde zurückgestellt`,
  againText: 'Für die Zeit, die die Uhr jetzt zeigt, hat dieser Node schon Blöcke produziert. Weitere wären eine Equivocation, für die Validatoren geslasht werden. Ist diese Zeit vorbei, geht die Produktion weiter. Geht die Uhr falsch, stellen Sie sie. Ging sie vorher falsch und hat niemand jene Blöcke, stoppen Sie den Node, löschen Sie den Ordner signing-record neben den Schlüsseln und starten Sie ihn wieder.',
  unreadableTitle: 'Nichts wird signiert: Das Signaturprotokoll ist nicht lesbar',
  unreadableText: (path) =>
    `${path} enthält, was jeder Schlüssel zuletzt signiert hat, und ist nicht lesbar. Ohne diese Datei könnte ein Schlüssel doppelt signieren, wofür Validatoren geslasht werden. Stellen Sie sie oder die Datei mit der Endung .copy.json aus einem Backup wieder her und starten Sie neu. Gibt es kein Backup, stellen Sie sicher, dass kein anderer Computer diesen Schlüssel verwendet, warten Sie eine Stunde, löschen Sie beide Dateien und starten Sie neu.`,
  unwritableTitle: 'Nichts wird signiert: Das Signaturprotokoll ist nicht beschreibbar',
  unwritableText: (path) =>
    `Jede Signatur muss zuerst in ${path} vermerkt werden, und das Schreiben schlägt fehl. Prüfen Sie, ob die Festplatte voll ist und ob der Ordner beschreibbar ist. Der Node versucht es automatisch erneut.`,
  routerTitle: 'Über den Router nicht erreichbar',
  doubleNatTitle: 'Hinter zwei Routern',
  routerText: {
    NAT_ROUTER_ABSENT: 'Kein Router hat geantwortet. Schalten Sie dort UPnP ein oder leiten Sie den Port von Hand weiter. Ohne das verbindet sich der Node mit anderen, aber sie können sich nicht mit ihm verbinden.',
    NAT_ROUTER_SILENT: 'Der Router antwortet nicht mehr. Starten Sie ihn neu, wenn das so bleibt, oder leiten Sie den Port von Hand weiter.',
    NAT_ROUTER_MALFORMED: 'Der Router hat eine ungültige UPnP-Antwort gesendet. Aktualisieren Sie seine Firmware oder leiten Sie den Port von Hand weiter.',
    get NAT_ROUTER_REFUSED() {
      return `Der Router hat die Portweiterleitung abgelehnt. Erlauben Sie UPnP für ${here.den()} oder leiten Sie den Port von Hand weiter.`
    },
    get NAT_PORT_TAKEN() {
      return `Ein anderer Computer belegt diese Ports am Router. ${byFlag('Wählen Sie in den Einstellungen einen anderen Peer-Port.', 'Starten Sie den Node mit einem anderen --port.')}`
    },
    NAT_ROUTER_OFFLINE: 'Der Router hat keine Internetverbindung.',
    NAT_DOUBLE: 'Der Router leitet den Port weiter, steht aber hinter einem weiteren Router. Leiten Sie den Port auch dort weiter oder bitten Sie Ihren Anbieter um eine öffentliche Adresse.',
    get NAT_NO_PORTS() {
      return `Der Node lauscht auf keiner Adresse des lokalen Netzwerks. ${byFlag('Ändern Sie die Listen-Adressen in den Einstellungen.', 'Starten Sie ihn mit einer anderen --listen-addr.')}`
    },
  },
  memberKeyTitle: (name) => `Ein anderer Peer antwortet für ${name}`,
  memberKeyText: (peer, found, others, path) =>
    `Unter der Adresse von ${peer} hat ${found} geantwortet. Die Verbindung wurde abgelehnt${others === 0 ? '' : `, ebenso unter den Adressen von ${formatCount(others, 'weiteren Mitglied', 'weiteren Mitgliedern')}`}. Hat das Mitglied einen neuen Schlüssel, korrigieren Sie seine ID in ${path}. Wenn nicht, finden Sie heraus, wer dort antwortet.`,
  topologyFileTitle: 'Die Liste der Mitglieder ist nicht verwendbar',
  topologyFileText: (path) => `${path} wurde geändert und enthält einen Fehler. Die vorige Liste gilt, bis die Datei korrigiert ist.`,
  relayValidatorTitle: 'Dieser Node ist hier kein Validator',
  get relayValidatorText() {
    return `Ein Validator einer Relay-Chain muss auch Parachain-Blöcke bestätigen und prüfen. Das tut dieser Node nicht: Er folgt der Kette und signiert nichts. ${byFlag('Stellen Sie in den Einstellungen die Rolle Full Node ein.', 'Starten Sie ihn ohne --validator.')}`
  },
  oldRuntimeTitle: 'Dieses Netzwerk verwendet eine frühere Runtime',
  oldRuntimeText: 'Es entstand, bevor Nodestead eine eigene Runtime hatte, und läuft unverändert weiter. Ein neues Netzwerk hat Smart Contracts, änderbare Authorities und Runtime-Upgrades.',
  trapTitle: 'Die Runtime ist abgestürzt',
  trapText: 'Die Runtime ist beim Ausführen eines Blocks abgestürzt. Starten Sie den Node neu; hilft das nicht, suchen Sie nach einem Update von Nodestead.',
  trapTextStopped: 'Die Runtime läuft auf diesem Node nicht. Suchen Sie nach einem Update von Nodestead oder starten Sie den Node noch einmal.',
  cannotExecuteTitle: (height) => `Dieser Node kann Block ${height} nicht ausführen`,
  cannotExecuteText: (height, peers) =>
    `${formatCount(peers, 'Peer hat', 'Peers haben')} Block ${height} ausgeführt; dieser Node erhält ein anderes Ergebnis und kommt nicht weiter. Das ist vermutlich ein Fehler dieser Version von Nodestead. Suchen Sie nach einem Update. Der Node versucht es von Zeit zu Zeit erneut, nach einem Neustart sofort. Bleibt das Problem, speichern Sie ein Supportpaket und melden Sie es.`,
  said: 'Einzelheiten:',
  failedTitle: 'Der Node ist abgestürzt',
  actions: {
    start: 'Erneut versuchen',
    restart: 'Node neu starten',
    'free-port': 'Freien Port verwenden',
    'set-aside': 'Beiseitelegen und neu synchronisieren',
    reconnect: 'Jetzt nach Peers suchen',
    'ask-router': 'Router erneut fragen',
    'time-settings': 'Datum und Uhrzeit öffnen',
    'move-data': 'Daten verschieben…',
    'add-network': 'Netzwerk hinzufügen…',
    check: 'Erneut prüfen',
    get 'sole-signer'() {
      return `Nur ${here.der()} hat jetzt den Schlüssel…`
    },
    dismiss: 'Ausblenden',
  },
  startNode: 'Node starten',
  bundle: 'Supportpaket speichern',
  bundleHint: 'Ein Archiv mit Logs, Versionen, Einstellungen und Metriken für alle, die Ihnen helfen. Phrasen, Schlüssel, Passphrasen, Namen und Adressen sind entfernt.',
  connectivity: 'Erreichbarkeit',
  connectivityHint: 'Ob sich andere Nodes aus dem Internet mit diesem verbinden können.',
  facts: { mapped: 'Port weitergeleitet (UPnP)', external: 'Externe Adresse', verified: 'Von außen bestätigt', relayed: 'Über ein Relay' },
  factHints: {
    get mapped() {
      return `Der Router leitet einen Port an ${here.den()} weiter.`
    },
    get external() {
      return `Die Adresse ${here.des()}, vom Internet aus gesehen.`
    },
    verified: 'Ein anderer Node hat sich von außen verbunden.',
    relayed: 'Peers erreichen diesen Node nur über ein Relay.',
  },
  quic: 'QUIC',
  quicHint: 'Ein Transport über UDP, neben TCP.',
  quicStates: { available: 'ein', unavailable: 'hier nicht verfügbar' },
  quicWhy: {
    'not-installed': 'QUIC ist hier nicht verfügbar: Sein nativer Teil ist für dieses System nicht installiert. Der Node läuft ohne.',
    'no-socket': 'QUIC ist hier nicht verfügbar: Es ließ sich kein UDP-Socket öffnen. Der Node läuft ohne.',
    'private-network': 'QUIC ist hier nicht verfügbar: Es kann nicht mit dem Schlüssel eines privaten Netzwerks verschlüsseln. Der Node läuft ohne.',
  },
  relayGives: (places, of, passed) => `Relay: ${formatNumber(places)} von ${formatNumber(of)} Plätzen belegt, ${formatBytes(passed)} weitergeleitet.`,
  relayBudget: (span, bytes, trustedSpan, trustedBytes) =>
    `Eine Verbindung darf ${span} dauern und ${formatBytes(bytes)} übertragen; eine zu einem reservierten Peer ${trustedSpan} und ${formatBytes(trustedBytes)}.`,
  addresses: (count) => `Lauscht auf ${formatCount(count, 'Adresse', 'Adressen')}`,
  address: 'Adresse',
  yes: 'ja',
  no: 'nein',
  notYet: 'noch nicht',
  known: 'bekannt',
  unknown: 'unbekannt',
  off: 'aus',
  searching: 'sucht',
  refused: 'fehlgeschlagen',
  twoRouters: 'zwei Router',
  advice: {
    stopped: 'Bekannt, sobald der Node läuft.',
    verified: 'Peers können diesen Node erreichen.',
    mapped: 'Der Port ist weitergeleitet. Bestätigt ist er, wenn sich ein Node von außen verbunden hat; das dauert einige Minuten.',
    searching: 'Router wird gesucht …',
    off: (port) => `UPnP ist aus. Leiten Sie Port ${port} von Hand weiter ${byFlag('oder schalten Sie UPnP in den Einstellungen ein', 'oder starten Sie den Node mit --upnp')}.`,
    failed: (port) => `Leiten Sie Port ${port} am Router von Hand weiter. Ohne das verbindet sich der Node mit anderen, aber sie können sich nicht mit ihm verbinden.`,
    doubleNat: 'Leiten Sie den Port auch am äußeren Router weiter oder bitten Sie Ihren Anbieter um eine öffentliche Adresse.',
  },
}
