/**
 * The network service as the other services see it. It holds the node's identity; it opens no port yet and has no
 * peers, and says so.
 */
import type { Logger } from '../base/logger.ts'
import type { Service } from '../service.ts'
import { loadIdentity, type NodeIdentity } from './identity.ts'
import type { NetworkReader, PeerInfo } from './types.ts'

export interface NetworkOptions {
  readonly dataPath: string
  /** 64 hexadecimal digits; otherwise the key of the data folder. */
  readonly nodeKey: string | undefined
}

export class NetworkService implements Service, NetworkReader {
  readonly #logger: Logger
  readonly #options: NetworkOptions
  #identity: NodeIdentity | undefined

  constructor(dependencies: { readonly logger: Logger }, options: NetworkOptions) {
    this.#logger = dependencies.logger
    this.#options = options
  }

  async start(): Promise<void> {
    this.#identity = await loadIdentity(this.#options.dataPath, this.#options.nodeKey)
    this.#logger.info('local identity', { peerId: this.#identity.peerId })
  }

  async stop(): Promise<void> {
    this.#identity = undefined
  }

  get localPeerId(): string {
    if (this.#identity === undefined) throw new Error('the network service is not started')
    return this.#identity.peerId
  }

  peers(): readonly PeerInfo[] {
    return []
  }

  listenAddresses(): readonly string[] {
    return []
  }

  isMajorSyncing(): boolean {
    return false
  }
}
