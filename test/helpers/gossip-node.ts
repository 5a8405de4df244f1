/** A host with gossipsub and one topic of it, for tests: the product's host, service and spreader. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../node-core/base/clock.ts'
import type { PeerFault, Verdict } from '../../node-core/network/contracts.ts'
import { startHost, stopHost, type Host } from '../../node-core/network/host/host.ts'
import { loadIdentity } from '../../node-core/network/host/identity.ts'
import { Traffic } from '../../node-core/network/host/traffic.ts'
import { ProtocolNames } from '../../node-core/network/protocol-names.ts'
import { GossipSpreader, type GossipKind } from '../../node-core/network/spread/gossip.ts'
import { messageId, sha256 } from '../../node-core/network/spread/message-id.ts'
import { Seen } from '../../node-core/network/spread/seen.ts'
import type { Arrival, SpreadReport } from '../../node-core/network/spread/spread.ts'
import { eventually, PREFIX } from './network.ts'

export interface GossipNodeOptions {
  readonly topic: string
  readonly kind?: GossipKind
  readonly maxContentBytes?: number
  readonly judge?: (arrival: Arrival) => Verdict
}

export class GossipNode {
  readonly host: Host
  readonly spreader: GossipSpreader
  readonly arrivals: Arrival[] = []
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[] = []
  readonly #topic: string
  readonly #kind: GossipKind
  readonly #folder: string

  static async start(options: GossipNodeOptions): Promise<GossipNode> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-gossip-'))
    const host = await startHost({
      identity: await loadIdentity(folder, undefined),
      names: new ProtocolNames({ prefix: PREFIX }),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      mdns: false,
      relayServer: false,
      openTable: false,
      gossip: ['signed', 'unsigned'],
      maxConnections: 20,
      gater: {},
      metrics: new Traffic().component(),
    })
    const node = new GossipNode(host, folder, options)
    node.spreader.start()
    return node
  }

  private constructor(host: Host, folder: string, { topic, kind = 'signed', maxContentBytes = 512 * 1024, judge = () => ({ kind: 'accept' }) }: GossipNodeOptions) {
    this.host = host
    this.#folder = folder
    this.#topic = topic
    this.#kind = kind
    const seen = new Seen({ clock: systemClock }, { entries: 1_000, spanMs: 120_000 })
    this.spreader = new GossipSpreader(
      {
        gossip: () => this.#service(),
        topic,
        judge: { report: (peer, fault) => this.faults.push({ peer, fault }), reward: () => undefined },
        sink: {
          has: (id) => seen.has(id),
          deliver: (arrival) => {
            if (!seen.add(arrival.id)) return { kind: 'ignore', reason: 'duplicate' }
            this.arrivals.push(arrival)
            return judge(arrival)
          },
        },
      },
      { maxContentBytes },
    )
  }

  get id(): string {
    return this.host.peerId.toString()
  }

  get address(): string {
    return this.host.getMultiaddrs()[0]?.toString() ?? ''
  }

  async dial(address: string): Promise<void> {
    await this.host.dial(multiaddr(address))
  }

  /** Once the peer's streams of gossip and its subscription are here. */
  async meets(peer: string): Promise<void> {
    await eventually(() => this.#service().getSubscribers(this.#topic).some((id) => id.toString() === peer), 'a subscriber of the topic')
  }

  /** Once the peer is one of those that this node passes messages on to: the other side may see it as such earlier. */
  async meshes(peer: string): Promise<void> {
    const { mesh } = this.#service() as unknown as { readonly mesh: ReadonlyMap<string, ReadonlySet<string>> }
    await eventually(() => mesh.get(this.#topic)?.has(peer) === true, 'a peer in the mesh')
  }

  async send(content: Uint8Array): Promise<SpreadReport> {
    const nonce = new Uint8Array(8)
    return this.spreader.spread({ id: messageId(this.#topic, this.id, nonce, sha256(content)), nonce, content })
  }

  async stop(): Promise<void> {
    this.spreader.stop()
    await stopHost(this.host)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #service() {
    const { gossipSigned, gossipUnsigned } = this.host.services
    const service = this.#kind === 'signed' ? gossipSigned : gossipUnsigned
    if (service === undefined) throw new Error('the host has no gossip of this kind')
    return service
  }
}
