/** Peers on real sockets that speak our protocols, take down what they are asked, and serve blocks badly: slowly, wrongly, or not at all. */
import { toHex } from '../../node-core/base/bytes.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { RequestAnswer } from '../../node-core/network/contracts.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import { encodeAnnounce, encodeStatus } from '../../node-core/chain/protocols/announce-messages.ts'
import { chainNamespace } from '../../node-core/chain/protocols/names.ts'
import { SYNC_SPEC } from '../../node-core/chain/protocols/requests/index.ts'
import { blockDataMessage, decodeBlockResponse, encodeBlockResponse } from '../../node-core/chain/protocols/requests/sync-messages.ts'
import { syncHandler } from '../../node-core/chain/protocols/requests/sync.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import type { BlockStateReader } from '../../node-core/chain/state/types.ts'
import { RecordingTopic } from './network.ts'

/** Turns an honest answer into what this peer gives; `count` is how many requests it has had, this one included. */
export type Behaviour = (honest: Uint8Array, count: number, clock: Clock) => Promise<Uint8Array>

/** Answers rightly. */
export const honest: Behaviour = (answer) => Promise.resolve(answer)

/** Answers rightly, each time after `ms`. */
export function slow(ms: number): Behaviour {
  return (honest, _count, clock) => new Promise((resolve) => clock.schedule(ms, () => resolve(honest)))
}

/** Answers once, so that it is trusted with more; never again. */
export const stopsAnswering: Behaviour = (honest, count) => (count === 1 ? Promise.resolve(honest) : new Promise(() => undefined))

/** In turn: bytes that are no response, a header that is not the block's, blocks that do not follow each other. */
export const garbage: Behaviour = async (honest, count) => {
  if (count % 3 === 1) return Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 0xff)
  const blocks = decodeBlockResponse(honest, 128)
  const wrong =
    count % 3 === 2
      ? blocks.map((block) => ({ ...block, header: block.header.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }))
      : [...blocks.slice(0, 1), ...blocks.slice(2)].map((block, _, all) => (all.length === 1 ? { ...block, header: block.header.subarray(1) } : block))
  return encodeBlockResponse(wrong.map((block) => blockDataMessage(block, true)))
}

export interface BadPeerOptions {
  readonly behaviour: Behaviour
  /** What it says is its best block. */
  readonly claims: BlockRef
  /** Whose blocks it serves. */
  readonly blocks: BlockStateReader
  readonly clock: Clock
  readonly dataPath: string
  /** Whom it calls. */
  readonly bootnodes?: readonly string[]
}

export class BadPeer {
  readonly network: NetworkService
  /** Requests for blocks so far. */
  requests = 0
  /** The same, word for word. */
  readonly asked: { readonly peer: string; readonly request: string; readonly at: number }[] = []

  static async start(options: BadPeerOptions): Promise<BadPeer> {
    const peer = new BadPeer(options)
    await peer.network.start()
    return peer
  }

  private constructor({ behaviour, claims, blocks, clock, dataPath, bootnodes = [] }: BadPeerOptions) {
    const { genesisHash } = blocks
    this.network = new NetworkService(
      { logger: silentLogger, clock, namespace: () => chainNamespace(genesisHash, {}) },
      { port: 0, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], dataPath, bootnodes },
    )
    const status = new RecordingTopic('block-announces', { maxHandshakeBytes: 69, maxMessageBytes: 1024 * 1024 })
    status.greeting = encodeStatus({ role: 'FULL', best: claims, genesisHash })
    this.network.topics.register(status)
    const honest = syncHandler({ blocks, authorityChange: () => undefined })
    this.network.requests.register({
      spec: SYNC_SPEC,
      onRequest: async (peer, request, signal): Promise<RequestAnswer> => {
        const count = ++this.requests
        this.asked.push({ peer, request: toHex(request), at: clock.now() })
        const answer = await honest.onRequest(peer, request, signal)
        return answer.kind === 'refuse' ? answer : { kind: 'response', bytes: await behaviour(answer.bytes, count, clock) }
      },
    })
  }

  get id(): string {
    return this.network.state.localPeerId
  }

  get address(): string {
    return this.network.state.listenAddresses()[0] ?? ''
  }

  /** Says that this is its best block now. */
  announce(header: Header): void {
    this.network.topics.send('block-announces', encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) }), { except: [] })
  }

  /** What somebody asked again within a minute. */
  repeats(): string[] {
    return this.asked.flatMap(({ peer, request, at }, i) => {
      const before = this.asked.slice(0, i).findLast((earlier) => earlier.peer === peer && earlier.request === request)
      return before !== undefined && at - before.at < 60_000 ? [`${request} after ${at - before.at} ms`] : []
    })
  }

  stop(): Promise<void> {
    return this.network.stop()
  }
}
