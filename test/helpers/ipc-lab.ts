/** Nodes with local sockets, peers, and programs at the sockets, for tests; what a test opened ends with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { peerBytes } from '../../node-core/net/ipc/daemon/messages.ts'
import { Request_Type } from '../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { IpcClient } from './ipc-client.ts'
import { ALL_SCOPES, IpcNode, NetHost, type IpcNodeOptions } from './ipc-node.ts'

export class IpcLab {
  readonly folder: string
  readonly #nodes: { stop(): Promise<void> }[] = []
  readonly #clients: IpcClient[] = []
  readonly #servers: Server[] = []

  static async open(): Promise<IpcLab> {
    return new IpcLab(await mkdtemp(join(tmpdir(), 'nodestead-ipc-test-')))
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  async start(options: IpcNodeOptions = {}): Promise<IpcNode> {
    const node = await IpcNode.start(options)
    this.#nodes.push(node)
    return node
  }

  async peer(): Promise<NetHost> {
    const host = await NetHost.start()
    this.#nodes.push(host)
    return host
  }

  async at(path: string | undefined): Promise<IpcClient> {
    const client = await IpcClient.connect(path as string)
    this.#clients.push(client)
    return client
  }

  /** A node with a program on a socket of its own that is connected to a peer. */
  async pair(scopes: readonly string[] = ALL_SCOPES, options: IpcNodeOptions = {}): Promise<{ readonly node: IpcNode; readonly other: NetHost; readonly path: string }> {
    const [node, other] = [await this.start(options), await this.peer()]
    const path = await node.ownSocket('program', scopes)
    await node.net.streams.reach(other.id, [other.address])
    return { node, other, path }
  }

  /** Opens a stream to the peer: the socket is the stream. */
  async openStream(path: string, other: NetHost, protocol: string): Promise<Socket> {
    const client = await this.at(path)
    const { error, streamInfo } = await client.request({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: [protocol] } })
    if (error !== undefined || streamInfo?.proto !== protocol) throw new Error(`no stream was opened: ${error?.msg ?? streamInfo?.proto}`)
    const { socket, rest } = client.take()
    if (rest.length > 0) socket.unshift(rest)
    return socket
  }

  /** A program's listening socket, and what connects to it. */
  async listening(name: string): Promise<{ readonly server: Server; readonly sockets: Socket[]; readonly address: Uint8Array; readonly path: string }> {
    const path = join(this.folder, name)
    const sockets: Socket[] = []
    const server = this.keep(createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => sockets.push(socket.on('error', () => undefined))))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    return { server, sockets, path, address: Uint8Array.from([0x90, 0x03, path.length, ...Buffer.from(path)]) }
  }

  /** Closes the server with the lab. */
  keep(server: Server): Server {
    this.#servers.push(server)
    return server
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    for (const server of this.#servers) server.close()
    for (const node of this.#nodes) await node.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Streams that a peer gets under a protocol. */
export function served(host: NetHost, protocol: string): Stream[] {
  const streams: Stream[] = []
  host.streams.serve(protocol, { perPeer: 64, relayed: false }, ({ stream }) => streams.push(stream))
  return streams
}
