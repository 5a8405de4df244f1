/** Nodes with all rooms of the net on loopback, and programs at their sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../node-core/base/clock.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import { Net } from '../../node-core/net/net.ts'
import type { ResourceRates } from '../../node-core/net/resources/resources.ts'
import { NET_GATE } from './net-gate.ts'
import { IpcClient, type IpcSession } from './ipc-client.ts'
import { TestNetwork, type TestPeer } from './network.ts'

export interface NetNode extends TestPeer {
  readonly net: Net
}

export class NetLab {
  readonly #network = new TestNetwork()
  readonly #nets: Net[] = []
  readonly #clients: IpcClient[] = []
  readonly #folders: string[] = []

  /** A node that reserves the ones it is told of. */
  node(...known: readonly TestPeer[]): Promise<NetNode> {
    return this.nodeWith({ known })
  }

  /** `clock`: of its net, not of its network. */
  async nodeWith({ known = [], clock = systemClock, rates = {}, plainFile }: { readonly known?: readonly TestPeer[]; readonly clock?: Clock; readonly rates?: Partial<ResourceRates>; readonly plainFile?: string }): Promise<NetNode> {
    const peer = await this.#network.start([NET_GATE], { openTable: true, gossip: ['signed'], reservedNodes: known.map(({ address }) => address) })
    const net = new Net(
      { network: peer.network, metrics: { read: () => [] }, clock, logger: createLogger([], { default: 'error' }), name: () => 'test' },
      { dataPath: peer.dataPath, keepsForOthers: false, rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 0, fetchBytesPerSecond: 0, ...rates }), ...(plainFile === undefined ? {} : { plainFile }) },
    )
    await net.start()
    this.#nets.push(net)
    return { ...peer, net }
  }

  /** Two that are connected. */
  async pair(): Promise<readonly [NetNode, NetNode]> {
    const [a, b] = [await this.node(), await this.node()]
    await a.network.streams.reach(b.id, [b.address])
    return [a, b]
  }

  /** A new program's session, and its token. */
  async program({ net }: NetNode, name: string, scopes: readonly string[]): Promise<{ readonly session: IpcSession; readonly client: IpcClient; readonly token: string }> {
    const { token } = await net.programs.add(name, scopes)
    return { ...(await this.connect(net, token)), token }
  }

  /** A further connection of a program. */
  async connect(net: Net, token: string): Promise<{ readonly session: IpcSession; readonly client: IpcClient }> {
    const client = await IpcClient.connect(net.ipc.path as string)
    this.#clients.push(client)
    const welcome = await client.hello(token)
    if (typeof welcome === 'string') throw new Error(welcome)
    return { client, session: await client.session() }
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-net-'))
    this.#folders.push(folder)
    return folder
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await Promise.all(this.#nets.map((net) => net.stop()))
    await this.#network.stop()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }
}
