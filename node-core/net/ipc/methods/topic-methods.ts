/**
 * Topics for programs. A program that takes messages too slowly loses its own oldest, which the session counts and tells it of; nobody else waits. The service under which
 * it subscribes has the program's name in front, so that people see whose it is, and two programs never take each other's.
 */
import type { Disposer } from '../../../base/disposers.ts'
import type { Audience } from '../../../network/spread/topic-spread.ts'
import type { TopicMessage } from '../../topics/descriptor.ts'
import type { TopicTable } from '../../topics/topic-table.ts'
import { invalidRequest, IpcError } from '../errors.ts'
import { Topics, type PublishRequest } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { TOPOLOGIES, WAYS } from '../words.ts'
import { Allowance, MOST_PAYLOAD_BYTES } from './allowances.ts'
import { whileCalled } from './lasting.ts'

/** Messages that wait for a program. */
const QUEUE = 1024
const MAX_SERVICE = 64
const MAX_RECIPIENTS = 4096

export function registerTopicMethods(methods: Methods, topics: Pick<TopicTable, 'declare' | 'declared' | 'subscribe' | 'publish' | 'figures'>): Disposer {
  const declared = new Allowance('topics')
  const subscribed = new Allowance('subscriptions')
  const { list, declare, subscribe, publish } = Topics.method
  const disposers = [
    methods.register(list, { scopes: ['topics'] }, (_request, { program }) => ({
      topics: topics
        .figures()
        .filter(({ name }) => program.may.allows('topics', name))
        .map(({ name, peers }) => ({ name, peers: [...peers], maxMessageBytes: topics.declared(name)?.maxMessageBytes ?? 0 })),
    })),

    methods.registerStream(declare, { scopes: ['topics'], queueItems: 1, whenSlow: 'hold' }, async ({ name, maxMessageBytes, perSecond, burst, queueLength, topology, large, way }, { program, signal }, sink) => {
      program.may.requireNamed('topics', name)
      const takesLarge = WAYS.word(large)
      if (takesLarge !== undefined && takesLarge !== 'gossip' && takesLarge !== 'tree') throw invalidRequest('Large messages of a topic take gossip or the tree.')
      if (maxMessageBytes > MOST_PAYLOAD_BYTES) throw tooLong(maxMessageBytes)
      const free = declared.take(program.name)
      try {
        const withdraw = topics.declare({
          name,
          maxMessageBytes,
          rate: { perSecond, burst },
          ...(queueLength === 0 ? {} : { queueLength }),
          topology: TOPOLOGIES.word(topology) ?? 'open',
          large: takesLarge ?? 'gossip',
          way: WAYS.word(way),
        })
        void sink.send({})
        await whileCalled(signal, withdraw)
      } finally {
        free()
      }
    }),

    methods.registerStream(subscribe, { scopes: ['topics'], queueItems: QUEUE, whenSlow: 'drop' }, async ({ topic, service }, { program, signal }, sink) => {
      program.may.requireNamed('topics', topic)
      const longest = topics.declared(topic)?.maxMessageBytes ?? 0
      if (longest > MOST_PAYLOAD_BYTES) throw tooLong(longest)
      const free = subscribed.take(program.name)
      try {
        const closed = new AbortController()
        const unsubscribe = topics.subscribe(topic, serviceOf(program.name, service), (message) => void sink.send({ event: { case: 'message', value: messageOf(message) } }), { onClosed: () => closed.abort() })
        void sink.send({ event: { case: 'ready', value: {} } })
        await whileCalled(AbortSignal.any([signal, closed.signal]), unsubscribe)
      } finally {
        free()
      }
    }),

    methods.register(publish, { scopes: ['topics'] }, async ({ topic, data, recipients, service, way }, { program }) => {
      program.may.requireNamed('topics', topic)
      const delivery = await topics.publish(topic, data, { to: audienceOf(recipients), service: serviceOf(program.name, service), way: WAYS.word(way) })
      return {
        id: delivery.id,
        way: WAYS.number(delivery.way),
        sent: [...delivery.sent],
        taken: [...delivery.taken],
        undelivered: delivery.undelivered.map(({ peer, reason }) => ({ peer, reason })),
      }
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

function messageOf({ topic, id, source, payload, way }: TopicMessage): { readonly topic: string; readonly id: string; readonly source: string; readonly data: Uint8Array; readonly way: ReturnType<typeof WAYS.number> } {
  return { topic, id, source, data: payload, way: WAYS.number(way) }
}

function audienceOf(recipients: PublishRequest['recipients']): Audience {
  if (recipients.case !== 'only' && recipients.case !== 'except') return 'everybody'
  const { peers } = recipients.value
  if (peers.length > MAX_RECIPIENTS) throw invalidRequest(`The request names more than ${MAX_RECIPIENTS} peers.`)
  return recipients.case === 'only' ? { only: peers } : { except: peers }
}

function serviceOf(program: string, service: string): string {
  if (service.length > MAX_SERVICE) throw invalidRequest(`The name of a service has ${MAX_SERVICE} characters at most.`)
  return service === '' ? program : `${program}:${service}`
}

function tooLong(bytes: number): IpcError {
  return new IpcError('NET_REQUEST_INVALID', `Messages of this topic may have ${bytes} bytes; a program can be given ${MOST_PAYLOAD_BYTES} at once.`, {
    data: { bytes, maxBytes: MOST_PAYLOAD_BYTES },
    hint: 'Declare the topic with shorter messages, and share what is longer as a resource.',
  })
}
