import { formatCount } from '../../text/format.ts'
import type { Messages } from '../messages.ts'
import { es as here } from '../place.ts'

export const signing: Messages['signing'] = {
  listening: (span, facts) => `Escucha ${span} más antes de firmar, por si otro ordenador usa las mismas claves: ${facts}.`,
  stopped: (facts) => `No firma, porque otro ordenador firma con las mismas claves: ${facts}.`,
  title: 'Otro ordenador firma con su clave: este nodo ha dejado de firmar',
  block: (height, key, time) => `El bloque ${height} (recibido: ${time}) está firmado con la clave ${key} de este nodo, pero no lo produjo este nodo.`,
  vote: (height, round, key, time) => `Un voto por el bloque ${height} en la ronda ${round} (recibido: ${time}) está firmado con la clave ${key} de este nodo, pero no lo emitió este nodo.`,
  unreadable: 'El registro de lo firmado en otro lugar no se puede leer.',
  advice: 'Dos ordenadores con la misma clave firman dos veces, lo que se castiga con slashing. Decida qué ordenador conserva la clave. En el otro, detenga el nodo o elimine la clave. Hasta que lo confirme, este nodo sigue la cadena y no firma nada, ni siquiera tras un reinicio.',
  confirmTitle: 'Volver a firmar con este nodo',
  confirmText: 'El nodo escucha primero durante unos slots. Si vuelve a oír al otro ordenador, deja de firmar.',
  confirmCheck: 'Ningún otro ordenador ejecuta un nodo con esta clave',
  get confirm() {
    return `${here.El()} es ahora el único con la clave`
  },
  developmentSigns: (count) => `${count === 1 ? 'Firma' : 'Firman'} ${formatCount(count, 'clave', 'claves')} de una cuenta de desarrollo.`,
  developmentUntold: (count) => `Tiene ${formatCount(count, 'clave', 'claves')} de una cuenta de desarrollo. El almacén de claves está vacío.`,
}
