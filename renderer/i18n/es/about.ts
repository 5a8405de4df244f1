/** Qué es este programa, de qué está hecho y en qué condiciones. */
import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const about: Messages['about'] = {
  sentence: (version, commit) => `Nodestead ${version}${commit === undefined ? '' : `, compilado desde ${commit}`}.`,
  unknownVersion: 'Nodestead. A la espera de la primera respuesta.',
  versions: 'Versiones',
  commit: 'Commit',
  notKnown: 'desconocido: compilado sin repositorio',
  system: 'Sistema',
  host: { desktop: 'Aplicación de escritorio', headless: 'Línea de órdenes' },
  app: 'Nodestead',
  components: { electron: 'Electron', chrome: 'Chromium', node: 'Node.js', v8: 'V8', uv: 'libuv' },
  copyAll: 'Copiar versiones',
  copied: 'Copiado',
  license: 'Licencia',
  licenseText: 'Nodestead es software libre bajo la Licencia Pública General de GNU, versión 3 o posterior. Se ofrece sin garantía alguna.',
  links: 'Enlaces',
  linksHelp: 'Un clic copia la dirección: esta ventana no abre otras páginas.',
  link: 'dirección',
  linkNames: { spec: 'Especificación de Polkadot Host', apps: 'Monedero y explorador para su nodo', license: 'Licencia Pública General de GNU' },
  credits: 'Créditos',
  creditsText: 'La marca, el nodo y esta ventana son de quienes contribuyen a Nodestead. Las redes, sus runtimes y el protocolo son obra de la comunidad de Polkadot. Tipos: Inter y JetBrains Mono. Mapa: Natural Earth. Países de las direcciones: datos de IP2Location LITE, disponibles en https://lite.ip2location.com.',
  packages: (count) => `Hecho con ${formatCount(count, 'paquete', 'paquetes')}`,
  packagesNone: 'La lista de paquetes se crea al compilar la aplicación.',
  package: 'Paquete',
  version: 'Versión',
  terms: 'Licencia',
  author: 'Autor',
  filter: 'Filtrar los paquetes',
  noText: 'El paquete no tiene archivo de licencia. Valen las condiciones indicadas arriba.',
  noMatch: 'Ningún paquete coincide. Borre el filtro.',
}
