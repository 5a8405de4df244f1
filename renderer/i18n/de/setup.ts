/** Der Assistent für den ersten Start. */
import { formatBytes, formatCount, formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const setup: Messages['setup'] = {
  title: 'Nodestead einrichten',
  progress: (step, all) => `Schritt ${step} von ${all}`,
  again: 'Assistent erneut starten',
  next: 'Weiter',
  back: 'Zurück',
  close: 'Assistent schließen',
  skip: 'Mit einem Entwicklungsnetzwerk beginnen',
  finish: 'Einrichten und starten',
  finishing: 'Wird eingerichtet…',
  development: 'Lokale Entwicklung',
  unnamed: 'Das private Netzwerk',
  fromFile: 'Das Netzwerk aus der Datei',
  titles: {
    welcome: 'Willkommen bei Nodestead',
    network: 'Welches Netzwerk?',
    folder: 'Wohin mit den Daten?',
    role: 'Was soll dieser Knoten tun?',
    ports: 'Können andere ihn erreichen?',
    start: 'Wann startet er?',
    done: 'Bereit zum Start',
  },
  missing: {
    name: 'Geben Sie dem privaten Netzwerk einen Namen: Alle, die beitreten, werden ihn sehen.',
    authority: 'Wählen Sie mindestens ein Konto, das Blöcke erzeugt, oder fügen Sie Schlüssel ein.',
    lists: 'Eine der Listen unten ist nicht lesbar; die Zeile steht darunter.',
    more: 'Eine der weiteren Angaben unten ist nicht möglich; was daran falsch ist, steht darunter.',
    spec: 'Wählen Sie eine Datei oder fügen Sie einen Link ein; er wird gelesen, bevor es weitergeht.',
  },
  sentences: {
    welcome: 'In sieben kurzen Schritten bekommt dieser Computer einen eigenen Knoten; vor dem letzten wird außer Schlüsseln nichts geschrieben.',
    goOn: (name) => `${name} wurde hinzugefügt, als die Schlüssel erzeugt wurden, und bleibt, wie es ist; alles Weitere wird im letzten Schritt eingerichtet.`,
    added: (name) => `${name} wurde hinzugefügt, als die Schlüssel erzeugt wurden; Netzwerk und Ordner stehen damit fest.`,
    development: (disk, memory) => `Ein Entwicklungsnetzwerk ist sofort bereit und braucht wenig: ${formatBytes(disk)} Festplatte, ${formatBytes(memory)} Arbeitsspeicher.`,
    private: (name, authorities) => `${name} beginnt mit ${formatCount(authorities, 'Konto, das', 'Konten, die')} Blöcke ${authorities === 1 ? 'erzeugt' : 'erzeugen'}, und mit einer Genesis, die es nur einmal gibt.`,
    spec: (name) => `${name} steht Ihnen offen; wie viel Platz und Zeit es braucht, sagt die Datei nicht.`,
    public: (name, from, to, disk) => `${name} braucht ${formatNumber(from)} bis ${formatNumber(to)} Tage zum Aufholen und etwa ${formatBytes(disk)} Festplatte.`,
    lookingAtFolder: 'Der Ordner wird geprüft.',
    roomUnknown: 'Der Ordner ist brauchbar; wie viel Platz dort ist, lässt sich nicht feststellen.',
    roomFor: (free) => `Dort sind ${formatBytes(free)} frei.`,
    room: (free, name, needed) => `Dort sind ${formatBytes(free)} frei, und ${name} braucht etwa ${formatBytes(needed)}.`,
    roomShort: (free, name, needed) => `Dort sind nur ${formatBytes(free)} frei, und ${name} braucht etwa ${formatBytes(needed)}: Das Ende der Chain wird so nicht erreicht.`,
    full: (name) => `Ein voller Knoten von ${name} prüft jeden Block selbst und hat keine Schlüssel.`,
    nobodyMakesBlocks: 'Ein voller Knoten allein erzeugt keine Blöcke: Dieses Entwicklungsnetzwerk bliebe bei Block 0 stehen.',
    account: (account) => `Dieser Knoten erzeugt Blöcke mit den Schlüsseln von ${name(account)}, die jeder kennt: gut zum Ausprobieren, und für nichts von Wert.`,
    noKeysYet: 'Bis er eigene Schlüssel hat, folgt dieser Knoten der Chain und unterschreibt nichts.',
    ownKeys: (count) => `${formatCount(count, 'eigener Sitzungsschlüssel kann', 'eigene Sitzungsschlüssel können')} unterschreiben, sobald die Chain sie gewählt hat.`,
    noPort: 'Ein Port ist eine Zahl von 1 bis 65534.',
    lookingAtPort: (port) => `Es wird geprüft, ob Port ${port} frei ist.`,
    portNotFree: {
      taken: (port) => `Ein anderes Programm belegt gerade Port ${port} oder ${port + 1}.`,
      denied: (port) => `Auf Port ${port} lässt das System nur Administratoren lauschen.`,
    },
    portOfNetwork: (port, network) => `${network} ist auf Port ${port} oder den daneben eingestellt.`,
    portsFree: (port) => `Die Ports ${port} und ${port + 1} sind auf diesem Computer frei, und der Router bleibt unbehelligt.`,
    portsAsked: (port) => `Die Ports ${port} und ${port + 1} sind auf diesem Computer frei; ob der Router sie öffnet, zeigt sich, sobald der Knoten läuft.`,
    start: (login, auto) =>
      login
        ? auto
          ? 'Nodestead öffnet sich, wenn Sie sich anmelden, und dieser Knoten startet mit.'
          : 'Nodestead öffnet sich, wenn Sie sich anmelden; der Knoten wartet, bis Sie auf Starten drücken.'
        : auto
          ? 'Immer wenn Sie Nodestead öffnen, startet dieser Knoten mit.'
          : 'Nach heute startet nichts von selbst: Sie öffnen Nodestead und drücken auf Starten.',
    done: (name) => `${name} wird wie unten eingerichtet und der Knoten jetzt gestartet.`,
  },
  welcome: {
    what: 'Ein Knoten ist ein Programm, das eine Kopie einer Blockchain hält und jeden Block selbst prüft. Mit ihm brauchen Sie keinem fremden zu vertrauen.',
    points: [
      'Sie wählen ein Netzwerk, einen Ordner und was der Knoten tut. Alles lässt sich später in den Einstellungen ändern.',
      'Wenn Sie unterwegs Schlüssel erzeugen, werden sie gleich gespeichert; das wird Ihnen vorher gesagt.',
      'Ein laufender Knoten läuft weiter, wenn Sie das Fenster schließen. Er endet, wenn Sie ihn stoppen oder die App beenden.',
    ],
    language: 'Sprache',
  },
  network: {
    choices: 'Netzwerk',
    dev: 'Entwicklung',
    devText: 'Ein Netzwerk aus einem Knoten, nur auf diesem Computer. Alle paar Sekunden ein Block; jederzeit neu zu beginnen.',
    private: 'Privates Netzwerk anlegen',
    publicText: (disk, memory, from, to) =>
      `Etwa ${formatBytes(disk)} Festplatte, ${formatBytes(memory)} Arbeitsspeicher, ${formatNumber(from)} bis ${formatNumber(to)} Tage bis zum Aufholen.`,
    publicTruth: 'Öffentliche Netzwerke: Dieser Knoten führt jeden Block vom ersten an aus; eine Abkürzung (Warp-Sync) gibt es noch nicht. Die Zahlen sind Schätzungen.',
  },
  folder: {
    own: (path) => `Bleibt das Feld leer: ein eigener Ordner in ${path}`,
    present: (path) => `Bleibt das Feld leer, liegen sie weiter in ${path}`,
    label: 'Datenordner',
    what: 'Hierhin kommt die ganze Chain, und Schlüssel, falls es welche gibt. Der Ordner muss leer oder neu sein, auf einer Festplatte, die immer angeschlossen ist; ein Netzlaufwerk ist zu langsam.',
    moved: 'Was schon da ist, wird kopiert, verglichen und erst dann gelöscht.',
  },
  role: {
    choices: 'Rolle',
    full: 'Voller Knoten',
    fullText: 'Prüft jeden Block und bedient Wallets auf diesem Computer. Hat keine Schlüssel, riskiert nichts und darf aus sein, wann Sie wollen.',
    validator: 'Validator',
    validatorText: 'Erzeugt auch Blöcke und stimmt ab. Er unterschreibt mit Schlüsseln, und andere zählen auf ihn: Er sollte immer laufen.',
    publicTruth: 'In einem öffentlichen Netzwerk braucht ein Validator ein gewähltes Konto mit Einlage auf einem Knoten, der aufgeholt hat, und Fehler kosten Geld. Beginnen Sie mit einem vollen Knoten.',
    keys: 'Schlüssel',
    development: (account) => `Entwicklungsschlüssel von ${name(account)}`,
    own: 'Eigene Schlüssel',
    ownText: 'Ihre Schlüssel unterschreiben, sobald die Chain sie gewählt hat: Ihr Konto setzt sie mit der Transaktion session.setKeys.',
    addFirst: 'Schlüssel liegen verschlüsselt im Ordner ihres Netzwerks. Darum wird das Netzwerk beim Erzeugen hinzugefügt, schon vor dem letzten Schritt; Netzwerk und Ordner lassen sich dann in diesem Assistenten nicht mehr ändern.',
    make: 'Schlüssel erzeugen',
    makeMore: 'Weitere Schlüssel erzeugen',
    later: 'Das geht auch später, auf der Ansicht Schlüssel.',
    kept: (count) => `${formatCount(count, 'Sitzungsschlüssel', 'Sitzungsschlüssel')} gespeichert, verschlüsselt mit Ihrer Passphrase.`,
  },
  ports: {
    port: 'Port für Peers',
    portHelp: 'Peers kommen per TCP auf diesem Port und per WebSocket auf dem nächsten.',
    use: (port) => `${port} nehmen, der ist frei`,
    upnp: 'Den Router bitten, sie zu öffnen (UPnP)',
    upnpDoes: 'Der Router wird gebeten, diese zwei Ports an diesen Computer weiterzugeben, damit Peers von außen diesen Knoten anrufen können. Die Bitte wird erneuert, solange der Knoten läuft, und beim Stoppen zurückgenommen; nach einem Absturz endet sie binnen einer Stunde.',
    upnpDoesNot: 'Es hilft nicht, wo der Router ablehnt oder selbst hinter einem anderen steht (bei vielen Anbietern). Die Übersicht sagt es dann, und wie Sie den Port von Hand öffnen.',
    without: 'Ohne das arbeitet der Knoten ebenso: Er ruft andere an, und nur wer zuerst anrufen möchte, kommt nicht durch.',
    local: 'Die Ports für Wallets und für Metriken bleiben auf diesem Computer, gleich was Sie hier wählen.',
    devTruth: 'Ein Entwicklungsnetzwerk hat niemanden draußen: Dafür muss nichts geöffnet werden.',
  },
  start: {
    login: 'Nodestead öffnen, wenn ich mich anmelde',
    loginHelp: 'Im Infobereich, ohne Fenster. Lässt sich jederzeit in den Einstellungen ändern.',
    noLogin: 'Auf diesem System kann sich Nodestead nicht bei der Anmeldung öffnen lassen.',
    auto: 'Diesen Knoten starten, wenn Nodestead sich öffnet',
    autoHelp: 'Sonst drücken Sie auf Starten.',
    tray: 'Beim Schließen des Fensters läuft der Knoten weiter; Beenden im Infobereich oder im Menü beendet ihn. Ein schlafender Computer hat keinen laufenden Knoten: Er holt nach dem Aufwachen auf.',
  },
  done: {
    network: 'Netzwerk',
    folder: 'Daten',
    ownFolder: 'ein Ordner der App',
    role: 'Rolle',
    keys: 'Schlüssel',
    noKeys: 'keine',
    ports: 'Ports für Peers',
    portsText: (port, upnp) => `${port} und ${port + 1}, ${upnp ? 'der Router wird gebeten' : 'der Router wird nicht gebeten'}`,
    starts: 'Startet',
    startsNow: 'jetzt',
    startsWithApp: 'jetzt, und mit der App',
    login: 'Bei der Anmeldung',
    loginYes: 'öffnet sich Nodestead',
    loginNo: 'öffnet sich nichts',
    moving: 'Die Daten werden in den neuen Ordner verschoben.',
  },
}

function name(account: string): string {
  return account.charAt(0).toUpperCase() + account.slice(1)
}
