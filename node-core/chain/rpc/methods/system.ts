/**
 * `system_*`: what the node, its chain and its network are.
 *
 * Who our peers are, and whom to keep a slot for, is nobody's business but the owner's: these methods are unsafe, as in
 * Substrate's nodes.
 */
import { z } from 'zod'
import { fromHex } from '../../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../../base/errors.ts'
import { decodeSs58 } from '../../../crypto/keys/ss58.ts'
import { nextNonce } from '../../runtime/api/next-nonce.ts'
import { CODE, RpcError, invalidParams, runtimeFailure } from '../errors.ts'
import type { Health } from '../server/http.ts'
import { defineCall, type Method } from '../method.ts'
import type { MethodDeps } from '../types.ts'

/** Longer than any multiaddress with a peer id. */
const MAX_ADDRESS_LENGTH = 512

export interface SystemOptions {
  readonly callTimeoutMs: number
}

export function health({ network, node, sync }: Pick<MethodDeps, 'network' | 'node' | 'sync'>): Health {
  return { peers: network.peers().length, isSyncing: sync.status()?.state === 'major-sync', shouldHavePeers: node.shouldHavePeers }
}

function accountId(text: string): Uint8Array {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return fromHex(text)
  try {
    return decodeSs58(text).publicKey
  } catch (error) {
    throw invalidParams(`account: expected an SS58 address or a 32-byte account id. ${errorMessage(error)}`)
  }
}

function reserving(change: () => void): null {
  try {
    change()
  } catch (error) {
    throw isNodeError(error) ? new RpcError(CODE.malformedPeer, error.message) : error
  }
  return null
}

export function systemMethods(deps: MethodDeps, options: SystemOptions): Method[] {
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

  async function nextIndex(account: Uint8Array): Promise<number> {
    try {
      return await nextNonce(deps, account, { timeoutMs: options.callTimeoutMs })
    } catch (error) {
      const why = runtimeFailure(error)
      if (why === undefined) throw error
      throw new RpcError(CODE.runtimeQuery, 'Unable to query nonce.', why)
    }
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
    defineCall({
      name: 'system_accountNextIndex',
      aliases: ['account_nextIndex'],
      params: { account: z.string() },
      handle: ({ account }) => nextIndex(accountId(account)),
    }),
  ]
}
