/** `key generate-node-key` and `key inspect-node-key`: the key by which a node is known to its peers. */
import { defineCommand } from '../../definition/command.ts'

const BIN = { type: 'boolean', group: 'command', help: 'as 32 bytes, not as 64 hexadecimal digits' } as const

export const keyGenerateNodeKey = defineCommand({
  name: 'key generate-node-key',
  summary: "make a node's network key",
  part: 'keys',
  description: 'The key goes to the file or to standard output, the peer id of the node to standard error.',
  flags: {
    file: { type: 'string', value: 'file', group: 'command', completes: 'file', help: 'write it here; the file must not be there yet' },
    bin: BIN,
  },
  examples: [['key generate-node-key --file node.key', 'A key for run --node-key-file node.key.']],
  run: async ({ values, terminal }) => {
    const { generateNodeKey } = await import('../../keys/node-key-commands.ts')
    return generateNodeKey(values, terminal)
  },
})

export const keyInspectNodeKey = defineCommand({
  name: 'key inspect-node-key',
  summary: 'tell the peer id of a network key',
  part: 'keys',
  flags: {
    file: { type: 'string', value: 'file', group: 'command', completes: 'file', help: 'the key; without it, standard input' },
    bin: BIN,
  },
  examples: [['key inspect-node-key --file node.key', 'The name by which peers know the node of this key.']],
  run: async ({ values, terminal }) => {
    const { inspectNodeKey } = await import('../../keys/node-key-commands.ts')
    return inspectNodeKey(values, terminal)
  },
})
