/** Names of services and groups, as they stand in addresses, in sealed messages and in what is advertised. */

/** Lower-case letters, digits, and `.`, `_`, `-` between them: no slash, so that a name is one part of an address. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/

export const MAX_NAME_LENGTH = 64

/** Of a service or a group: 1 to 64 characters of ASCII. */
export function isName(text: string): boolean {
  return NAME.test(text)
}
