/** `token add`, `token list` and `token revoke`: programs that may use the service API. A node that runs in the folder knows of it at once. */
import { CHAIN_FLAGS } from '../flags.ts'
import { defineCommand } from '../definition/command.ts'

const PLACE = { 'base-path': CHAIN_FLAGS['base-path'] } as const
const NAME = { name: 'name', help: 'of the program: lower-case letters, digits, - and _' } as const

export const tokenAdd = defineCommand({
  name: 'token add',
  summary: 'let a program use the service API, and print its token',
  part: 'keys',
  description: 'The token is printed this once; the node keeps a hash of it. No scope contains another.',
  words: [NAME],
  flags: {
    scopes: { type: 'string', value: 'list', group: 'command', fallback: 'read', choices: ['read', 'submit', 'control', 'admin'], help: 'what for, by commas: read, submit, control, admin',
      detail: 'read: all that is no secret. submit: transactions and messages. control: nodes, peers and settings. admin: keys, clients and data.' },
    ...PLACE,
  },
  examples: [['token add watcher --scopes read,submit', 'A program that may read, and send transactions.']],
  run: async ({ values, words, terminal }) => {
    const { addToken } = await import('../tokens.ts')
    return addToken(values, words[0], terminal)
  },
})

export const tokenList = defineCommand({
  name: 'token list',
  summary: 'list the programs that may use the service API',
  part: 'keys',
  flags: PLACE,
  examples: [['token list', 'Each with its scopes, and since when.']],
  run: async ({ values, terminal }) => {
    const { listTokens } = await import('../tokens.ts')
    return listTokens(values, terminal)
  },
})

export const tokenRevoke = defineCommand({
  name: 'token revoke',
  summary: 'take the token of a program back',
  part: 'keys',
  description: 'Its token is worth nothing from then on, and what it has open ends.',
  words: [NAME],
  flags: PLACE,
  examples: [['token revoke watcher', 'The program of this name is let in no more.']],
  run: async ({ values, words, terminal }) => {
    const { revokeToken } = await import('../tokens.ts')
    return revokeToken(values, words[0], terminal)
  },
})
