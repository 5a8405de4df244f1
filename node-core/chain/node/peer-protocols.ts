/**
 * The second half of the composition root: everything that speaks with peers, registered at the network service.
 *
 *   block-announces ──> syncer ──> core's importer          transactions <──> pool          grandpa <──> voter
 *   sync, state, warp, light: answers from the state
 *
 * The handlers are made before core runs; what they reach into is looked up when a message arrives.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { CoreService } from '../core/core-service.ts'
import { describeGrandpaMessage } from '../core/engines/grandpa/gossip/describe.ts'
import { changeOf } from '../core/engines/grandpa/digest.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage } from '../core/engines/grandpa/messages.ts'
import { warpHandler } from '../core/engines/grandpa/proofs/warp.ts'
import type { BlockImporter } from '../core/types.ts'
import type { NetworkService } from '../../network/network-service.ts'
import { BlockAnnounces } from '../protocols/block-announces.ts'
import { GrandpaTopic } from '../core/engines/grandpa/gossip/topic.ts'
import type { ChainPeerStatus, Role } from '../protocols/roles.ts'
import { Transactions } from '../protocols/transactions.ts'
import { requestBlocks, requestHandlers } from '../requests/index.ts'
import type { RuntimeProver } from '../runtime/types.ts'
import type { Header } from '../scale/header.ts'
import type { NamedService } from '../../base/service.ts'
import type { StateService } from '../state/state-service.ts'
import { SyncService } from '../sync/sync-service.ts'

export interface PeerProtocolDependencies {
  readonly network: Pick<NetworkService<ChainPeerStatus>, 'topics' | 'requests' | 'judge' | 'peers'>
  readonly core: CoreService
  readonly state: Pick<StateService, 'blocks' | 'proofs'>
  readonly prover: RuntimeProver
  readonly clock: Clock
  readonly logger: Logger
  /** Hears of every header that a peer announces. */
  readonly onAnnounced: (peer: string, header: Header) => void
}

export interface PeerProtocols {
  readonly sync: SyncService
  /** To be started after core and the network, in this order. */
  readonly services: readonly NamedService[]
}

export function createPeerProtocols({ network, core, state, prover, clock, logger, onAnnounced }: PeerProtocolDependencies, role: Role): PeerProtocols {
  const { blocks, proofs } = state
  const importer: BlockImporter = {
    importBlock: (block, origin, justifications) => core.importer.importBlock(block, origin, justifications),
    importJustification: (block, justification) => core.importer.importJustification(block, justification),
  }
  const sync = new SyncService({
    blocks,
    importer,
    source: { requestBlocks: (peer, request, signal) => requestBlocks(network.requests, peer, request, signal) },
    judge: network.judge,
    knowledge: {
      setChanges: () => core.setChanges(),
      ceiling: () => core.heightCeiling(),
      groupOf: (peer) => network.peers.groupOf(peer),
    },
    clock,
    logger: logger.child('sync'),
  })
  const isMajorSyncing = (): boolean => sync.isMajorSyncing()

  const announces = new BlockAnnounces(
    {
      blocks,
      clock,
      sender: network.topics,
      sync: {
        peerConnected: (peer, peerRole, best) => sync.peerConnected(peer, peerRole, best),
        peerDisconnected: (peer) => sync.peerDisconnected(peer),
        announced: (peer, header, hash, isBest) => {
          onAnnounced(peer, header)
          sync.announced(peer, header, hash, isBest)
        },
      },
      onStatus: (peer, status) => network.peers.setStatus(peer, status),
      isMajorSyncing,
    },
    { role },
  )
  const roleOf = (peer: string): Role | undefined => announces.roleOf(peer)
  const transactions = new Transactions({ pool: core.pool, sender: network.topics, clock, isMajorSyncing, roleOf }, { role })
  const grandpa = new GrandpaTopic(
    {
      port: {
        get gossip() {
          return core.finality.gossip
        },
        get position() {
          return core.finality.position
        },
        get voters() {
          return core.voters
        },
        receive: (message, peer) => core.finality.receive(message, peer),
      },
      codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
      blocks,
      sender: network.topics,
      judge: network.judge,
      clock,
      roleOf,
      onFinalized: (peer, height) => announces.reached(peer, height),
    },
    { role },
  )

  for (const topic of [announces, transactions, grandpa]) network.topics.register(topic)
  const handlers = [...requestHandlers({ blocks, proofs, prover, authorityChange: changeOf }), warpHandler({ blocks, changes: core.authorityChanges })]
  for (const handler of handlers) network.requests.register(handler)
  return {
    sync,
    services: [
      { name: 'sync', service: sync },
      { name: 'block announces', service: announces },
      { name: 'transactions', service: transactions },
      { name: 'grandpa gossip', service: grandpa },
    ],
  }
}
