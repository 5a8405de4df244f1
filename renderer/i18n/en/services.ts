/** The service API: its port, and the programs that have a token for it. */
import { en as here } from '../place.ts'

export const services = {
  title: 'Service API',
  get text() {
    return `Programs and scripts on ${here.computer()} read the node and control it through the service API: gRPC, gRPC-web and JSON. Each one needs a token.`
  },
  on: 'Open a port',
  get onHelp() {
    return `Only programs on ${here.computer()} can connect.`
  },
  port: 'Port',
  portFault: 'A number from 1 to 65535 is expected.',
  take: 'Apply',
  flagsDecide: 'No port is open. The flag --service-port opens one.',
  reachedAt: 'Programs with a token connect here:',
  address: 'address of the service API',
  empty: 'No client has a token. Add one and give it its token.',
  add: 'Add client…',
  clients: 'Clients of the service API',
  client: { name: 'Client', scopes: 'Permissions', since: 'Added', action: 'Actions' },
  revoke: 'Revoke…',
  revokeOne: (name: string) => `Revoke… ${name}`,
  revokeTitle: (name: string) => `Revoke the token of ${name}?`,
  revokeText: 'Its token becomes invalid and its requests end. To give access again, add the client anew.',
  revokeNow: 'Revoke',
  addTitle: 'Add a client',
  name: 'Name',
  nameHelp: '1 to 32 lower-case letters, digits, - and _.',
  scopesTitle: 'Permissions',
  scopes: {
    read: { name: 'Read', help: 'Everything except secrets: blocks, accounts, peers, logs.' },
    submit: { name: 'Submit', help: 'Transactions and messages.' },
    control: { name: 'Control', help: 'Start and stop nodes, change settings, peers and files.' },
    admin: { name: 'Administer', help: 'Keys, other clients, data and support files.' },
  },
  adminWarning: 'This client can use the keys of the node, delete its data, and add other clients.',
  addNow: 'Add',
  tokenTitle: (name: string) => `Token of ${name}`,
  tokenText: 'Give this token to the program now. It is shown only once: the node keeps only its hash.',
  token: 'token',
}
