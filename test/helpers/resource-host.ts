/** A bare host that offers files, or fetches them. */
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { PeerFault } from '../../node-core/network/contracts.ts'
import { ResourceCatalogue } from '../../node-core/net/resources/catalogue/catalogue.ts'
import { Download, type DownloadOptions } from '../../node-core/net/resources/fetch/download.ts'
import { ResourceServer, type ServerOptions } from '../../node-core/net/resources/serving/server.ts'
import type { Provider, ResourceShelf, StreamOpener } from '../../node-core/net/resources/types.ts'
import { RESOURCE_PROTOCOL } from '../../node-core/net/resources/wire.ts'
import { BareHost } from './bare-host.ts'

/** Streams of a bare host, as the network service has them. */
export function streamsOf(host: BareHost): StreamOpener {
  const connectionTo = (peer: string) => host.host.getConnections().find(({ remotePeer, status }) => remotePeer.toString() === peer && status === 'open')
  return {
    async reach(peer, addresses, options = {}) {
      if (connectionTo(peer) === undefined) await host.host.dial(addresses.map((address) => multiaddr(address)), { ...options })
    },
    async open(peer, protocols, options = {}) {
      const connection = connectionTo(peer)
      if (connection === undefined) throw new NodeError('NETWORK_NOT_CONNECTED', 'There is no connection.')
      return { stream: await connection.newStream([...protocols], { ...options }), peer }
    },
  }
}

export class ResourceHost {
  readonly host: BareHost
  readonly catalogue: ResourceCatalogue
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[] = []
  #server: ResourceServer | undefined

  /** `folder`: of the catalogue. */
  static async start(folder: string): Promise<ResourceHost> {
    const catalogue = new ResourceCatalogue({ clock: systemClock, logger: silentLogger }, { folder })
    await catalogue.start()
    return new ResourceHost(await BareHost.start({ listen: true }), catalogue)
  }

  private constructor(host: BareHost, catalogue: ResourceCatalogue) {
    this.host = host
    this.catalogue = catalogue
  }

  get provider(): Provider {
    return { peer: this.host.id, addresses: [this.host.address] }
  }

  get server(): ResourceServer {
    if (this.#server === undefined) throw new Error('it serves nothing')
    return this.#server
  }

  async serve(options: Partial<ServerOptions> = {}, shelf: ResourceShelf = this.catalogue): Promise<void> {
    const judge = { report: (peer: string, fault: PeerFault) => void this.faults.push({ peer, fault }), reward: () => undefined }
    this.#server = new ResourceServer({ shelf, clock: systemClock, judge, logger: silentLogger, onChanged: (root) => this.catalogue.withdraw(Buffer.from(root).toString('hex'), 'changed') }, options)
    await this.host.host.handle(RESOURCE_PROTOCOL, (stream: Stream, connection) => this.server.onStream({ stream, peer: connection.remotePeer.toString() }), { maxInboundStreams: 64 })
  }

  fetch(options: Omit<DownloadOptions, 'peers'> & { readonly peers?: readonly Provider[] }, found: () => readonly Provider[] = () => []): Download {
    return new Download(
      {
        streams: streamsOf(this.host),
        finder: { find: async () => found() },
        own: { peer: () => this.host.id, open: async () => undefined },
        judge: { report: (peer, fault) => void this.faults.push({ peer, fault }), reward: () => undefined },
        clock: systemClock, logger: silentLogger,
        allow: () => true,
        onWhole: async ({ path, root }, groups) => void (await this.catalogue.adopt(path, Buffer.from(root).toString('hex'), groups)),
      },
      { peers: [], ...options },
    )
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    await this.catalogue.stop()
    await this.host.stop()
  }
}
