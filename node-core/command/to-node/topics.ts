/** What the commands of `topics` do: topics of services over the network that a node is in. */
import { ListTopicsResponseSchema, PublishResponseSchema, TopicMessageSchema, Topics, type PublishResponse, type ServiceTopic, type TopicMessage } from '../../services/proto/nodestead/v1/topics_pb.ts'
import { plainText } from '../terminal/plain-text.ts'
import { lineOf, tableOf, type Column } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { PlaceValues } from './flags.ts'
import { follow } from './follow.ts'
import { bytesOfHex, wordOrInput } from './input.ts'
import { withNode, type Caller, type NodeLine } from './line.ts'
import { jsonOf, timeText } from './messages.ts'

/** Of topics that a command declares: for what people and scripts send each other. */
const USUAL_LIMITS = { maxMessageBytes: 1024 * 1024, messagesPerSecond: 100, burst: 200 } as const

const COLUMNS: readonly Column<ServiceTopic>[] = [
  { name: 'TOPIC', value: ({ name }) => name },
  { name: 'PEERS', value: ({ peers }) => String(peers.length), right: true },
  { name: 'SERVICES', value: ({ subscribers }) => subscribers.map(({ service }) => service).join(',') },
]

export async function listTopics(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const answer = await line.client(Topics).listTopics({ network }, line.options)
    if (answer.topics.length === 0) terminal.note('No topic is declared in this node.')
    terminal.result(jsonOf(ListTopicsResponseSchema, answer), answer.topics.length === 0 ? '' : tableOf(COLUMNS, answer.topics, terminal.sheet))
    return undefined
  })
}

interface TopicValues extends PlaceValues {
  readonly hex?: true
  readonly declare?: true
}

export interface SendValues extends TopicValues {
  readonly only?: readonly string[]
}

export async function sendToTopic(caller: Caller & { readonly values: SendValues }, topic: string, word: string | undefined): Promise<undefined> {
  const { terminal, values } = caller
  const text = await wordOrInput(word, terminal)
  const message = values.hex === true ? bytesOfHex(text, 'The message') : new Uint8Array(Buffer.from(text))
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    if (values.declare === true) await declare(line, network, topic)
    const answer = await line.client(Topics).publish({ network, topic, message, only: [...(values.only ?? [])] }, line.options)
    terminal.result(jsonOf(PublishResponseSchema, answer), deliveryText(answer))
    return undefined
  })
}

/** Messages as they come, until Ctrl-C: time, who sent it, and what. */
export async function tailTopic(caller: Caller & { readonly values: TopicValues }, topic: string): Promise<undefined> {
  const { terminal, values } = caller
  let network: string | undefined
  await follow(caller, {
    open: async (line, { cursor, signal }) => {
      network ??= (await line.network(values.network)).network
      if (values.declare === true) await declare(line, network, topic)
      return line.client(Topics).watchTopic({ network, topic, cursor }, { signal })
    },
    take: ({ message }) => {
      if (message !== undefined) terminal.result(jsonOf(TopicMessageSchema, message), messageText(message, terminal, values.hex === true))
      return undefined
    },
  })
  return undefined
}

/** Where nobody here has it: one that a program has declared keeps that program's limits. */
async function declare(line: NodeLine, network: string, topic: string): Promise<void> {
  const topics = line.client(Topics)
  const { topics: known } = await topics.listTopics({ network }, line.options)
  if (known.every(({ name }) => name !== topic)) await topics.declare({ network, topic, ...USUAL_LIMITS }, line.options)
}

const MESSAGE_COLUMNS: readonly Column<TopicMessage>[] = [
  { name: 'TIME', value: ({ received }) => timeText(received) },
  { name: 'FROM', value: ({ source }) => source },
]

/** What is no text is shown in hexadecimal digits. */
function messageText(message: TopicMessage, { sheet }: Terminal, hex: boolean): string {
  const { payload, received, source } = message
  const text = Buffer.from(payload).toString('utf8')
  const shown = hex || !Buffer.from(text).equals(Buffer.from(payload)) ? `0x${Buffer.from(payload).toString('hex')}` : plainText(text)
  return sheet.isScreen ? `${sheet.colours.dim(timeText(received))} ${sheet.colours.accent(source)}\n${shown}` : `${lineOf(MESSAGE_COLUMNS, message)}\t${shown}`
}

function deliveryText({ messageId, way, sent, taken, undelivered }: PublishResponse): string {
  const parts = [`sent to ${sent.length} ${sent.length === 1 ? 'peer' : 'peers'}${way === '' ? '' : ` (${way})`}`]
  if (taken.length > 0) parts.push(`taken by ${taken.length}`)
  if (undelivered.length > 0) parts.push(`not by ${undelivered.map(({ peerId, reason }) => `${peerId} (${reason})`).join(', ')}`)
  return `${messageId}  ${parts.join(', ')}`
}
