/** `nodestead.v1.Transaction`: what a transaction says and costs, into the pool, and what becomes of it. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import { findChain } from '../../manager/asking.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { endOf, networkOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import { TransactionState as State, type Transaction, type WatchResponseSchema } from '../proto/nodestead/v1/transaction_pb.ts'
import { follow } from '../streams/feed.ts'
import type { TransactionEvent } from '../streams/submitted.ts'
import { decodedExtrinsic } from './values.ts'

const USUAL_PENDING = 100

type Status = Exclude<TransactionEvent, { readonly kind: 'lost' }>

const STATES: Readonly<Record<Status['kind'], State>> = {
  future: State.FUTURE,
  ready: State.READY,
  broadcast: State.BROADCAST,
  inBlock: State.IN_BLOCK,
  retracted: State.RETRACTED,
  finalized: State.FINALIZED,
  finalityTimeout: State.FINALITY_TIMEOUT,
  usurped: State.USURPED,
  dropped: State.DROPPED,
  invalid: State.INVALID,
}

/** Nothing comes after these. */
const LAST: readonly Status['kind'][] = ['finalized', 'finalityTimeout', 'usurped', 'dropped', 'invalid']

export function transactionMethods(ctx: ServiceContext): ServiceImpl<typeof Transaction> {
  const chain = (request: { readonly network: string }): ChainNode => findChain(ctx.manager, networkOf(ctx, request).id)
  return {
    parse: async (request) => ({ transaction: decodedExtrinsic(await chain(request).queries.parse(request.transaction)) }),
    fee: async (request) => {
      const { at, info: { weight, class: dispatchClass, partialFee } } = await chain(request).queries.fee(request.transaction)
      const { refTime, proofSize } = typeof weight === 'number' ? { refTime: weight, proofSize: 0 } : weight
      return { block: at, partialFee: partialFee.toString(), refTime: BigInt(refTime), proofSize: BigInt(proofSize ?? 0), dispatchClass }
    },
    submit: async (request) => {
      const { id } = networkOf(ctx, request)
      return { hash: await ctx.submitted.submit(id, findChain(ctx.manager, id), request.transaction) }
    },
    async *watch(request, context) {
      const feed = ctx.submitted.feed(networkOf(ctx, request).id, request.hash)
      for await (const { cursor, event } of follow(feed, request.cursor === '' ? feed.first : feed.placeOf(request.cursor), endOf(context))) {
        if (event.kind === 'lost') throw new ServiceError('SERVICE_TRANSACTION_UNWATCHED', `What becomes of the transaction is not known: ${event.reason}.`, { hint: 'Look for it in the latest blocks.', data: { cursor } })
        yield { cursor, ...told(event) }
        if (LAST.includes(event.kind)) return
      }
    },
    pending: (request) => {
      const ready = chain(request).queries.ready()
      return { transactions: ready.slice(0, request.count === 0 ? USUAL_PENDING : request.count) as Uint8Array<ArrayBuffer>[], total: ready.length }
    },
  }
}

function told(status: Status): MessageInitShape<typeof WatchResponseSchema> {
  const state = STATES[status.kind]
  switch (status.kind) {
    case 'inBlock':
    case 'finalized':
      return { state, blockHash: status.block, index: status.index }
    case 'retracted':
    case 'finalityTimeout':
      return { state, blockHash: status.block }
    case 'broadcast':
      return { state, peers: status.peers.length }
    default:
      return { state }
  }
}
