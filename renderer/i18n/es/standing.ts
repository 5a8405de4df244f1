/** Cómo está un nodo cuando nadie lo confirma: solo, o antes del primer bloque. */
import type { Messages } from '../messages.ts'
import { es as here } from '../place.ts'

export const standing: Messages['standing'] = {
  lookingForPeers: (facts) => `Buscando pares: ${facts}.`,
  comparing: (facts) => `Esperando un bloque nuevo: ${facts}.`,
  onlyGenesis: 'solo el bloque génesis por ahora',
  genesisTile: 'Solo el bloque génesis por ahora',
  syncWaiting: (best, peers) => `Esperando un bloque nuevo: mejor bloque ${best}, ${peers}.`,
  stageAlone: 'Solo',
  stageAloneMeaning: 'Ningún par indica la longitud de la cadena.',
  stageProducing: 'Produce solo',
  stageProducingMeaning: 'Este nodo produce los bloques; no hay un par con el que comparar.',
  gapUnknown: 'desconocido sin pares',
  gapOurs: (ours) => `Mejor bloque ${ours}`,
  timeLeftAlone: 'Se sabrá cuando haya un par conectado',
  noMembersTitle: 'No hay otro nodo de esta red conectado',
  noMembersText: (span) =>
    `Desde hace ${span} este nodo está solo en su red. Los nodos de los demás miembros pueden estar detenidos o no conocer la dirección ${here.del()}. Pida a un miembro que inicie un nodo o envíe una invitación, o conéctese a uno por su dirección.`,
  connect: 'Conectar a…',
  nobodyOwn: (bans) => `Todavía sin pares${bans}: ningún otro nodo de esta red respondió. Pida a un miembro que inicie un nodo, o conéctese a uno por su dirección.`,
  get noAnswerOwn() {
    return `Compruebe que los nodos de los demás miembros estén en marcha y lleguen ${here.al()}, o conéctese a uno en la pantalla Pares.`
  },
}
