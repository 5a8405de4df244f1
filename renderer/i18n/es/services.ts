/** La API de servicios: su puerto y los programas que tienen un token para ella. */
import type { Messages } from '../messages.ts'
import { es as here } from '../place.ts'

export const services: Messages['services'] = {
  title: 'API de servicios',
  get text() {
    return `Los programas y scripts ${here.del()} leen y controlan el nodo a través de la API de servicios: gRPC, gRPC-web y JSON. Cada uno necesita un token.`
  },
  on: 'Abrir un puerto',
  get onHelp() {
    return `Solo pueden conectarse programas ${here.del()}.`
  },
  port: 'Puerto',
  portFault: 'Se espera un número de 1 a 65535.',
  take: 'Aplicar',
  flagsDecide: 'No hay ningún puerto abierto. La opción --service-port abre uno.',
  reachedAt: 'Los programas con un token se conectan aquí:',
  address: 'dirección de la API de servicios',
  empty: 'Ningún cliente tiene un token. Añada uno y dele su token.',
  add: 'Añadir cliente…',
  clients: 'Clientes de la API de servicios',
  client: { name: 'Cliente', scopes: 'Permisos', since: 'Añadido', action: 'Acciones' },
  revoke: 'Revocar…',
  revokeOne: (name) => `Revocar… ${name}`,
  revokeTitle: (name) => `¿Revocar el token de ${name}?`,
  revokeText: 'Su token deja de ser válido y sus peticiones terminan. Para dar acceso otra vez, añada el cliente de nuevo.',
  revokeNow: 'Revocar',
  addTitle: 'Añadir un cliente',
  name: 'Nombre',
  nameHelp: 'De 1 a 32 minúsculas, cifras, - y _.',
  scopesTitle: 'Permisos',
  scopes: {
    read: { name: 'Leer', help: 'Todo salvo los secretos: bloques, cuentas, pares, registros.' },
    submit: { name: 'Enviar', help: 'Transacciones y mensajes.' },
    control: { name: 'Controlar', help: 'Iniciar y detener nodos, cambiar ajustes, pares y archivos.' },
    admin: { name: 'Administrar', help: 'Claves, otros clientes, datos y archivos de soporte.' },
  },
  adminWarning: 'Este cliente puede usar las claves del nodo, borrar sus datos y añadir otros clientes.',
  addNow: 'Añadir',
  tokenTitle: (name) => `Token de ${name}`,
  tokenText: 'Dé este token al programa ahora. Solo se muestra una vez: el nodo guarda solo su hash.',
  token: 'token',
}
