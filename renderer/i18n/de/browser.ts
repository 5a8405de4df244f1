/** Im Browser: die Seite, die nach dem Token fragt, was der Browser behält, und was am Computer des Nodes getan wird. */
import type { Messages } from '../messages.ts'

export const browser: Messages['browser'] = {
  token: {
    title: 'Diese Seite braucht das Token des Nodes',
    none: 'Der Node gibt sein Token beim Start aus, als Teil der Adresse: http://127.0.0.1:9955/#token=… Öffnen Sie diese Adresse oder fügen Sie sie hier ein.',
    wrong: 'Der Node akzeptiert dieses Token nicht. Verwenden Sie die Adresse, die er zuletzt ausgegeben hat.',
    changed: 'Sie wurden abgemeldet, weil der Node mit einem anderen Token neu gestartet wurde. Öffnen Sie die Adresse, die er zuletzt ausgegeben hat, oder fügen Sie sie hier ein.',
    lost: 'Der Node antwortet nicht. Prüfen Sie, ob er läuft, und den Tunnel oder den Proxy zu ihm.',
    notOne: 'Das ist kein Token. Fügen Sie die ganze Adresse ein, die der Node ausgegeben hat.',
    field: 'Adresse oder Token',
    fieldHelp: 'Es wird gegen ein Cookie dieses Browsers getauscht und sonst nirgends behalten.',
    enter: 'Weiter',
    entering: 'Wird gefragt…',
    where: 'Wo Sie es finden',
    places: {
      terminal: 'Im Terminal, in dem der Node gestartet wurde: die Zeile, die mit „Dashboard:“ beginnt.',
      service: 'Wenn systemd den Node startet, in dessen Journal:',
      file: 'Wenn er mit --dashboard-token-file gestartet wurde, in dieser Datei. Es bleibt dann bei jedem Start gleich.',
    },
  },
  title: 'Dieser Browser',
  language: 'Sprache',
  languageHelp: 'Bleibt in diesem Browser. Farben und Bewegung folgen den Einstellungen des Browsers.',
  signOut: 'Abmelden',
  signOutHelp: 'Löscht das Cookie dieses Browsers. Die Seite fragt dann wieder nach dem Token.',
  signOutAll: 'Startet der Node mit einem anderen Token, sind alle Browser abgemeldet.',
  there: {
    title: 'Am Computer des Nodes',
    text: 'Dieser Node wurde über die Befehlszeile gestartet. Das Folgende geschieht dort, in einem Terminal.',
    command: 'Befehl',
    items: {
      flags: { title: 'Eine Einstellung ändern', text: 'Einstellungen sind Optionen oder Zeilen einer Datei, die --config nennt. Stoppen Sie den Node und starten Sie ihn mit anderen. Alle zeigt:' },
      network: { title: 'Ein weiteres Netzwerk starten', text: 'Ein Node der Befehlszeile hat ein Netzwerk. Ein weiteres ist ein zweiter Node mit eigenem Ordner und eigenen Ports:' },
      share: { title: 'Das Netzwerk teilen', text: 'Diese Datei beschreibt das Netzwerk. Andere starten ihren Node mit --chain und der Datei:' },
      move: { title: 'Die Daten verschieben', text: 'Stoppen Sie den Node, verschieben Sie seinen Ordner und starten Sie ihn mit --base-path und dem neuen Ort. Der Ordner ist:' },
      purge: { title: 'Die Kette zurücksetzen', text: 'Stoppen Sie den Node zuerst. Blöcke und States werden gelöscht; Schlüssel und Identität bleiben:' },
      boot: { title: 'Mit dem Computer starten', text: 'Das Paket hat eine Unit für systemd und eine für launchd; seine README sagt, wie man sie einrichtet. Mit systemd:' },
      update: { title: 'Aktualisieren', text: 'Stoppen Sie den Node und installieren Sie die neue Version so, wie diese installiert wurde. Mit npm:' },
      notify: { title: 'Von Problemen erfahren', text: 'Ein Browser erhält keine Benachrichtigungen. Andere Programme lesen Probleme aus den Metriken, am --prometheus-port, und folgen dem Log:' },
      stop: { title: 'Das Programm beenden', text: 'Stoppen in der Übersicht beendet die Arbeit des Nodes, nicht sein Programm. Das tut Strg+C in seinem Terminal oder:' },
    },
  },
  portThere: 'Nur Programme auf dem Computer des Nodes erreichen diesen Port. Andere brauchen einen Tunnel zu ihm.',
  folderThere: 'Das geschieht am Computer des Nodes: Starten Sie den Node mit --base-path und dem Ordner, in dem die Daten jetzt sind.',
  copyRefused: 'Der Browser hat das Kopieren nicht erlaubt. Markieren Sie den Text und kopieren Sie ihn.',
}
