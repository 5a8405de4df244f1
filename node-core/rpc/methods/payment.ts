/** `payment_*`: what a transaction would cost, asked of the runtime and put into JSON. */
import { concatBytes, type Hash } from '../../base/bytes.ts'
import type { RuntimeVersion } from '../../runtime/types.ts'
import { decodeAll, type ScaleReader } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import { CODE, RpcError, runtimeFailure } from '../errors.ts'
import { toQuantity } from '../json.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

/** `TransactionPaymentApi` in a runtime's list of APIs: blake2b-64 of the name. */
const PAYMENT_API = '0x37c8bb1350a9a2a8'

const CLASSES = ['normal', 'operational', 'mandatory'] as const

/** Before version 2 of the API a weight was one number; since then it is execution time and proof size. */
function readWeight(reader: ScaleReader, apiVersion: number): unknown {
  if (apiVersion < 2) return reader.u64Number()
  return { ref_time: reader.compactNumber(), proof_size: reader.compactNumber() }
}

/** `RuntimeDispatchInfo`. */
export function decodeDispatchInfo(output: Uint8Array, apiVersion: number): unknown {
  return decodeAll(output, 'the dispatch info', (reader) => {
    const weight = readWeight(reader, apiVersion)
    const kind = CLASSES[reader.u8()]
    if (kind === undefined) throw new RpcError(CODE.runtimeQuery, 'Unable to query dispatch info.', 'unknown dispatch class')
    return { weight, class: kind, partialFee: reader.u128().toString() }
  })
}

/** `FeeDetails`; the tip is the caller's own and is left out. */
export function decodeFeeDetails(output: Uint8Array): unknown {
  return decodeAll(output, 'the fee details', (reader) => {
    const inclusionFee = reader.option(() => ({
      baseFee: toQuantity(reader.u128()),
      lenFee: toQuantity(reader.u128()),
      adjustedWeightFee: toQuantity(reader.u128()),
    }))
    reader.u128()
    return { inclusionFee: inclusionFee ?? null }
  })
}

export interface PaymentOptions {
  readonly callTimeoutMs: number
}

interface Queried {
  readonly output: Uint8Array
  readonly version: RuntimeVersion
}

export function paymentMethods({ blocks, runtime }: Pick<MethodDeps, 'blocks' | 'runtime'>, options: PaymentOptions): Method[] {
  const params = { extrinsic: hexBytes, at: optional(hash) }

  async function query(method: string, extrinsic: Uint8Array, at: Hash | undefined, what: string): Promise<Queried> {
    const { stateRoot } = headerAt(blocks, at)
    const args = concatBytes(extrinsic, new ScaleWriter(4).u32(extrinsic.length).finish())
    try {
      const version = await runtime.version(stateRoot)
      return { output: await runtime.call(stateRoot, method, args, { timeoutMs: options.callTimeoutMs }), version }
    } catch (error) {
      const why = runtimeFailure(error)
      if (why === undefined) throw error
      throw new RpcError(CODE.runtimeQuery, `Unable to query ${what}.`, why)
    }
  }

  return [
    defineCall({
      name: 'payment_queryInfo',
      params,
      async handle({ extrinsic, at }) {
        const { output, version } = await query('TransactionPaymentApi_query_info', extrinsic, at, 'dispatch info')
        return decodeDispatchInfo(output, version.apis.find(([id]) => id === PAYMENT_API)?.[1] ?? 1)
      },
    }),
    defineCall({
      name: 'payment_queryFeeDetails',
      params,
      handle: async ({ extrinsic, at }) =>
        decodeFeeDetails((await query('TransactionPaymentApi_query_fee_details', extrinsic, at, 'fee details')).output),
    }),
  ]
}
