/** Nodes that speak the tree over links in memory, on a fake clock: the spreader as it is, frames and signatures and all. */
import type { Clock } from '../../../node-core/base/clock.ts'
import { MalformedError } from '../../../node-core/base/errors.ts'
import { ed25519VerifyStrict } from '../../../node-core/crypto/ed25519/ed25519.ts'
import type { PeerFault, Verdict } from '../../../node-core/network/contracts.ts'
import { NodeIdentity } from '../../../node-core/network/host/identity.ts'
import { messageId, sha256 } from '../../../node-core/network/spread/message-id.ts'
import { Seen } from '../../../node-core/network/spread/seen.ts'
import type { Arrival, LinkListener, OutgoingMessage, SpreadReport } from '../../../node-core/network/spread/spread.ts'
import { decodeTreeFrame, type TreeFrame } from '../../../node-core/network/spread/tree/frames.ts'
import type { TreeOptions } from '../../../node-core/network/spread/tree/options.ts'
import { TreeSpreader } from '../../../node-core/network/spread/tree/tree-spreader.ts'
import { Random } from '../../fuzz/random.ts'

export const NETWORK = 'tree-net'
export const TOPIC = 'news'
const DELAY_MS = 50

export class TreeNode {
  readonly identity: NodeIdentity
  readonly spreader: TreeSpreader
  readonly arrivals: Arrival[] = []
  readonly faults: PeerFault[] = []
  /** What it was sent, decoded. */
  readonly received: { readonly from: string; readonly frame: TreeFrame }[] = []
  readonly verdicts: Verdict[] = []
  readonly peers = new Set<TreeNode>()
  /** Says nothing of its own. */
  isSilent = false
  verdict: (arrival: Arrival) => Verdict = () => ({ kind: 'accept' })
  listener: LinkListener | undefined
  readonly #seen: Seen

  constructor(net: TreeNet, number: number, options: Partial<TreeOptions>) {
    this.identity = new NodeIdentity(new Random(number, 77).bytes(32))
    this.#seen = new Seen(net, { entries: 1000, spanMs: 600_000 })
    const random = new Random(number)
    this.spreader = new TreeSpreader(
      {
        clock: net.clock,
        random: () => random.u32() / 2 ** 32,
        distance: () => 2 * DELAY_MS,
        network: NETWORK,
        sign: (bytes) => this.identity.sign(bytes),
        verify: ed25519VerifyStrict,
        judge: { report: (_, fault) => this.faults.push(fault), reward: () => undefined },
        sink: {
          has: (id) => this.#seen.has(id),
          deliver: (arrival) => {
            if (!this.#seen.add(arrival.id)) return { kind: 'ignore', reason: 'duplicate' }
            this.arrivals.push(arrival)
            return this.verdict(arrival)
          },
        },
        links: {
          topic: TOPIC,
          localPeer: this.id,
          maxFrameBytes: 100_000,
          peers: () => [...this.peers].map(({ id }) => id),
          send: (peers, frame) => peers.filter((peer) => net.send(this, peer, frame)),
          listen: (listener) => {
            this.listener = listener
            return () => (this.listener = undefined)
          },
        },
      },
      options,
    )
    this.spreader.start()
  }

  get id(): string {
    return this.identity.peerId
  }

  spread(content: Uint8Array, nonce = new Uint8Array(8)): SpreadReport & { readonly message: OutgoingMessage } {
    const message = { id: messageId(TOPIC, this.id, nonce, sha256(content)), nonce, content }
    this.#seen.add(message.id)
    return { ...this.spreader.spread(message), message }
  }

  copies(): number {
    return this.received.filter(({ frame }) => frame.kind === 'copy').length
  }
}

export class TreeNet {
  readonly clock: Clock
  readonly nodes: TreeNode[] = []
  readonly #byId = new Map<string, TreeNode>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Nodes that are all linked with each other and with those that are here. */
  add(count: number, options: Partial<TreeOptions> = {}): TreeNode[] {
    return Array.from({ length: count }, () => {
      const node = new TreeNode(this, this.nodes.length + 1, options)
      for (const other of this.nodes) this.link(node, other)
      this.nodes.push(node)
      this.#byId.set(node.id, node)
      return node
    })
  }

  link(a: TreeNode, b: TreeNode): void {
    a.peers.add(b)
    b.peers.add(a)
    a.listener?.onOpen(b.id)
    b.listener?.onOpen(a.id)
  }

  unlink(a: TreeNode, b: TreeNode): void {
    a.peers.delete(b)
    b.peers.delete(a)
    a.listener?.onClosed(b.id)
    b.listener?.onClosed(a.id)
  }

  send(from: TreeNode, peer: string, frame: Uint8Array): boolean {
    const to = this.#byId.get(peer)
    if (to === undefined || !from.peers.has(to)) return false
    if (!from.isSilent) this.clock.schedule(DELAY_MS, () => this.deliver(from, to, frame))
    return true
  }

  /** As if `from` had sent it. */
  deliver(from: TreeNode, to: TreeNode, bytes: Uint8Array): void {
    if (!to.peers.has(from) || to.listener === undefined) return
    try {
      to.received.push({ from: from.id, frame: decodeTreeFrame(bytes, 1e6) })
      void Promise.resolve(to.listener.onFrame(from.id, bytes)).then((verdict) => to.verdicts.push(verdict))
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      to.verdicts.push({ kind: 'reject', fault: { code: error.code, cost: -1 } })
    }
  }
}
