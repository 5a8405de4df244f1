/** Nodes on loopback with a mailbox each: started, ended as if they were killed, and started again on their data. */
import { systemClock, type Clock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { ReceivedMessage } from '../../node-core/net/sealed/inbox.ts'
import { Mailbox, type MailboxDependencies, type MailboxEvents, type MailboxOptions } from '../../node-core/net/sealed/mailbox.ts'
import { nodeKey } from '../../node-core/network/node-key.ts'
import type { PeerFault } from '../../node-core/network/contracts.ts'
import { loadIdentity } from '../../node-core/network/host/identity.ts'
import type { StreamDoor } from '../../node-core/network/streams.ts'
import { TestNetwork, type TestPeer } from './network.ts'

export interface MailNode extends TestPeer {
  readonly mailbox: Mailbox
  /** What the service `chat` got, as text. */
  readonly got: string[]
  readonly messages: ReceivedMessage[]
  readonly delivered: MailboxEvents['delivered'][]
  readonly lost: MailboxEvents['lost'][]
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[]
}

export interface Behaviour {
  readonly clock?: Clock
  readonly relays?: readonly string[]
  /** `chat` takes messages from the start on. */
  readonly serves?: boolean
  /** It searches for recipients that are not connected, which takes its time where nobody else is there. */
  readonly finds?: boolean
}

export class MailNetwork {
  readonly #net = new TestNetwork()
  readonly #mailboxes: Mailbox[] = []

  /** `dataPath`: of a node that was there before. */
  async start({ dataPath, clock = systemClock, relays = [], serves = true, finds = true, ...options }: Partial<MailboxOptions> & Behaviour = {}): Promise<MailNode> {
    const peer = await this.#net.start([], dataPath === undefined ? {} : { dataPath })
    const [got, messages, delivered, lost, faults]: [string[], ReceivedMessage[], MailboxEvents['delivered'][], MailboxEvents['lost'][], MailNode['faults']] = [[], [], [], [], []]
    const mailbox = new Mailbox(
      {
        door: finds ? peer.network.streams : unfinding(peer.network.streams),
        key: nodeKey(await loadIdentity(peer.dataPath, undefined)),
        judge: { report: (from, fault) => void faults.push({ peer: from, fault }) },
        clock,
        logger: silentLogger,
        relays: () => relays,
      },
      { keepsForOthers: true, ...options, dataPath: peer.dataPath },
    )
    mailbox.events.on('delivered', (event) => delivered.push(event))
    mailbox.events.on('lost', (event) => lost.push(event))
    const node = { ...peer, mailbox, got, messages, delivered, lost, faults }
    if (serves) serveChat(node)
    await mailbox.start()
    this.#mailboxes.push(mailbox)
    return node
  }

  /** Mailbox and node; what they have on disk stays. */
  async end({ mailbox, network }: MailNode): Promise<void> {
    await mailbox.stop()
    await network.stop()
  }

  async stop(): Promise<void> {
    for (const mailbox of this.#mailboxes) await mailbox.stop()
    await this.#net.stop()
  }
}

export function serveChat({ mailbox, got, messages }: Pick<MailNode, 'mailbox' | 'got' | 'messages'>): void {
  mailbox.serve('chat', (message) => {
    messages.push(message)
    got.push(Buffer.from(message.payload).toString())
  })
}

export async function connect(from: MailNode, to: MailNode): Promise<void> {
  await from.network.streams.reach(to.id, [to.address])
}

function unfinding(door: StreamDoor): MailboxDependencies['door'] {
  return {
    serve: (...args) => door.serve(...args),
    open: (...args) => door.open(...args),
    connections: (peer) => door.connections(peer),
    reach: () => Promise.reject(new Error('not found')),
    events: door.events,
  }
}
