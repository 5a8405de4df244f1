/** What the commands `token …` do with the list of clients in a base folder. */
import { systemClock } from '../base/clock.ts'
import { ClientsFile } from '../services/rights/clients-file.ts'
import { Clients, type ClientInfo } from '../services/rights/clients.ts'
import { SCOPE_NAMES } from '../services/rights/scopes.ts'
import { invalid } from './definition/errors.ts'
import { defaultBasePath } from './base-path.ts'
import type { Terminal } from './terminal/terminal.ts'

interface Place {
  readonly 'base-path'?: string | undefined
}

/** Throws as {@link Clients.add} does, and OPTIONS_INVALID. */
export async function addToken(values: Place & { readonly scopes?: string | undefined }, name: string | undefined, terminal: Terminal): Promise<undefined> {
  const { client, token } = await clientsIn(values).add(named(name), scopesOf(values.scopes ?? 'read'))
  terminal.note(`${client.name} may ${client.scopes.join(', ')}. Its token is shown this once:`)
  terminal.result({ ...plain(client), token }, token)
  return undefined
}

export async function listTokens(values: Place, terminal: Terminal): Promise<undefined> {
  const clients = await clientsIn(values).list()
  const width = Math.max(0, ...clients.map(({ name }) => name.length))
  for (const client of clients) {
    const { name, scopes, created } = plain(client)
    terminal.result(plain(client), `${name.padEnd(width)}  since ${created}  ${scopes.join(', ')}`)
  }
  if (clients.length === 0) terminal.note('No program has a token.')
  return undefined
}

/** Throws SERVICE_CLIENT_UNKNOWN. */
export async function revokeToken(values: Place, name: string | undefined, terminal: Terminal): Promise<undefined> {
  const revoked = named(name)
  await clientsIn(values).revoke(revoked)
  terminal.result({ revoked }, `${revoked} is let in no more.`)
  return undefined
}

function clientsIn(values: Place): Clients {
  return new Clients(new ClientsFile(values['base-path'] ?? defaultBasePath()), systemClock)
}

function plain({ name, scopes, created }: ClientInfo): { readonly name: string; readonly scopes: readonly string[]; readonly created: string } {
  return { name, scopes, created: new Date(created).toISOString() }
}

function named(name: string | undefined): string {
  if (name === undefined) throw invalid('Say the name of the program.')
  return name
}

function scopesOf(list: string): readonly string[] {
  const scopes = list.split(',').map((scope) => scope.trim()).filter((scope) => scope !== '')
  const unknown = scopes.find((scope) => !SCOPE_NAMES.some((name) => name === scope))
  if (scopes.length > 0 && unknown === undefined) return scopes
  throw invalid(`--scopes takes ${SCOPE_NAMES.join(', ')}, by commas, not "${(unknown ?? list).slice(0, 64)}".`, 'scopes')
}
