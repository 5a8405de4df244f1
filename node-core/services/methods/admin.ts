/** `nodestead.v1.Admin`: clients, keys, data, and what a helper needs to see. Secrets come in and are in no answer, error or log. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { NodeError } from '../../base/errors.ts'
import type { Hex } from '../../base/bytes.ts'
import { keyScheme } from '../../keystore/key-files.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import { findChain, requireKindOf } from '../../manager/asking.ts'
import type { NetworkAdminView } from '../../manager/networks/admin-types.ts'
import { makeSupportBundle } from '../../manager/support/support-bundle.ts'
import { networkOf, timeOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import type { Admin, ApiClientSchema } from '../proto/nodestead/v1/admin_pb.ts'
import type { ClientInfo } from '../rights/clients.ts'
import { scopeName, scopeNumber } from '../rights/scope-numbers.ts'

/** Bytes of a bundle in one message. */
const PART_BYTES = 256 * 1024

export function adminMethods(ctx: ServiceContext): ServiceImpl<typeof Admin> {
  const keysOf = (request: { readonly network: string }): NetworkKeys => {
    const { id } = networkOf(ctx, request)
    requireKindOf(ctx.manager, id, 'chain')
    return ctx.manager.keys(id)
  }
  const networks = (): NetworkAdminView => {
    if (ctx.networks !== undefined) return ctx.networks
    throw new NodeError('NETWORKS_FIXED', 'This node was started from the command line with one network.', { hint: 'Stop it, move the folder, and start it with --base-path.' })
  }
  return {
    listClients: async () => ({ clients: (await ctx.clients.list()).map(apiClient) }),
    createClient: async ({ name, scopes }) => {
      const { client, token } = await ctx.clients.add(name, scopes.map((scope) => scopeName(scope) ?? ''))
      return { client: apiClient(client), token }
    },
    revokeClient: async ({ name }) => {
      await ctx.clients.revoke(name)
      return {}
    },
    unlockKeys: async (request) => {
      await keysOf(request).unlock(request.passphrase, false)
      return {}
    },
    lockKeys: async (request) => {
      await keysOf(request).keystore.lock()
      return {}
    },
    importKey: async (request) => {
      const { publicKey } = await keysOf(request).import({ keyType: request.keyType, scheme: keyScheme.parse(request.scheme) }, request.secret, request.label)
      return { publicKey }
    },
    removeKey: async (request) => {
      const keys = keysOf(request)
      await keys.open()
      await keys.keystore.remove(request.keyType, request.publicKey as Hex)
      return {}
    },
    rotateKeys: async (request) => ({ keys: await findChain(ctx.manager, networkOf(ctx, request).id).sessionKeys.rotate() }),
    moveData: async (request) => {
      await networks().move(networkOf(ctx, request).id, request.to)
      return {}
    },
    cancelMove: async (request) => {
      await networks().cancelMove(networkOf(ctx, request).id)
      return {}
    },
    moveStatus: (request) => {
      const move = networks().details(networkOf(ctx, request).id).move
      if (move === undefined) return {}
      const { state, from, to, bytes, bytesDone, problem } = move
      return { state, from, to, bytesDone: BigInt(bytesDone), bytesTotal: BigInt(bytes), problem: problem?.message ?? '' }
    },
    mend: async (request) => {
      const { id } = networkOf(ctx, request)
      const trouble = ctx.manager.troubles(id).find(({ code }) => code === request.trouble)
      const action = trouble?.actions.find((offered) => offered === request.action)
      if (trouble === undefined || action === undefined) {
        throw new ServiceError('SERVICE_TROUBLE_UNKNOWN', 'The network has no such trouble, or it does not offer that action.', { hint: 'See the troubles in Node.Status.' })
      }
      await ctx.manager.mend(id, trouble.code, action)
      return {}
    },
    async *supportBundle() {
      const settings = { networks: ctx.networks?.list(), flags: ctx.flags }
      const { fileName, bytes } = await makeSupportBundle({ manager: ctx.manager, app: ctx.program, now: ctx.clock.now(), settings, logTail: ctx.logTail })
      for (let at = 0; at < bytes.length; at += PART_BYTES) yield { fileName: at === 0 ? fileName : '', part: bytes.slice(at, at + PART_BYTES) }
    },
  }
}

function apiClient({ name, scopes, created }: ClientInfo): MessageInitShape<typeof ApiClientSchema> {
  return { name, scopes: scopes.map(scopeNumber), created: timeOf(created) }
}
