/** `purge-chain`: deletes the blocks and states of a network. Keys, identity, and what keys have signed stay. */
import { defineCommand } from '../definition/command.ts'
import { CHAIN_FLAGS } from '../flags.ts'

export const purgeChain = defineCommand({
  name: 'purge-chain',
  summary: "delete a network's blocks and states",
  description: 'Keys, the identity of the node and what its keys have signed stay.',
  flags: {
    ...CHAIN_FLAGS,
    yes: { type: 'boolean', short: 'y', group: 'command', help: 'do not ask' },
  },
  examples: [['purge-chain --chain dev -y', 'The development network begins anew at its next start.']],
  run: async ({ values, installation, terminal }) => {
    const { purge } = await import('../purge.ts')
    return purge(values, installation, terminal)
  },
})
