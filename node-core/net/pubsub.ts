/**
 * Topics as the libp2p daemon's protocol knows them, upon the host's gossipsub: names that programs choose, and bytes to everybody who subscribed, whoever
 * published them among them. Other implementations of libp2p are on the same topics.
 */
import type { GossipsubMessage } from '@libp2p/gossipsub'
import type { Disposer } from '../base/disposers.ts'
import { NodeError } from '../base/errors.ts'
import type { GossipTopics } from '../network/spread/gossip.ts'
import type { PubSub, PubSubMessage } from './ipc/ports.ts'

export interface GossipPubSubDependencies {
  /** Of the running host, where it has it. */
  readonly gossip: () => GossipTopics | undefined
  readonly peerId: () => string
}

export class GossipPubSub implements PubSub {
  readonly #deps: GossipPubSubDependencies
  readonly #listeners = new Map<string, Set<(message: PubSubMessage) => void>>()
  #hearing: Disposer | undefined

  constructor(dependencies: GossipPubSubDependencies) {
    this.#deps = dependencies
  }

  topics(): readonly string[] {
    return [...this.#listeners.keys()]
  }

  peers(topic: string): readonly string[] {
    return this.#deps.gossip()?.getSubscribers(topic).map((peer) => peer.toString()) ?? []
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    await this.#gossip().publish(topic, data)
    this.#tell({ from: this.#deps.peerId(), data, topic })
  }

  subscribe(topic: string, listener: (message: PubSubMessage) => void): Disposer {
    const gossip = this.#gossip()
    const listeners = this.#listeners.get(topic) ?? new Set()
    if (listeners.size === 0) gossip.subscribe(topic)
    this.#listeners.set(topic, listeners.add(listener))
    this.#hear(gossip)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(topic) !== listeners) return
      this.#listeners.delete(topic)
      this.#deps.gossip()?.unsubscribe(topic)
      if (this.#listeners.size === 0) {
        this.#hearing?.()
        this.#hearing = undefined
      }
    }
  }

  #hear(gossip: GossipTopics): void {
    if (this.#hearing !== undefined) return
    const onMessage = ({ detail: { msg } }: CustomEvent<GossipsubMessage>): void => {
      const signed = msg.type === 'signed' ? { from: msg.from.toString(), sequenceNumber: bigEndian(msg.sequenceNumber), signature: msg.signature } : { from: undefined }
      this.#tell({ ...signed, data: msg.data, topic: msg.topic })
    }
    gossip.addEventListener('gossipsub:message', onMessage)
    this.#hearing = () => gossip.removeEventListener('gossipsub:message', onMessage)
  }

  #tell(message: PubSubMessage): void {
    for (const listener of this.#listeners.get(message.topic) ?? []) listener(message)
  }

  #gossip(): GossipTopics {
    const gossip = this.#deps.gossip()
    if (gossip === undefined) throw new NodeError('NET_NO_GOSSIP', 'This node does not run, or has no open topics.', { hint: 'Start the node.' })
    return gossip
  }
}

function bigEndian(number: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, number)
  return bytes
}
