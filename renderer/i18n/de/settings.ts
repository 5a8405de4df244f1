/** Einstellungen der App und der Netzwerke: jede mit einer Zeile, die sagt, was sie tut. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const settings: Messages['settings'] = {
  readOnly: 'Dieser Node wurde über die Befehlszeile gestartet. Hier stehen seine Optionen.',
  noNetwork: 'Noch kein Netzwerk.',
  pending: (count, network) => `${formatCount(count, 'Einstellung', 'Einstellungen')} von ${network} ${count === 1 ? 'gilt' : 'gelten'} nach einem Neustart des Nodes.`,
  inEffect: (network) => `Alle Einstellungen der App und von ${network} sind wirksam.`,
  search: 'Einstellungen durchsuchen',
  searchHint: 'Suchen ( / )',
  nothingFound: 'Keine passende Einstellung.',
  tabs: { form: 'Einstellungen', json: 'JSON' },
  groups: { app: 'App', network: 'Dieses Netzwerk', chainData: 'Kettendaten', reach: 'Erreichbarkeit', peers: 'Peers', wallets: 'Wallets und Apps', metrics: 'Metriken für andere Programme', programs: 'Lokale Programme' },
  needsRestart: 'braucht Neustart',
  toDefault: 'Auf Standard zurücksetzen',
  reset: (label) => `Auf Standard zurücksetzen: ${label}`,
  pickFile: (label) => `Datei auswählen: ${label}`,
  checking: 'Die Datei wird geprüft…',
  fileOf: (members) => `Die Datei nennt ${formatCount(members, 'Mitglied', 'Mitglieder')}.`,
  keyUsable: 'Die Datei ist ein Netzwerkschlüssel.',
  quicInUse: 'Es ist in Gebrauch.',
  flags: 'Optionen',
  flag: 'Option',
  value: 'Wert',
  editor: 'Einstellungen als JSON',
  editorHelp: 'Alle Einstellungen wie gespeichert. Änderungen werden beim Tippen geprüft und vor dem Anwenden gezeigt.',
  lines: 'Zeilen',
  apply: 'Anwenden',
  discard: 'Verwerfen',
  noChange: 'Keine Änderungen.',
  changes: (count) => `${formatCount(count, 'Änderung', 'Änderungen')} anzuwenden`,
  setting: 'Einstellung',
  before: 'Aktuell',
  after: 'Neu',
  at: (line, column, reason) => `Zeile ${formatNumber(line)}, Spalte ${formatNumber(column)}: ${reason}`,
  notJson: (found) => (found === undefined ? 'Der Text endet zu früh.' : `Unerwartet: "${found}".`),
  fault: (fault) => {
    switch (fault.code) {
      case 'type':
        return { object: 'Erwartet wird ein Objekt in geschweiften Klammern.', array: 'Erwartet wird eine Liste.', boolean: 'Erwartet wird true oder false.', integer: 'Erwartet wird eine ganze Zahl.' }[fault.expected] ?? 'Erwartet wird ein Text.'
      case 'range':
        return `Erwartet wird eine Zahl von ${fault.minimum} bis ${fault.maximum}.`
      case 'choice':
        return `Erwartet wird eines von: ${fault.choices.join(', ')}.`
      case 'missing':
        return 'Diese Einstellung fehlt.'
      case 'unknown':
        return 'Diese Einstellung gibt es nicht.'
      case 'length':
        return `Erwartet wird ein Text von ${formatNumber(fault.minimum)} bis ${formatNumber(fault.maximum)} Zeichen.`
      case 'tooMany':
        return `Höchstens ${formatNumber(fault.maximum)} sind möglich.`
      case 'format':
        return (
          {
            multiaddr: 'Erwartet wird eine Adresse wie /ip4/192.0.2.1/tcp/30333.',
            'peer-multiaddr': 'Erwartet wird eine Adresse, die mit /p2p/ und einer Peer-ID endet.',
            'file-path': 'Erwartet wird ein vollständiger Pfad.',
            origin: 'Erwartet wird ein Origin wie https://example.org oder *.',
            pruning: 'Erwartet wird auto, archive, archive-canonical oder eine Anzahl Blöcke.',
            'log-filter': 'Erwartet wird eine Stufe wie info oder info,babe=debug.',
          }[fault.format] ?? 'Die Form ist falsch.'
        )
    }
  },
  items: {
    language: {
      label: 'Sprache',
      help: 'Die Sprache dieses Fensters.',
    },
    theme: {
      label: 'Erscheinungsbild',
      help: 'Hell, dunkel oder wie das System.',
    },
    reduceMotion: {
      label: 'Animationen',
      help: 'Ob Änderungen animiert werden.',
    },
    launchAtLogin: {
      label: 'Bei der Anmeldung öffnen',
      help: 'Nodestead öffnet sich, wenn Sie sich an diesem Computer anmelden.',
    },
    notifications: {
      label: 'Benachrichtigungen',
      help: 'Was das System anzeigt, während das Fenster verborgen ist.',
    },
    updateChannel: {
      label: 'Update-Kanal',
      help: 'Welche Versionen angeboten werden: stabile oder auch Vorschauversionen.',
    },
    name: {
      label: 'Name',
      help: 'Name des Netzwerks in dieser App.',
    },
    role: {
      label: 'Rolle',
      help: 'Ein Full Node folgt der Kette. Ein Validator produziert auch Blöcke, wenn seine Schlüssel im Authority-Set sind.',
    },
    account: {
      label: 'Entwicklungsschlüssel',
      help: 'Allgemein bekannte Schlüssel für Entwicklungsketten. Ohne sie gelten die Schlüssel der Ansicht Schlüssel.',
    },
    forceAuthoring: {
      label: 'Allein Blöcke produzieren',
      help: 'Auch wenn kein anderer Node verbunden ist. Nur wenn die anderen Authorities nicht wiederkommen: Sonst entsteht ein Fork.',
    },
    sealing: {
      label: 'Blockproduktion',
      help: 'Auf einer Entwicklungskette: in Slots, für jede Transaktion oder auf Anforderung. Eine auf Anforderung produzierte Kette beginnt neu, bevor es in Slots weitergeht.',
    },
    sync: {
      label: 'Sync-Modus',
      help: 'Warp prüft Justifications und lädt einen aktuellen State. Full führt jeden Block seit der Genesis aus. Automatisch: Warp auf Live-Netzwerken, sonst Full.',
    },
    blocksPruning: {
      label: 'Aufbewahrte Blöcke',
      help: 'archive: alle. archive-canonical: die der finalisierten Kette. Eine Zahl: so viele der neuesten finalisierten, mindestens 256. auto: 0 auf Live-Netzwerken, sonst archive.',
    },
    statePruning: {
      label: 'Aufbewahrte States',
      help: 'archive: alle. archive-canonical: die der finalisierten Kette. Eine Zahl: die dieser Anzahl neuester Blöcke. auto: bei vorhandenen Daten unverändert; bei neuen 256 auf Live-Netzwerken, sonst archive. Für mehr, als gespeichert ist, wird neu synchronisiert.',
    },
    autoStart: {
      label: 'Mit der App starten',
      help: 'Diesen Node starten, wenn Nodestead geöffnet wird.',
    },
    log: {
      label: 'Log-Stufe',
      help: 'Eine Stufe (error, warn, info, debug, trace) oder Stufen je Modul: info,babe=debug.',
    },
    'network.port': {
      label: 'Peer-Port',
      help: 'TCP auf diesem Port, WebSocket auf dem nächsten. 0: Das System wählt.',
    },
    'network.upnp': {
      label: 'Portweiterleitung (UPnP)',
      help: 'Bittet den Router per UPnP, die Peer-Ports (mit QUIC auch den UDP-Port) an diesen Computer weiterzuleiten, und keinen anderen Port.',
    },
    'network.mdns': {
      label: 'Lokale Suche',
      help: 'Findet Nodes dieses Netzwerks im lokalen Netzwerk (mDNS).',
    },
    'network.listenAddrs': {
      label: 'Listen-Adressen',
      help: 'Statt des Peer-Ports auf allen Schnittstellen. Je Zeile eine, etwa /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Öffentliche Adressen',
      help: 'Adressen, die zusätzlich zu den erkannten bekannt gegeben werden. Je Zeile eine.',
    },
    'network.quic': {
      label: 'QUIC',
      help: 'Spricht mit Peers auch QUIC, auf dem UDP-Port mit der Nummer des Peer-Ports. Was Fremde senden, liest dann nativer Code. Gilt ab dem nächsten Start.',
    },
    'network.topologyFile': {
      label: 'Datei der Mitglieder',
      help: 'Nur die Nodes dieser Datei bilden das Netzwerk; alle verbinden sich miteinander. Ersetzt Boot-Nodes und reservierte Peers. Ein vollständiger Pfad auf dem Computer des Nodes; Änderungen der Datei gelten, während der Node läuft.',
    },
    'network.networkKeyFile': {
      label: 'Netzwerkschlüssel',
      help: 'Datei mit dem Schlüssel, den alle Mitglieder teilen (swarm.key). Wer ihn nicht hat, kann mit den Mitgliedern nicht sprechen. Ein vollständiger Pfad auf dem Computer des Nodes.',
    },
    'network.relayServer': {
      label: 'Als Relay dienen',
      help: 'Leitet Traffic zwischen Peers weiter, die einander nicht erreichen. Kostet Bandbreite: bis 128 KiB und 2 Minuten je Verbindung, 64 MiB und 2 Stunden zu einem reservierten Peer.',
    },
    'network.inPeers': {
      label: 'Eingehende Peers',
      help: 'Wie viele Peers sich mit diesem Node verbinden dürfen.',
    },
    'network.outPeers': {
      label: 'Ausgehende Peers',
      help: 'Mit wie vielen Peers sich dieser Node verbindet.',
    },
    'network.downloadLimit': {
      label: 'Download-Limit',
      help: 'In kB pro Sekunde, alle Peers zusammen. 0 heißt kein Limit. Unter 500 dauert das Aufholen lange.',
    },
    'network.uploadLimit': {
      label: 'Upload-Limit',
      help: 'In kB pro Sekunde, alle Peers zusammen. 0 heißt kein Limit. Unter 500 weichen Peers womöglich auf schnellere Nodes aus.',
    },
    'network.bootnodes': {
      label: 'Boot-Nodes',
      help: 'Erste Peers, zusätzlich zu denen der Chain-Spec. Je Zeile einer, am Ende /p2p/ und die Peer-ID.',
    },
    'network.reservedNodes': {
      label: 'Reservierte Peers',
      help: 'Peers, die immer einen Slot haben. Je Zeile einer, am Ende /p2p/ und die Peer-ID.',
    },
    'network.reservedOnly': {
      label: 'Nur reservierte Peers',
      help: 'Mit keinen anderen Peers verbinden.',
    },
    'rpc.port': {
      label: 'RPC-Port',
      help: 'Für Wallets und Apps auf diesem Computer. 0: Das System wählt.',
    },
    'rpc.cors': {
      label: 'Erlaubte Webseiten',
      help: 'Webseiten, die diesen Node aus einem Browser auf diesem Computer nutzen dürfen. Je Zeile ein Origin; * erlaubt alle.',
    },
    'rpc.methods': {
      label: 'Methoden, die den Node verändern',
      help: 'Aufrufe, die Schlüssel einfügen, Peers wählen oder den Node auslasten. Automatisch: nur für Programme auf diesem Computer, und für niemanden, sobald auch andere Computer zugreifen dürfen.',
    },
    'rpc.external': {
      label: 'Auch für Wallets und Apps auf anderen Computern',
      help: 'Wenn aus, kann nur dieser Computer den RPC-Port nutzen. Die Verbindung ist nicht verschlüsselt.',
    },
    'rpc.maxConnections': {
      label: 'Gleichzeitige Verbindungen',
      help: 'Weitere Wallets und Apps werden abgewiesen.',
    },
    'rpc.maxSubscriptionsPerConnection': {
      label: 'Abonnements je Verbindung',
      help: 'Über wie viele Dinge, etwa neue Blöcke, eine Verbindung laufend benachrichtigt werden darf.',
    },
    'rpc.maxRequestSize': {
      label: 'Größte Anfrage',
      help: 'In MiB.',
    },
    'rpc.maxResponseSize': {
      label: 'Größte Antwort',
      help: 'In MiB.',
    },
    'rpc.maxBatch': {
      label: 'Anfragen in einem Stapel',
      help: '0: Stapel werden abgewiesen.',
    },
    'rpc.callsPerMinute': {
      label: 'Aufrufe je Minute',
      help: 'Für jede Verbindung. 0: keine Grenze. Weitere Aufrufe warten und werden dann abgewiesen.',
    },
    'net.enabled': {
      label: 'Für Programme öffnen',
      help: 'Programme auf diesem Computer können das Netzwerk über einen lokalen Socket benutzen, jedes mit Token und Berechtigungen, die Sie vergeben, und Sie können Dateien teilen. Die Schlüssel des Nodes erhalten sie nie. Ist es aus, überträgt das Netzwerk nur, was zu ihm selbst gehört.',
    },
    'prometheus.enabled': {
      label: 'Prometheus-Metriken',
      help: 'Stellt Metriken unter /metrics bereit. Die Ansicht Metriken braucht das nicht.',
    },
    'prometheus.port': {
      label: 'Metriken-Port',
      help: '0: Das System wählt.',
    },
    'prometheus.external': {
      label: 'Auch für andere Computer',
      help: 'Wenn aus, kann nur dieser Computer die Metriken lesen.',
    },
  },
  exposure: {
    title: 'Der RPC-Port ist für andere Computer offen',
    closed: 'Wer diesen Port erreicht, kann unverschlüsselt von diesem Node lesen und Transaktionen einreichen. Methoden, die den Node verändern, werden abgewiesen, auch für Programme auf diesem Computer.',
    open: 'Wer diesen Port erreicht, kann Schlüssel einfügen, die Peers wählen und den Node auslasten. Nur eine Firewall schützt ihn. Wählen Sie „Automatisch“ unter „Methoden, die den Node verändern“, wenn andere Computer sie nicht brauchen.',
    validator: 'Dieser Node ist ein Validator. Fremde können ihn von seiner Arbeit abhalten, und ein verpasster Slot kostet Belohnungen: Nutzen Sie für Wallets und Apps besser einen Full Node.',
    unsafe: 'Jedes Programm auf diesem Computer und jede erlaubte Webseite darf Methoden aufrufen, die den Node verändern.',
  },
  options: {
    language: { system: 'Wie das System', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
    reduceMotion: { system: 'Wie das System', always: 'Keine' },
    notifications: { none: 'Keine', problems: 'Nur Probleme', all: 'Alle' },
    updateChannel: { stable: 'Stabil', preview: 'Stabil und Vorschau' },
    'rpc.methods': { auto: 'Automatisch', safe: 'Für niemanden', unsafe: 'Für alle' },
    sealing: { slots: 'In Slots', instant: 'Für jede Transaktion', manual: 'Auf Anforderung' },
    sync: { auto: 'Automatisch', warp: 'Warp', full: 'Full' },
    role: { full: 'Full Node', validator: 'Validator' },
    account: { none: 'Keine', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  },
}
