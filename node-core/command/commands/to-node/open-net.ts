/** Commands for a node that is open to programs (`--net`): `topics`, `topics tail`, `topics send`, `share`, `fetch`. */
import { defineCommand } from '../../definition/command.ts'
import type { Flag } from '../../definition/flag.ts'
import { FOLLOW_HELP, TO_NODE_FLAGS } from '../../to-node/flags.ts'

const DECLARE = { type: 'boolean', group: 'command', help: 'open the topic where no program here has',
  detail: 'With messages of 1 MiB at the most, and 100 a second from each peer; until the node stops.' } as const satisfies Flag

export const topics = defineCommand({
  name: 'topics',
  summary: 'list the topics of services in a running node',
  part: 'running',
  description: 'The node runs with --net, or with "Open to programs" in the settings of the app. Piped, the columns are: topic, peers, services.',
  flags: TO_NODE_FLAGS,
  examples: [['topics', 'Their names, and how many peers have each.']],
  run: async (call) => (await import('../../to-node/topics.ts')).listTopics(call),
})

export const topicsSend = defineCommand({
  name: 'topics send',
  summary: 'send a message on a topic',
  part: 'running',
  description: 'Says what became of it. The topic is one that a program of this node has declared, or --declare opens it.',
  words: [
    { name: 'topic', help: 'its name' },
    { name: 'message', optional: true, help: 'a text; without it, standard input' },
  ],
  flags: {
    hex: { type: 'boolean', group: 'command', help: 'the message is given in hexadecimal digits' },
    declare: DECLARE,
    only: { type: 'string', multiple: true, value: 'peer', group: 'command', help: 'to these peers alone, who confirm it' },
    ...TO_NODE_FLAGS,
  },
  examples: [['topics send weather/1 rain', 'To everybody who has the topic.']],
  run: async (call) => (await import('../../to-node/topics.ts')).sendToTopic(call, call.words[0] ?? '', call.words[1]),
})

export const topicsTail = defineCommand({
  name: 'topics tail',
  summary: 'show the messages of a topic as they come',
  part: 'running',
  description: `The topic is one that a program of this node has declared, or --declare opens it. Piped, the columns are: time, sender, message; what is no text is in hexadecimal digits. ${FOLLOW_HELP}`,
  words: [{ name: 'topic', help: 'its name' }],
  flags: { hex: { type: 'boolean', group: 'command', help: 'messages in hexadecimal digits' }, declare: DECLARE, ...TO_NODE_FLAGS },
  examples: [['topics tail weather/1', 'What comes on it, and what this node sends.']],
  run: async (call) => (await import('../../to-node/topics.ts')).tailTopic(call, call.words[0] ?? ''),
})

export const share = defineCommand({
  name: 'share',
  summary: 'offer a file to the peers of a running node',
  part: 'running',
  description: 'Hashes it, and says the root by which others fetch it. The file stays where it is. Piped, the columns are: root, bytes, path.',
  words: [{ name: 'file', completes: 'file', help: 'the file' }],
  flags: TO_NODE_FLAGS,
  examples: [['share snapshot.tar', 'Its root, for fetch on another computer.']],
  run: async (call) => (await import('../../to-node/files.ts')).shareFile(call, call.words[0] ?? ''),
})

export const fetch = defineCommand({
  name: 'fetch',
  summary: 'fetch a file that a peer shares',
  part: 'running',
  description: 'Each part is checked against the root. Ctrl-C ends the command, and not the fetch: the same command goes on with it. Piped, the columns are: root, bytes, path.',
  words: [
    { name: 'root', help: 'what share said' },
    { name: 'file', optional: true, completes: 'file', help: 'where to; without it, the root, here' },
  ],
  flags: { peers: { type: 'string', multiple: true, value: 'peer', group: 'command', help: 'ask these, too: peer ids, or addresses' }, ...TO_NODE_FLAGS },
  examples: [['fetch $ROOT snapshot.tar', 'The file of that root.']],
  run: async (call) => (await import('../../to-node/files.ts')).fetchFile(call, call.words[0] ?? '', call.words[1]),
})
