/** Einstellungen der App und der Netzwerke: jede mit einer Zeile, die sagt, was sie tut. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const settings: Messages['settings'] = {
  readOnly: 'Dieser Knoten wurde von der Befehlszeile gestartet: Ihre Optionen sind seine Einstellungen.',
  noNetwork: 'Noch ist kein Netzwerk eingerichtet.',
  pending: (count, network) => `${formatCount(count, 'Einstellung', 'Einstellungen')} von ${network} ${count === 1 ? 'gilt' : 'gelten'} ab dem nächsten Start des Knotens.`,
  inEffect: (network) => `Alle Einstellungen der App und von ${network} sind wirksam.`,
  search: 'Einstellungen durchsuchen',
  searchHint: 'Suchen ( / )',
  nothingFound: 'So heißt keine Einstellung. Versuchen Sie ein anderes Wort.',
  tabs: { form: 'Einstellungen', json: 'JSON' },
  groups: { app: 'Die App', network: 'Dieses Netzwerk', reach: 'Erreichbarkeit', peers: 'Peers', wallets: 'Wallets und Apps', metrics: 'Messwerte für andere Programme' },
  needsRestart: 'braucht Neustart',
  toDefault: 'Auf Vorgabe zurücksetzen',
  reset: (label) => `Auf Vorgabe zurücksetzen: ${label}`,
  flags: 'Optionen',
  flag: 'Option',
  value: 'Wert',
  editor: 'Einstellungen als JSON',
  editorHelp: 'Alle Einstellungen, wie sie gespeichert sind. Was Sie ändern, wird beim Tippen geprüft und gezeigt, bevor es gilt.',
  lines: 'Zeilen',
  apply: 'Anwenden',
  discard: 'Verwerfen',
  noChange: 'Noch keine Änderung.',
  changes: (count) => `${formatCount(count, 'Änderung', 'Änderungen')} anzuwenden`,
  setting: 'Einstellung',
  before: 'Jetzt',
  after: 'Dann',
  at: (line, column, reason) => `Zeile ${formatNumber(line)}, Spalte ${formatNumber(column)}: ${reason}`,
  notJson: (found) => (found === undefined ? 'Der Text endet zu früh.' : `"${found}" gehört hier nicht hin.`),
  fault: (fault) => {
    switch (fault.code) {
      case 'type':
        return { object: 'Hier gehört eine Gruppe in geschweiften Klammern hin.', array: 'Hier gehört eine Liste hin.', boolean: 'Hier gehört true oder false hin.', integer: 'Hier gehört eine ganze Zahl hin.' }[fault.expected] ?? 'Hier gehört ein Text hin.'
      case 'range':
        return `Möglich ist eine Zahl von ${fault.minimum} bis ${fault.maximum}.`
      case 'choice':
        return `Möglich ist ${fault.choices.join(', ')}.`
      case 'missing':
        return 'Diese Einstellung fehlt.'
      case 'unknown':
        return 'Diese Einstellung gibt es nicht.'
      case 'length':
        return `Möglich ist ein Text von ${formatNumber(fault.minimum)} bis ${formatNumber(fault.maximum)} Zeichen.`
      case 'tooMany':
        return `Höchstens ${formatNumber(fault.maximum)} sind möglich.`
      case 'format':
        return (
          {
            multiaddr: 'Hier gehört eine Adresse wie /ip4/192.0.2.1/tcp/30333 hin.',
            'peer-multiaddr': 'Hier gehört eine Adresse hin, die mit /p2p/ und einer Peer-ID endet.',
            origin: 'Hier gehört ein Ursprung wie https://example.org hin, oder *.',
            'log-filter': 'Hier gehört eine Stufe wie info hin, oder info,babe=debug.',
          }[fault.format] ?? 'Es hat nicht die richtige Form.'
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
      help: 'Hell, dunkel oder wie der Computer.',
    },
    reduceMotion: {
      label: 'Bewegung',
      help: 'Ob sich etwas bewegt, wenn es sich ändert.',
    },
    launchAtLogin: {
      label: 'Bei der Anmeldung öffnen',
      help: 'Nodestead öffnet sich, wenn Sie sich an diesem Computer anmelden.',
    },
    notifications: {
      label: 'Mitteilungen',
      help: 'Was Ihnen das System mitteilt, während das Fenster verborgen ist.',
    },
    updateChannel: {
      label: 'Aktualisierungen',
      help: 'Welche Versionen angeboten werden: die fertigen, oder auch solche, die vorher erprobt werden.',
    },
    name: {
      label: 'Name',
      help: 'Wie das Netzwerk in dieser App heißt.',
    },
    role: {
      label: 'Rolle',
      help: 'Ein voller Knoten folgt der Chain; ein Validator erzeugt auch Blöcke, wenn die Chain seine Schlüssel gewählt hat.',
    },
    account: {
      label: 'Entwicklungsschlüssel',
      help: 'Schlüssel, die jeder kennt, nur für Entwicklungs-Chains. Ohne sie gelten die Schlüssel der Seite Schlüssel.',
    },
    forceAuthoring: {
      label: 'Auch allein Blöcke erzeugen',
      help: 'Auch solange kein anderer Knoten verbunden ist. Nur wenn die anderen Autoritäten eines Netzwerks endgültig fort sind: Sonst entstehen zwei Ketten.',
    },
    sealing: {
      label: 'Blockproduktion',
      help: 'Auf einer Entwicklungskette: in Slots, für jede Transaktion oder auf Anforderung. Eine auf Anforderung produzierte Kette beginnt neu, bevor es in Slots weitergeht.',
    },
    autoStart: {
      label: 'Mit der App starten',
      help: 'Der Knoten dieses Netzwerks startet, wenn Nodestead sich öffnet.',
    },
    log: {
      label: 'Was protokolliert wird',
      help: 'Eine Stufe (error, warn, info, debug, trace) oder mehrere je Modul: info,babe=debug.',
    },
    'network.port': {
      label: 'Port für Peers',
      help: 'TCP auf diesem Port, WebSocket auf dem nächsten. Bei 0 wählt das System.',
    },
    'network.upnp': {
      label: 'Port am Router öffnen',
      help: 'Bittet den Router über UPnP, die Ports für Peers weiterzuleiten, damit andere diesen Knoten erreichen. Keinen anderen Port.',
    },
    'network.mdns': {
      label: 'Peers in der Nähe finden',
      help: 'Sucht Knoten dieses Netzwerks im lokalen Netz.',
    },
    'network.listenAddrs': {
      label: 'Lauschen auf',
      help: 'Adressen, auf denen gelauscht wird, statt des Ports auf jeder Schnittstelle. Je Zeile eine, etwa /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Anderen mitteilen',
      help: 'Adressen, unter denen andere diesen Knoten erreichen, zusätzlich zu den ermittelten. Je Zeile eine.',
    },
    'network.relayServer': {
      label: 'Für andere vermitteln',
      help: 'Leitet Verkehr zwischen Peers weiter, die einander nicht erreichen. Das kostet Bandbreite.',
    },
    'network.inPeers': {
      label: 'Peers, die zu uns kommen',
      help: 'Wie viele andere sich mit diesem Knoten verbinden dürfen.',
    },
    'network.outPeers': {
      label: 'Peers, die wir wählen',
      help: 'Mit wie vielen anderen sich dieser Knoten verbindet.',
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
      label: 'Startknoten',
      help: 'Peers für den Anfang, zusätzlich zu denen der Chain. Je Zeile einer, am Ende /p2p/ und die Peer-ID.',
    },
    'network.reservedNodes': {
      label: 'Reservierte Peers',
      help: 'Peers, die immer einen Platz haben. Je Zeile einer, am Ende /p2p/ und die Peer-ID.',
    },
    'network.reservedOnly': {
      label: 'Nur reservierte Peers',
      help: 'Mit niemandem sonst wird gesprochen.',
    },
    'rpc.port': {
      label: 'Port für Wallets',
      help: 'Wo Wallets und Apps auf diesem Computer den Knoten erreichen. Bei 0 wählt das System.',
    },
    'rpc.cors': {
      label: 'Erlaubte Webseiten',
      help: 'Seiten, die von einem Browser auf diesem Computer mit dem Knoten sprechen dürfen. Je Zeile ein Ursprung; * erlaubt jede Seite.',
    },
    'prometheus.enabled': {
      label: 'Messwerte bereitstellen',
      help: 'Messwerte für Prometheus unter /metrics. Die Seite Messwerte braucht das nicht.',
    },
    'prometheus.port': {
      label: 'Port für Messwerte',
      help: 'Bei 0 wählt das System.',
    },
    'prometheus.external': {
      label: 'Auch für andere Rechner',
      help: 'Ohne dies liest nur dieser Computer die Messwerte.',
    },
  },
  options: {
    language: { system: 'Wie der Computer', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'Wie der Computer', light: 'Hell', dark: 'Dunkel' },
    reduceMotion: { system: 'Wie der Computer', always: 'Keine' },
    notifications: { none: 'Keine', problems: 'Was Aufmerksamkeit braucht', all: 'Alle' },
    updateChannel: { stable: 'Fertige Versionen', preview: 'Auch Vorschauen' },
    sealing: { slots: 'In Slots', instant: 'Für jede Transaktion', manual: 'Auf Anforderung' },
    role: { full: 'Voller Knoten', validator: 'Validator' },
    account: { none: 'Keine', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  },
}
