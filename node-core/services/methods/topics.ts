/** `nodestead.v1.Topics`: messages of a network that is open to services and programs. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import type { Delivery, TopicFigures } from '../../net/topics/service-topic.ts'
import type { PublishOptions } from '../../net/topics/topic-table.ts'
import { endOf, networkOf, timeOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { PublishResponseSchema, ServiceTopicSchema, TopicMessageSchema, Topics } from '../proto/nodestead/v1/topics_pb.ts'
import { follow } from '../streams/feed.ts'
import type { ReceivedMessage } from '../streams/topic-feeds.ts'
import { openNet } from './open-net.ts'

export function topicsMethods(ctx: ServiceContext): ServiceImpl<typeof Topics> {
  const { topics } = ctx
  return {
    listTopics: (request) => {
      const { id } = networkOf(ctx, request)
      const net = openNet(ctx, request)
      return { topics: net.topics.figures().map((figures) => serviceTopic(figures, topics.isDeclared(id, net, figures.name))) }
    },
    publish: async (request) => published(await openNet(ctx, request).topics.publish(request.topic, request.message, { to: audienceOf(request) })),
    async *watchTopic(request, context) {
      const { feed, leave } = topics.watch(openNet(ctx, request), request.topic)
      try {
        const place = request.cursor === '' ? feed.next : feed.placeOf(request.cursor)
        yield { cursor: feed.cursorOf(place) }
        for await (const { cursor, event } of follow(feed, place, endOf(context))) {
          if (event.kind === 'closed') throw new ServiceError('SERVICE_TOPIC_CLOSED', `The topic ${request.topic} was taken back, or the node stopped.`, { hint: 'Open the stream again when the topic is declared.' })
          yield { cursor, message: topicMessage(event) }
        }
      } finally {
        leave()
      }
    },
    declare: (request) => {
      const { id } = networkOf(ctx, request)
      const { topic, maxMessageBytes, messagesPerSecond, burst, mesh } = request
      topics.declare(id, openNet(ctx, request), { name: topic, maxMessageBytes, rate: { perSecond: messagesPerSecond, burst }, topology: mesh ? 'mesh' : 'open' })
      return {}
    },
    undeclare: (request) => ({ wasDeclared: topics.undeclare(networkOf(ctx, request).id, openNet(ctx, request), request.topic) }),
  }
}

function audienceOf({ only, except }: { readonly only: readonly string[]; readonly except: readonly string[] }): NonNullable<PublishOptions['to']> {
  if (only.length > 0 && except.length > 0) throw new ServiceError('SERVICE_BAD_REQUEST', 'A message goes to a list of peers, or to all but a list, not both.', { hint: 'Leave one of the lists empty.' })
  if (only.length > 0) return { only }
  return except.length > 0 ? { except } : 'everybody'
}

function published({ id, way, sent, taken, undelivered }: Delivery): MessageInitShape<typeof PublishResponseSchema> {
  return { messageId: id, way: way ?? '', sent: [...sent], taken: [...taken], undelivered: undelivered.map(({ peer, reason }) => ({ peerId: peer, reason })) }
}

function topicMessage({ id, source, payload, way, at }: ReceivedMessage): MessageInitShape<typeof TopicMessageSchema> {
  return { messageId: id, source, payload, way: way ?? '', received: timeOf(at) }
}

function serviceTopic({ name, peers, services, senders, ways }: TopicFigures, declaredHere: boolean): MessageInitShape<typeof ServiceTopicSchema> {
  return {
    name, peers: [...peers], declaredHere,
    subscribers: services.map(({ service, received, dropped, waiting, waitingBytes }) => ({ service, received: BigInt(received), dropped: BigInt(dropped), waiting: BigInt(waiting), waitingBytes: BigInt(waitingBytes) })),
    senders: senders.map(({ peer, messages, bytes, lastAt }) => ({ peerId: peer, messages: BigInt(messages), bytes: BigInt(bytes), last: timeOf(lastAt) })),
    ways: ways.map(({ way, delivered, duplicates }) => ({ way, delivered: BigInt(delivered), duplicates: BigInt(duplicates) })),
  }
}
