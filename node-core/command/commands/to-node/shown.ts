/** Commands that show how a running node is: `status`, `networks`, `peers`, `logs`, `metrics`. */
import { defineCommand } from '../../definition/command.ts'
import { FOLLOW_HELP, NODE_PLACE_FLAGS, TO_NODE_FLAGS } from '../../to-node/flags.ts'

export const status = defineCommand({
  name: 'status',
  summary: 'show how a running node is',
  part: 'running',
  description: 'State, best and finalized block, peers, and what is wrong. Ends with 0 where the node answers, however it is.',
  flags: TO_NODE_FLAGS,
  examples: [['status --base-path ./data', 'The node whose data are in that folder.'], ['status --json', 'The same as JSON, for programs.']],
  run: async (call) => (await import('../../to-node/status.ts')).showStatus(call),
})

export const networks = defineCommand({
  name: 'networks',
  summary: 'list the networks of a running node',
  part: 'running',
  description: 'Piped, the columns are: id, state, best, finalized, peers, troubles, data folder, name.',
  flags: NODE_PLACE_FLAGS,
  examples: [['networks', 'Those of the app, where it runs and no other node does.']],
  run: async (call) => (await import('../../to-node/status.ts')).listNetworks(call),
})

export const peers = defineCommand({
  name: 'peers',
  summary: 'list the peers of a running node',
  part: 'running',
  description: `Piped, the columns are: peer id, in or out, slot, best block, ping in ms, bytes received, bytes sent, reputation, since, roles, address, software. ${FOLLOW_HELP}`,
  flags: { watch: { type: 'boolean', group: 'command', help: 'go on: tell who comes (+) and goes (-)' }, ...TO_NODE_FLAGS },
  examples: [['peers --watch', 'Those who are connected, and from then on who comes and goes.']],
  run: async (call) => {
    const { listPeers, watchPeers } = await import('../../to-node/peers.ts')
    return call.values.watch === true ? watchPeers(call) : listPeers(call)
  },
})

export const logs = defineCommand({
  name: 'logs',
  summary: 'show the log of a running node',
  part: 'running',
  description: `With -f it goes on, over restarts of the node, too. ${FOLLOW_HELP}`,
  flags: {
    follow: { type: 'boolean', short: 'f', group: 'command', help: 'go on with lines as they are written' },
    lines: { type: 'string', value: 'n', group: 'command', fallback: '100', help: 'how many of before, at the most 2000' },
    level: { type: 'string', value: 'level', group: 'command', choices: ['error', 'warn', 'info', 'debug', 'trace'], fallback: 'all that is logged', help: 'lines of this level and above' },
    module: { type: 'string', value: 'name', group: 'command', help: 'lines of this module, such as sync' },
    ...TO_NODE_FLAGS,
  },
  examples: [['logs -f --level warn', 'What goes wrong, as it happens.']],
  run: async (call) => {
    const { followLogs, showLogs } = await import('../../to-node/logs.ts')
    return call.values.follow === true ? followLogs(call) : showLogs(call)
  },
})

export const metrics = defineCommand({
  name: 'metrics',
  summary: 'show the figures of a running node',
  part: 'running',
  words: [{ name: 'prefix', optional: true, help: 'only those whose names begin so' }],
  description: 'Piped, the columns are: name with labels, value, meaning.',
  flags: { text: { type: 'boolean', group: 'command', help: "all of them as a text in Prometheus's form" }, ...TO_NODE_FLAGS },
  examples: [['metrics substrate_block_height', 'The heights that the node knows.']],
  run: async (call) => (await import('../../to-node/metrics.ts')).showMetrics(call, call.words[0] ?? ''),
})
