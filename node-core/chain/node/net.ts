/** The part of the composition root that opens the chain's network to services and programs. It is loaded only where that is wanted. */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { MetricsReader } from '../../metrics/registry.ts'
import { Net, type NetNetwork } from '../../net/net.ts'
import type { NodeOptions } from './options.ts'

export interface NodeNetDependencies {
  readonly network: NetNetwork
  readonly metrics: () => MetricsReader
  /** Of the running chain: names its network. */
  readonly genesisHash: () => string
  readonly clock: Clock
  readonly logger: Logger
}

export function createNet({ network, metrics, genesisHash, clock, logger }: NodeNetDependencies, { dataPath, net, ipWorkerUrl }: { readonly dataPath: string; readonly net: NodeOptions['net']; readonly ipWorkerUrl: URL | undefined }): Net {
  const rates = { bytesPerSecond: net.uploadLimit * 1000, peerBytesPerSecond: 0, fetchBytesPerSecond: net.downloadLimit * 1000 }
  return new Net(
    { network, metrics: { read: (...query) => metrics().read(...query) }, clock, logger: logger.child('net'), name: genesisHash },
    { dataPath, keepsForOthers: net.keepsForOthers, rates: () => rates, tokenFile: net.tokenFile, plainFile: net.plainFile, ipWorkerUrl },
  )
}
