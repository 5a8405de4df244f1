/** Was dieses Programm ist, woraus es besteht und zu welchen Bedingungen. */
import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const about: Messages['about'] = {
  sentence: (version, commit) => `Nodestead ${version}${commit === undefined ? '' : `, gebaut aus ${commit}`}.`,
  unknownVersion: 'Nodestead. Es wartet auf die erste Antwort.',
  versions: 'Versionen',
  commit: 'Commit',
  notKnown: 'unbekannt: ohne Repository gebaut',
  system: 'System',
  host: { desktop: 'Desktop-App', headless: 'Befehlszeile' },
  app: 'Nodestead',
  components: { electron: 'Electron', chrome: 'Chromium', node: 'Node.js', v8: 'V8', uv: 'libuv' },
  copyAll: 'Versionen kopieren',
  copied: 'Kopiert',
  license: 'Lizenz',
  licenseText: 'Nodestead ist freie Software unter der GNU General Public License, Version 3 oder später. Es kommt ohne jede Gewähr.',
  links: 'Verweise',
  linksHelp: 'Ein Klick kopiert die Adresse: Dieses Fenster öffnet keine anderen Seiten.',
  link: 'Adresse',
  linkNames: { spec: 'Spezifikation des Polkadot Host', apps: 'Wallet und Explorer für Ihren Knoten', license: 'GNU General Public License' },
  credits: 'Dank',
  creditsText: 'Das Zeichen, der Knoten und dieses Fenster stammen von den Mitwirkenden an Nodestead. Die Netzwerke, ihre Runtimes und das Protokoll sind das Werk der Polkadot-Gemeinschaft. Schriften: Inter und JetBrains Mono. Karte: Natural Earth. Länder der Adressen: Daten von IP2Location LITE, erhältlich unter https://lite.ip2location.com.',
  packages: (count) => `Gemacht mit ${formatCount(count, 'Paket', 'Paketen')}`,
  packagesNone: 'Die Liste der Pakete entsteht beim Bauen der App.',
  package: 'Paket',
  version: 'Version',
  terms: 'Lizenz',
  author: 'Urheber',
  filter: 'Pakete filtern',
  noText: 'Das Paket hat keine Lizenzdatei. Es gelten die oben genannten Bedingungen.',
  noMatch: 'Kein Paket passt. Leeren Sie den Filter.',
}
