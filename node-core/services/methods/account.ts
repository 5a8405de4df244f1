/** `nodestead.v1.Account`: accounts of a chain, and the public halves of the node's keys. */
import type { ServiceImpl } from '@connectrpc/connect'
import { addressOf } from '../../keystore/addresses.ts'
import { findChain, runningOf } from '../../manager/asking.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { networkOf, type ServiceContext } from '../context.ts'
import type { Account } from '../proto/nodestead/v1/account_pb.ts'
import { namedValue } from './values.ts'

type Fields = Awaited<ReturnType<ChainNode['queries']['account']>>['fields']

export function accountMethods(ctx: ServiceContext): ServiceImpl<typeof Account> {
  const chain = (request: { readonly network: string }): ChainNode => findChain(ctx.manager, networkOf(ctx, request).id)
  return {
    balance: async (request) => {
      const { at, address, publicKey, exists, fields, token } = await chain(request).queries.account(request.account)
      return {
        block: at, address, publicKey, exists, fields: fields.map(namedValue),
        free: amountIn(fields, 'free'), reserved: amountIn(fields, 'reserved'), frozen: amountIn(fields, 'frozen'), nonce: amountIn(fields, 'nonce'),
        tokenSymbol: token.symbol, tokenDecimals: token.decimals,
      }
    },
    nonce: async (request) => ({ nonce: await chain(request).queries.nonce(request.account) }),
    keys: async (request) => {
      const { id } = networkOf(ctx, request)
      const node = runningOf(ctx.manager, id, 'chain')
      const keys = ctx.manager.keys(id)
      await keys.open()
      const files = keys.keystore.entries().map((entry) => ({ ...entry, development: false }))
      const development = (node?.sessionKeys.development() ?? []).map((key) => ({ ...key, label: '', usable: true, development: true }))
      return {
        lock: keys.keystore.lockState,
        keys: [...development, ...files].map(({ keyType, scheme, publicKey, label, usable, development: isDevelopment }) => ({
          keyType, scheme, publicKey, label, usable, development: isDevelopment, address: addressOf(publicKey, keys.addressPrefix),
        })),
      }
    },
  }
}

/** A figure by its name, in the account or in its data; zero where the account does not exist yet. */
function amountIn(fields: Fields, wanted: string): string {
  for (const { name, value } of fields) {
    if (name === wanted && (value.kind === 'number' || value.kind === 'balance')) return value.text
    if (name === 'data' && value.kind === 'fields') return amountIn(value.fields, wanted)
  }
  return fields.length === 0 ? '0' : ''
}
