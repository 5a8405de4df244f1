/** Neuere Versionen der App: was von ihnen bekannt ist und was von selbst geschieht. */
import type { Messages } from '../messages.ts'

export const updates: Messages['updates'] = {
  title: 'Aktualisierungen',
  brings: (version) => `Was ${version} bringt`,
  check: 'Nach Aktualisierungen sehen',
  restart: 'Neu starten und aktualisieren',
  inRail: (title) => `${title}, eine neuere Version ist bereit`,
  progress: 'Herunterladen der neueren Version',
  off: {
    'no-feed': 'Dieser Bau sieht nicht nach neueren Versionen: Er wurde ohne eine Adresse dafür gemacht.',
    'not-installed': 'Sie aktualisiert sich nicht selbst, weil sie aus einem Ordner läuft. Holen Sie eine neuere Version so, wie Sie diese geholt haben.',
    'read-only': 'Sie kann sich nicht selbst aktualisieren, weil sie in einem Ordner liegt, in den Sie nicht schreiben dürfen. Verschieben Sie sie in einen eigenen, oder bitten Sie einen Verwalter darum.',
  },
  headless: 'Ein Knoten von der Befehlszeile wird so aktualisiert, wie er installiert wurde, etwa mit npm.',
  unknown: 'Nach einer neueren Version wurde noch nicht gesehen. Das geschieht von selbst alle 6 Stunden.',
  newest: (age) => `Keine neuere Version, nachgesehen ${age}.`,
  checking: 'Es wird nach einer neueren Version gesehen…',
  downloading: (version, done, total, percent) => `${version} wird heruntergeladen: ${done} von ${total}, ${percent}. Der Knoten läuft weiter.`,
  ready: (version) => `${version} ist heruntergeladen, die Unterschrift stimmt. Installiert wird beim Beenden oder jetzt: Der Knoten hält an und startet mit der neuen Version wieder.`,
  installing: (version) => `${version} wird installiert…`,
  succeeded: (from, to) => `Von ${from} auf ${to} aktualisiert.`,
  didNot: (from, to, why) => `${to} ließ sich nicht installieren, ${from} läuft weiter. ${why === '' ? '' : `${why} `}Sehen Sie nach Aktualisierungen, um es noch einmal zu versuchen.`,
  problems: {
    UPDATE_FEED_UNREACHABLE: 'Der Server für Aktualisierungen ist nicht zu erreichen. Er wird binnen einer Stunde wieder gefragt; diese Version läuft weiter.',
    UPDATE_FEED_TOO_SLOW: 'Der Server für Aktualisierungen hat 20 Sekunden lang nicht geantwortet. Er wird binnen einer Stunde wieder gefragt; diese Version läuft weiter.',
    UPDATE_NOT_SIGNED: 'Der Server bietet eine Version ohne Unterschrift an. Sie wurde abgelehnt, installiert wurde nichts.',
    UPDATE_BAD_SIGNATURE: 'Der Server bietet eine Version an, die nicht von den Machern von Nodestead unterschrieben ist oder danach geändert wurde. Sie wurde abgelehnt, installiert wurde nichts.',
    UPDATE_BAD_MANIFEST: 'Der Server beschreibt seine Version auf eine Weise, die nicht erlaubt ist. Sie wurde abgelehnt, installiert wurde nichts.',
    UPDATE_ROLLBACK: 'Der Server bietet eine ältere Version an als zuvor. Sie wurde abgelehnt, installiert wurde nichts.',
    UPDATE_BAD_FILE: 'Der Server hat eine andere Datei als die unterschriebene geschickt, oder nur einen Teil davon. Sie wurde abgelehnt, installiert wurde nichts.',
    UPDATE_TOO_LONG: 'Der Server schickt mehr, als unterschrieben ist. Es wurde abgelehnt, installiert wurde nichts.',
    UPDATE_DOWNLOAD_STALLED: 'Das Herunterladen stockt: 30 Sekunden lang kam nichts. Es wird binnen einer Stunde wieder versucht; diese Version läuft weiter.',
    UPDATE_DOWNLOAD_FAILED: 'Die neuere Version ließ sich nicht herunterladen. Es wird binnen einer Stunde wieder versucht; diese Version läuft weiter.',
    UPDATE_DISK_FULL: 'Auf dem Datenträger ist nicht genug Platz für die neuere Version. Schaffen Sie Platz; es wird binnen einer Stunde wieder versucht.',
    UPDATE_NO_FILE: 'Die neuere Version hat keine Datei für diese Art der Installation. Installieren Sie sie von Hand.',
  },
}
