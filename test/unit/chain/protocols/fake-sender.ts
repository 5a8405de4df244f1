/** Remembers what was sent to whom. */
import type { Recipients, TopicName, TopicSender } from '../../../../node-core/network/contracts.ts'

export interface Sent {
  readonly topic: TopicName
  readonly message: Uint8Array
  readonly to: Recipients
  readonly kind: string | undefined
}

export class FakeSender implements TopicSender {
  readonly sent: Sent[] = []

  send(topic: TopicName, message: Uint8Array, to: Recipients, kind?: string): void {
    this.sent.push({ topic, message, to, kind })
  }

  openPeers(): readonly string[] {
    return []
  }

  /** What `peer` was sent since the last call, decoded. */
  take<T>(peer: string, decode: (message: Uint8Array) => T): T[] {
    const mine = this.sent.filter(({ to }) => 'only' in to && to.only.includes(peer))
    for (const one of mine) {
      const { only } = one.to as { only: readonly string[] }
      const rest = only.filter((other) => other !== peer)
      const at = this.sent.indexOf(one)
      if (rest.length === 0) this.sent.splice(at, 1)
      else this.sent[at] = { ...one, to: { only: rest } }
    }
    return mine.map(({ message }) => decode(message))
  }
}
