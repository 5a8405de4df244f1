/**
 * `system_*`: what the node, its chain and its network are. None of them needs more of the chain than how far it is.
 *
 * Who our peers are, and whom to keep a slot for, is nobody's business but the owner's: these methods are unsafe, as in
 * Substrate's nodes.
 */
import { z } from 'zod'
import { isNodeError } from '../../../base/errors.ts'
import { CODE, RpcError } from '../errors.ts'
import type { Health } from '../server/http.ts'
import { defineCall, type Method } from '../method.ts'
import type { MethodDeps } from '../types.ts'

/** Longer than any multiaddress with a peer id. */
const MAX_ADDRESS_LENGTH = 512

export function health({ network, node, sync }: Pick<MethodDeps, 'network' | 'node' | 'sync'>): Health {
  return { peers: network.peers().length, isSyncing: sync.status()?.state === 'major-sync', shouldHavePeers: node.shouldHavePeers }
}

function reserving(change: () => void): null {
  try {
    change()
  } catch (error) {
    throw isNodeError(error) ? new RpcError(CODE.malformedPeer, error.message) : error
  }
  return null
}

export function systemMethods(deps: Pick<MethodDeps, 'blocks' | 'chain' | 'network' | 'node' | 'peerActions' | 'sync'>): Method[] {
  const { blocks, chain, network, node, peerActions, sync } = deps
  const startingBlock = blocks.best().number
  const getters: Readonly<Record<string, () => unknown>> = {
    system_name: () => node.name,
    system_version: () => node.version,
    system_chain: () => chain.name,
    system_chainType: () => chain.chainType,
    system_properties: () => chain.properties,
    system_health: () => health(deps),
    system_nodeRoles: () => [node.role],
    system_localPeerId: () => network.localPeerId,
    system_localListenAddresses: () => network.listenAddresses(),
    system_reservedPeers: () => network.reservedPeers(),
    system_syncState: () => {
      const status = sync.status()
      const currentBlock = blocks.best().number
      return { startingBlock: status?.startingBlock ?? startingBlock, currentBlock, highestBlock: Math.max(currentBlock, status?.highestBlock ?? 0) }
    },
  }

  return [
    ...Object.entries(getters).map(([name, handle]) => defineCall({ name, params: {}, handle })),
    defineCall({
      name: 'system_peers',
      params: {},
      unsafe: true,
      handle: () =>
        network.peers().map(({ peerId, status }) => {
          const { hash, number } = status?.best ?? { hash: blocks.genesisHash, number: 0 }
          return { peerId, roles: status?.roles ?? 'FULL', bestHash: hash, bestNumber: number }
        }),
    }),
    defineCall({
      name: 'system_addReservedPeer',
      params: { peer: z.string().max(MAX_ADDRESS_LENGTH) },
      unsafe: true,
      handle: ({ peer }) => reserving(() => peerActions.addReserved(peer)),
    }),
    defineCall({
      name: 'system_removeReservedPeer',
      params: { peerId: z.string().max(MAX_ADDRESS_LENGTH) },
      unsafe: true,
      handle: ({ peerId }) => reserving(() => peerActions.removeReserved(peerId)),
    }),
  ]
}
