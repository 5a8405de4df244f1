/**
 * Topics over the daemon's protocol. A program sees and hears only topics that its scopes name. After a subscription the connection carries the topic's messages until
 * the program closes it; one that reads too slowly loses its own oldest messages, and nobody waits for it.
 */
import { isFieldSet } from '@bufbuild/protobuf'
import type { Disposer } from '../../../base/disposers.ts'
import { invalidRequest, IpcError } from '../errors.ts'
import type { IpcLimits } from '../limits.ts'
import type { Line } from '../line.ts'
import type { PubSub } from '../ports.ts'
import type { Program } from '../programs.ts'
import { OutboundQueue } from '../../../network/peers/outbound-queue.ts'
import { encodeOk, encodePubSubMessage, peerBytes } from './messages.ts'
import { PSRequest_Type, PSRequestSchema, type PSRequest } from './p2pd_pb.ts'

const MAX_TOPIC = 256

export class DaemonPubSub {
  readonly #pubsub: PubSub | undefined
  readonly #limits: IpcLimits
  readonly #onDropped: (program: string, count: number) => void

  constructor(dependencies: { readonly pubsub: PubSub | undefined; readonly onDropped: (program: string, count: number) => void }, limits: IpcLimits) {
    this.#pubsub = dependencies.pubsub
    this.#onDropped = dependencies.onDropped
    this.#limits = limits
  }

  /** Resolves with true where the connection was a subscription, which has ended; `onSubscribed` is told when it becomes one. */
  async answer(program: Program, request: PSRequest, line: Line, onSubscribed: () => void): Promise<boolean> {
    program.may.require('topics')
    if (this.#pubsub === undefined) throw new IpcError('NET_NOT_SUPPORTED', 'This node has no topics that are open to programs.')
    if (!isFieldSet(request, PSRequestSchema.field.type)) throw invalidRequest('The request asks nothing of topics.')
    switch (request.type) {
      case PSRequest_Type.GET_TOPICS:
        line.write(encodeOk({ pubsub: { topics: this.#pubsub.topics().filter((topic) => program.may.allows('topics', topic)) } }))
        return false
      case PSRequest_Type.LIST_PEERS:
        line.write(encodeOk({ pubsub: { peerIDs: this.#peers(this.#pubsub, program, request).map(peerBytes) } }))
        return false
      case PSRequest_Type.PUBLISH:
        await this.#pubsub.publish(topicOf(program, request), request.data)
        line.write(encodeOk())
        return false
      case PSRequest_Type.SUBSCRIBE:
        await this.#subscribe(this.#pubsub, program, topicOf(program, request), line, onSubscribed)
        return true
    }
  }

  /** The Go client names no topic: it gets those of all that the program may use. */
  #peers(pubsub: PubSub, program: Program, request: PSRequest): readonly string[] {
    if (isFieldSet(request, PSRequestSchema.field.topic)) return pubsub.peers(topicOf(program, request))
    const topics = pubsub.topics().filter((topic) => program.may.allows('topics', topic))
    return [...new Set(topics.flatMap((topic) => pubsub.peers(topic)))]
  }

  async #subscribe(pubsub: PubSub, program: Program, topic: string, line: Line, onSubscribed: () => void): Promise<void> {
    const waiting = new OutboundQueue(this.#limits.waitingMessages, this.#limits.waitingBytes)
    let pumping = false
    const pump = async (): Promise<void> => {
      if (pumping) return
      pumping = true
      for (let message = waiting.shift(); message !== undefined && !line.gone.aborted; message = waiting.shift()) if (!line.write(message)) await line.drained()
      pumping = false
    }
    const unsubscribe: Disposer = pubsub.subscribe(topic, (message) => {
      const dropped = waiting.push(encodePubSubMessage(message))
      if (dropped > 0) this.#onDropped(program.name, dropped)
      void pump()
    })
    // Messages come later than this turn: the answer stands in front of them.
    line.write(encodeOk())
    onSubscribed()
    try {
      // Nothing is said on it any more: whatever comes is skipped until the program is gone.
      while ((await line.read(this.#limits.messageBytes).catch(() => undefined)) !== undefined);
      if (!line.gone.aborted) await new Promise<void>((resolve) => line.gone.addEventListener('abort', () => resolve(), { once: true }))
    } finally {
      unsubscribe()
      waiting.clear()
    }
  }
}

/** Throws NET_REQUEST_INVALID, NET_SCOPE_MISSING. */
function topicOf(program: Program, request: PSRequest): string {
  if (!isFieldSet(request, PSRequestSchema.field.topic)) throw invalidRequest('The request names no topic.')
  if (request.topic.length > MAX_TOPIC) throw invalidRequest(`A topic's name has ${MAX_TOPIC} characters at most.`)
  program.may.requireNamed('topics', request.topic)
  return request.topic
}
