/** Neuere Versionen der App: was von ihnen bekannt ist und was von selbst geschieht. */
import type { Messages } from '../messages.ts'

export const updates: Messages['updates'] = {
  title: 'Updates',
  brings: (version) => `Neu in ${version}`,
  check: 'Nach Updates suchen',
  restart: 'Neu starten und aktualisieren',
  inRail: (title) => `${title}, Update bereit`,
  progress: 'Download des Updates',
  off: {
    'no-feed': 'Dieser Build hat keinen Update-Server und sucht nicht nach Updates.',
    'not-installed': 'Nodestead läuft aus einem Ordner und kann sich nicht selbst aktualisieren. Laden Sie die neue Version so, wie Sie diese bekommen haben.',
    'read-only': 'Nodestead kann sich nicht selbst aktualisieren, weil Sie in seinen Ordner nicht schreiben dürfen. Verschieben Sie es in einen eigenen Ordner oder fragen Sie einen Administrator.',
  },
  headless: 'Aktualisieren Sie einen Node der Befehlszeile so, wie er installiert wurde, etwa mit npm.',
  unknown: 'Noch nicht gesucht. Nodestead sucht alle 6 Stunden.',
  newest: (age) => `Aktuell, geprüft ${age}.`,
  checking: 'Suche nach Updates …',
  downloading: (version, done, total, percent) => `${version} wird heruntergeladen: ${done} von ${total}, ${percent}. Der Node läuft weiter.`,
  ready: (version) => `${version} ist heruntergeladen, die Signatur ist gültig. Das Update wird beim Beenden installiert oder jetzt: Der Node stoppt und startet mit der neuen Version.`,
  installing: (version) => `${version} wird installiert …`,
  succeeded: (from, to) => `Von ${from} auf ${to} aktualisiert.`,
  didNot: (from, to, why) => `${to} konnte nicht installiert werden; ${from} läuft weiter. ${why === '' ? '' : `${why} `}Suchen Sie nach Updates, um es erneut zu versuchen.`,
  problems: {
    UPDATE_FEED_UNREACHABLE: 'Der Update-Server ist nicht erreichbar. Nodestead versucht es binnen einer Stunde erneut.',
    UPDATE_FEED_TOO_SLOW: 'Der Update-Server hat 20 Sekunden lang nicht geantwortet. Nodestead versucht es binnen einer Stunde erneut.',
    UPDATE_NOT_SIGNED: 'Das Update ist nicht signiert und wurde abgelehnt. Nichts wurde installiert.',
    UPDATE_BAD_SIGNATURE: 'Die Signatur des Updates ist ungültig. Es wurde abgelehnt; nichts wurde installiert.',
    UPDATE_BAD_MANIFEST: 'Der Update-Server hat ein ungültiges Manifest gesendet. Es wurde abgelehnt; nichts wurde installiert.',
    UPDATE_ROLLBACK: 'Der Update-Server bietet eine ältere Version an als zuvor. Sie wurde abgelehnt; nichts wurde installiert.',
    UPDATE_BAD_FILE: 'Die geladene Datei ist unvollständig oder nicht die signierte. Sie wurde abgelehnt; nichts wurde installiert.',
    UPDATE_TOO_LONG: 'Der Download ist größer als die signierte Größe. Er wurde abgelehnt; nichts wurde installiert.',
    UPDATE_DOWNLOAD_STALLED: 'Der Download stockte 30 Sekunden lang. Nodestead versucht es binnen einer Stunde erneut.',
    UPDATE_DOWNLOAD_FAILED: 'Das Update konnte nicht geladen werden. Nodestead versucht es binnen einer Stunde erneut.',
    UPDATE_DISK_FULL: 'Zu wenig Speicherplatz für das Update. Schaffen Sie Platz; Nodestead versucht es binnen einer Stunde erneut.',
    UPDATE_NO_FILE: 'Für diese Art der Installation gibt es keine Update-Datei. Installieren Sie die neue Version von Hand.',
  },
}
