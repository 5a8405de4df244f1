/** `key list`: the public keys in the keystore of a network's data. */
import { CHAIN_FLAGS } from '../../flags.ts'
import { defineCommand } from '../../definition/command.ts'

export const keyList = defineCommand({
  name: 'key list',
  summary: "list the keys of a node's keystore",
  part: 'keys',
  flags: CHAIN_FLAGS,
  examples: [['key list --chain westend', 'The public keys that a node of Westend has.']],
  run: async ({ values, installation, terminal }) => {
    const { listKeys } = await import('../../keys/keystore-commands.ts')
    return listKeys(values, { installation, terminal })
  },
})
