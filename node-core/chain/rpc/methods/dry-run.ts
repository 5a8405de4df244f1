/** `system_dryRun`: what would become of a transaction on the state of a block, without it going anywhere. */
import { concatBytes, toHex } from '../../../base/bytes.ts'
import { byVersion } from '../../runtime/api/by-version.ts'
import { emptyHeaderAbove } from '../../runtime/api/validity.ts'
import { CODE, RpcError, runtimeFailure } from '../errors.ts'
import { askedExtrinsic } from '../extrinsic-param.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

const WHAT = 'Unable to dry run extrinsic.'

/** Since this version of the API the error of a pallet has four bytes instead of one. */
const WIDE_ERRORS = 6

/** `Ok(Err(DispatchError::Module { index, error }))`, where `error` is one byte. */
const NARROW_MODULE_ERROR = { start: [0x00, 0x01, 0x03], length: 5 }

/** The encoded `ApplyExtrinsicResult` in its present form. */
export function presentResult(output: Uint8Array, apiVersion: number): Uint8Array {
  const { start, length } = NARROW_MODULE_ERROR
  const isNarrow = apiVersion < WIDE_ERRORS && output.length === length && start.every((byte, index) => output[index] === byte)
  return isNarrow ? concatBytes(output, new Uint8Array(3)) : output
}

export function dryRunMethods({ blocks, runtime }: Pick<MethodDeps, 'blocks' | 'runtime'>, options: { readonly callTimeoutMs: number }): Method[] {
  return [
    defineCall({
      name: 'system_dryRun',
      aliases: ['system_dryRunAt'],
      params: { extrinsic: hexBytes, at: optional(hash) },
      unsafe: true,
      async handle({ extrinsic, at }) {
        const asked = askedExtrinsic(extrinsic, WHAT)
        const block = at ?? blocks.best().hash
        const { stateRoot, number } = headerAt(blocks, block)
        try {
          // Transactions bind themselves to a block whose hash is known from the next one on, so one is begun.
          const begin = emptyHeaderAbove({ hash: block, number })
          return await byVersion(runtime, stateRoot, 'BlockBuilder', async (version) =>
            toHex(presentResult(await runtime.call(stateRoot, 'BlockBuilder_apply_extrinsic', asked, { timeoutMs: options.callTimeoutMs, begin }), version)),
          )
        } catch (error) {
          const why = runtimeFailure(error)
          throw why === undefined ? error : new RpcError(CODE.runtimeQuery, WHAT, why)
        }
      },
    }),
  ]
}
