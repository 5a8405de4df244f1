/** Peers on real sockets that speak our protocols and serve blocks badly: slowly, wrongly, or not at all. */
import type { Clock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { RequestAnswer } from '../../node-core/network/contracts.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import { encodeStatus } from '../../node-core/network/protocols/block-announces.ts'
import { SYNC_SPEC } from '../../node-core/network/requests/index.ts'
import { blockDataMessage, decodeBlockResponse, encodeBlockResponse } from '../../node-core/network/requests/sync-messages.ts'
import { syncHandler } from '../../node-core/network/requests/sync.ts'
import type { BlockRef, BlockStateReader } from '../../node-core/state/types.ts'
import { RecordingTopic } from './network.ts'

/** Turns an honest answer into what this peer gives; `count` is how many requests it has had, this one included. */
export type Behaviour = (honest: Uint8Array, count: number, clock: Clock) => Promise<Uint8Array>

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
}

export class BadPeer {
  readonly network: NetworkService
  /** Requests for blocks so far. */
  requests = 0

  static async start(options: BadPeerOptions): Promise<BadPeer> {
    const peer = new BadPeer(options)
    await peer.network.start()
    return peer
  }

  private constructor({ behaviour, claims, blocks, clock, dataPath }: BadPeerOptions) {
    const { genesisHash } = blocks
    this.network = new NetworkService(
      { logger: silentLogger, clock, genesisHash: () => genesisHash },
      { port: 0, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], dataPath },
    )
    const status = new RecordingTopic('block-announces', { maxHandshakeBytes: 69, maxMessageBytes: 1024 * 1024 })
    status.greeting = encodeStatus({ role: 'FULL', best: claims, genesisHash })
    this.network.registerTopic(status)
    const honest = syncHandler({ blocks, authorityChange: () => undefined })
    this.network.registerRequests({
      spec: SYNC_SPEC,
      onRequest: async (peer, request, signal): Promise<RequestAnswer> => {
        const count = ++this.requests
        const answer = await honest.onRequest(peer, request, signal)
        return answer.kind === 'refuse' ? answer : { kind: 'response', bytes: await behaviour(answer.bytes, count, clock) }
      },
    })
  }

  get id(): string {
    return this.network.localPeerId
  }

  get address(): string {
    return this.network.listenAddresses()[0] ?? ''
  }

  stop(): Promise<void> {
    return this.network.stop()
  }
}
