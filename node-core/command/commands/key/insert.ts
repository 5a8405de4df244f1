/** `key insert`: puts a key into the keystore of a network's data, encrypted under its passphrase. */
import { CHAIN_FLAGS, PASSPHRASE_FLAGS } from '../../flags.ts'
import { defineCommand } from '../../definition/command.ts'
import { KEY_FORM_FLAGS } from './flags.ts'

export const keyInsert = defineCommand({
  name: 'key insert',
  summary: "put a key into a node's keystore",
  part: 'keys',
  description: 'A node that runs uses it after its next start. Without --suri it asks, or reads standard input.',
  flags: {
    suri: { type: 'string', value: 'file|uri', group: 'command', completes: 'file', secret: true, help: 'the secret: a file, - for standard input, or itself' },
    'key-type': { type: 'string', value: 'type', group: 'command', choices: ['babe', 'gran', 'aura', 'imon', 'para', 'asgn', 'audi', 'acco'], help: 'babe, gran, aura, imon, para, asgn, audi, acco' },
    scheme: { ...KEY_FORM_FLAGS.scheme, fallback: 'ed25519 for gran, else sr25519' },
    ...CHAIN_FLAGS,
    ...PASSPHRASE_FLAGS,
  },
  examples: [['key insert --chain westend --key-type gran --suri phrase.txt', 'The key of a phrase in a file, to vote on finality.']],
  run: async ({ values, installation, terminal }) => {
    const { insertKey } = await import('../../keys/keystore-commands.ts')
    return insertKey(values, { installation, terminal })
  },
})
