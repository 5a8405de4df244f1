/** Commands that act on a running node: `start`, `stop`, `restart`, `call`, `support-bundle`. */
import { defineCommand } from '../../definition/command.ts'
import { NODE_PLACE_FLAGS, TO_NODE_FLAGS } from '../../to-node/flags.ts'

export const start = defineCommand({
  name: 'start',
  summary: 'start a network in the running app',
  part: 'running',
  description: 'Returns when its node runs, or with the reason why it does not. A node without the app is started by run.',
  flags: TO_NODE_FLAGS,
  examples: [['start --network westend', 'The node of Westend in the app.']],
  run: async (call) => (await import('../../to-node/power.ts')).startNetwork(call),
})

export const stop = defineCommand({
  name: 'stop',
  summary: 'stop a running node',
  part: 'running',
  description: "In the app the network's node stops, and the app stays. A node without the app ends, as by Ctrl-C. Returns when that is done.",
  flags: TO_NODE_FLAGS,
  examples: [['stop --base-path ./data', 'The node whose data are in that folder.']],
  run: async (call) => (await import('../../to-node/power.ts')).stopNetwork(call),
})

export const restart = defineCommand({
  name: 'restart',
  summary: 'stop the node of a network, and start it again',
  part: 'running',
  description: 'Its process stays, and so do its flags.',
  flags: TO_NODE_FLAGS,
  examples: [['restart --network westend', 'With the settings that it has now.']],
  run: async (call) => (await import('../../to-node/power.ts')).restartNetwork(call),
})

export const call = defineCommand({
  name: 'call',
  summary: 'call a method of a running node',
  part: 'running',
  description: 'Of the service API (Chain.Head), with a JSON object; a stream goes on until Ctrl-C. Or of JSON-RPC (state_getStorage), with a word for each parameter: JSON, or a text. The answer is JSON.',
  words: [
    { name: 'method', help: 'Service.Method, or a method of JSON-RPC' },
    { name: 'parameters', optional: true, several: true, help: 'a JSON object, or words' },
  ],
  flags: TO_NODE_FLAGS,
  examples: [['call chain_getBlockHash 0', 'The hash of the genesis block.'], [`call Chain.Blocks '{"count":3}'`, 'The three newest blocks.']],
  run: async (asked) => (await import('../../to-node/call.ts')).callMethod(asked, asked.words[0] ?? '', asked.words.slice(1)),
})

export const supportBundle = defineCommand({
  name: 'support-bundle',
  summary: 'save what a helper needs to see',
  part: 'running',
  description: 'An archive (tar.gz) of plain texts about the running node, without keys, tokens and the like; only its owner can read it.',
  words: [{ name: 'file', optional: true, completes: 'file', help: 'where to; without it, a name with the time, here' }],
  flags: NODE_PLACE_FLAGS,
  examples: [['support-bundle bundle.tar.gz', 'To be looked through, and handed on.']],
  run: async (asked) => (await import('../../to-node/support-bundle.ts')).saveSupportBundle(asked, asked.words[0]),
})
