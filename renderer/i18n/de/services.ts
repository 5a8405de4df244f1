/** Die Dienst-Schnittstelle: ihr Port und die Programme, die ein Token dafür haben. */
import type { Messages } from '../messages.ts'
import { de as here } from '../place.ts'

export const services: Messages['services'] = {
  title: 'Service-API',
  get text() {
    return `Programme und Skripte auf ${here.dem()} lesen und steuern den Node über die Service-API: gRPC, gRPC-web und JSON. Jedes braucht ein Token.`
  },
  on: 'Port öffnen',
  get onHelp() {
    return `Nur Programme auf ${here.dem()} können sich verbinden.`
  },
  port: 'Port',
  portFault: 'Erwartet wird eine Zahl von 1 bis 65535.',
  take: 'Übernehmen',
  flagsDecide: 'Kein Port ist offen. Die Option --service-port öffnet einen.',
  reachedAt: 'Programme mit einem Token verbinden sich hier:',
  address: 'Adresse der Service-API',
  empty: 'Kein Client hat ein Token. Fügen Sie einen hinzu und geben Sie ihm sein Token.',
  add: 'Client hinzufügen…',
  clients: 'Clients der Service-API',
  client: { name: 'Client', scopes: 'Berechtigungen', since: 'Hinzugefügt', action: 'Aktionen' },
  revoke: 'Entziehen…',
  revokeOne: (name) => `Entziehen… ${name}`,
  revokeTitle: (name) => `${name} das Token entziehen?`,
  revokeText: 'Das Token wird ungültig, und die Anfragen enden. Um wieder Zugang zu geben, fügen Sie den Client neu hinzu.',
  revokeNow: 'Entziehen',
  addTitle: 'Client hinzufügen',
  name: 'Name',
  nameHelp: '1 bis 32 Kleinbuchstaben, Ziffern, - und _.',
  scopesTitle: 'Berechtigungen',
  scopes: {
    read: { name: 'Lesen', help: 'Alles außer Geheimnissen: Blöcke, Konten, Peers, Logs.' },
    submit: { name: 'Senden', help: 'Transaktionen und Nachrichten.' },
    control: { name: 'Steuern', help: 'Nodes starten und stoppen, Einstellungen, Peers und Dateien ändern.' },
    admin: { name: 'Verwalten', help: 'Schlüssel, andere Clients, Daten und Dateien für den Support.' },
  },
  adminWarning: 'Dieser Client kann die Schlüssel des Nodes verwenden, seine Daten löschen und weitere Clients hinzufügen.',
  addNow: 'Hinzufügen',
  tokenTitle: (name) => `Token von ${name}`,
  tokenText: 'Geben Sie dem Programm dieses Token jetzt. Es wird nur einmal gezeigt: Der Node behält nur seinen Hash.',
  token: 'Token',
}
