/** `payment_*`: what a transaction would cost, asked of the runtime and put into JSON. */
import { concatBytes, type Hash } from '../../../base/bytes.ts'
import * as api from '../../runtime/api/payment.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { CODE, RpcError, runtimeFailure } from '../errors.ts'
import { askedExtrinsic } from '../extrinsic-param.ts'
import { toQuantity } from '../json.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

/** `RuntimeDispatchInfo`, as a runtime with this version of `TransactionPaymentApi` encodes it. */
export function decodeDispatchInfo(output: Uint8Array, apiVersion: number): unknown {
  return dispatchInfoJson(api.decodeDispatchInfo(output, apiVersion))
}

/** `FeeDetails`. */
export function decodeFeeDetails(output: Uint8Array): unknown {
  return feeDetailsJson(api.decodeFeeDetails(output))
}

/** A weight of one part has one in JSON, too. */
function dispatchInfoJson({ weight, class: kind, partialFee }: api.DispatchInfo): unknown {
  const told = typeof weight === 'number' ? weight : { ref_time: weight.refTime, ...(weight.proofSize === undefined ? {} : { proof_size: weight.proofSize }) }
  return { weight: told, class: kind, partialFee: partialFee.toString() }
}

/** The tip is the caller's own and is left out. */
function feeDetailsJson({ inclusionFee }: api.FeeDetails): unknown {
  if (inclusionFee === undefined) return { inclusionFee: null }
  const { baseFee, lenFee, adjustedWeightFee } = inclusionFee
  return { inclusionFee: { baseFee: toQuantity(baseFee), lenFee: toQuantity(lenFee), adjustedWeightFee: toQuantity(adjustedWeightFee) } }
}

export interface PaymentOptions {
  readonly callTimeoutMs: number
}

export function paymentMethods({ blocks, runtime }: Pick<MethodDeps, 'blocks' | 'runtime'>, { callTimeoutMs }: PaymentOptions): Method[] {
  const params = { extrinsic: hexBytes, at: optional(hash) }
  const queries = new api.PaymentQueries(runtime)

  async function query<T>(extrinsic: Uint8Array, at: Hash | undefined, what: string, ask: (stateRoot: Hash, args: Uint8Array) => Promise<T>): Promise<T> {
    const { stateRoot } = headerAt(blocks, at)
    // The length is that of all that was sent, as in Substrate's nodes.
    const args = concatBytes(askedExtrinsic(extrinsic, `Unable to query ${what}.`), new ScaleWriter(4).u32(extrinsic.length).finish())
    try {
      return await ask(stateRoot, args)
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
      handle: async ({ extrinsic, at }) =>
        dispatchInfoJson(await query(extrinsic, at, 'dispatch info', (stateRoot, args) => queries.info(stateRoot, args, { timeoutMs: callTimeoutMs }))),
    }),
    defineCall({
      name: 'payment_queryFeeDetails',
      params,
      handle: async ({ extrinsic, at }) =>
        feeDetailsJson(await query(extrinsic, at, 'fee details', (stateRoot, args) => queries.feeDetails(stateRoot, args, { timeoutMs: callTimeoutMs }))),
    }),
  ]
}
