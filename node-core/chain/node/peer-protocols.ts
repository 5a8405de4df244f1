/**
 * The second half of the composition root: everything that speaks with peers, registered at the network service.
 *
 *   block-announces ──> syncer ──> core's importer          transactions <──> pool          the engine's topics <──> engine
 *   sync, state, light, and what the engine proves: answers from the state
 *
 * The handlers are made before core runs; what they reach into is looked up when a message arrives. The engine's own are registered when
 * core has found out which engine it is.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { CoreService } from '../core/core-service.ts'
import type { EnginePeers, PeerDoor } from '../core/engines/engine.ts'
import { GapFiller } from '../core/import/gap-filler.ts'
import type { BlockImporter } from '../core/types.ts'
import type { NetworkService } from '../../network/network-service.ts'
import { BlockAnnounces } from '../protocols/block-announces.ts'
import type { ChainPeerStatus, Role } from '../protocols/roles.ts'
import { Transactions } from '../protocols/transactions.ts'
import { requestBlocks, requestHandlers, type AuthorityChange } from '../protocols/requests/index.ts'
import type { RuntimeProver } from '../runtime/types.ts'
import type { Header } from '../scale/header.ts'
import type { NamedService, Service } from '../../base/service.ts'
import type { BlockRef } from '../scale/block.ts'
import type { StateService } from '../state/state-service.ts'
import { DEFAULT_GAP_OPTIONS } from '../sync/gap/types.ts'
import { SyncService } from '../sync/sync-service.ts'

export interface PeerProtocolDependencies {
  readonly network: Pick<NetworkService<ChainPeerStatus>, 'topics' | 'requests' | 'judge' | 'peers' | 'state'>
  readonly core: CoreService
  readonly state: Pick<StateService, 'blocks' | 'proofs' | 'filling'>
  readonly prover: RuntimeProver
  /** Finalized blocks of which the bodies are kept, and fetched where they are missing; undefined: all. */
  readonly keptBlocks: number | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1. */
  readonly random: () => number
  /** Hears of every header that a peer announces. */
  readonly onAnnounced: (peer: string, header: Header) => void
  /** A recent state is being fetched: nothing of the chain is here yet. */
  readonly isJoining: () => boolean
}

export interface PeerProtocols {
  readonly sync: SyncService
  /** Full nodes that are connected, and their best blocks. */
  fullNodes(): readonly { readonly id: string; readonly best: BlockRef }[]
  /** To be started after core and before the services; the network may run already. */
  readonly registration: NamedService
  /** To be started after core and the network, in this order. */
  readonly services: readonly NamedService[]
}

export function createPeerProtocols(
  { network, core, state, prover, keptBlocks, clock, random, logger, onAnnounced, isJoining }: PeerProtocolDependencies, role: Role,
): PeerProtocols {
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
    gap: { blocks, filler: new GapFiller(state.filling, (block, justification) => core.engine.provesOld(block, justification)), options: { ...DEFAULT_GAP_OPTIONS, keep: keptBlocks } },
    knowledge: {
      setChanges: () => core.setChanges(),
      ceiling: () => core.heightCeiling(),
      groupOf: (peer) => network.peers.groupOf(peer),
    },
    clock,
    logger: logger.child('sync'),
  })
  const isMajorSyncing = (): boolean => isJoining() || sync.isMajorSyncing()

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
      self: () => network.state.localPeerId,
      random,
    },
    { role },
  )
  const roleOf = (peer: string): Role | undefined => announces.roleOf(peer)
  const transactions = new Transactions({ pool: core.pool, sender: network.topics, clock, isMajorSyncing, roleOf }, { role })
  for (const topic of [announces, transactions]) network.topics.register(topic)
  const authorityChange: AuthorityChange = (header) => (core.isRunning ? core.engine.finality?.authorityChange(header) : undefined)
  for (const handler of requestHandlers({ blocks, proofs, prover, authorityChange, onAsked: (peer, hash) => announces.asked(peer, hash) })) network.requests.register(handler)

  // Which engine it is, core finds out at its start: before the network opens its topics, or after it where the chain is joined first.
  const consensus = new ConsensusProtocols({ network, core, roleOf, onFinalized: (peer, height) => announces.reached(peer, height) }, role)
  return {
    sync,
    fullNodes: () => announces.peers().filter(({ roles }) => roles !== 'LIGHT').map(({ peerId: id, best }) => ({ id, best })),
    registration: { name: 'consensus protocols', service: { start: async () => consensus.register(), stop: async () => undefined } },
    services: [
      { name: 'sync', service: sync },
      { name: 'block announces', service: announces },
      { name: 'transactions', service: transactions },
      { name: 'consensus topics', service: consensus },
    ],
  }
}

interface ConsensusDependencies extends Pick<PeerDoor, 'roleOf' | 'onFinalized'> {
  readonly network: Pick<NetworkService<ChainPeerStatus>, 'topics' | 'requests' | 'judge'>
  readonly core: Pick<CoreService, 'engine'>
}

/** The topics and requests of the chain's engine: registered when core has started, run once the network does. */
class ConsensusProtocols implements Service {
  readonly #dependencies: ConsensusDependencies
  readonly #role: Role
  #topics: EnginePeers['topics'] = []

  constructor(dependencies: ConsensusDependencies, role: Role) {
    this.#dependencies = dependencies
    this.#role = role
  }

  register(): void {
    const { network, core, roleOf, onFinalized } = this.#dependencies
    const { topics, requests } = core.engine.peers({ role: this.#role, sender: network.topics, judge: network.judge, roleOf, onFinalized })
    for (const topic of topics) network.topics.register(topic)
    for (const handler of requests) network.requests.register(handler)
    this.#topics = topics
  }

  async start(): Promise<void> {
    for (const topic of this.#topics) await topic.start()
  }

  async stop(): Promise<void> {
    for (const topic of this.#topics) await topic.stop()
  }
}
