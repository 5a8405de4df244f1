/**
 * Transactions as parameters. A transaction begins with its length; as in Substrate's nodes, what comes behind its end is no part of it
 * and does not count: neither in what is submitted nor in what its fee is asked for.
 */
import { isNodeError } from '../../base/errors.ts'
import { readExtrinsic, type Extrinsic } from '../scale/block.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { CODE, RpcError } from './errors.ts'

/** The transaction at the beginning; the bytes themselves where there is none, for the pool to refuse. */
export function leadingExtrinsic(bytes: Uint8Array): Extrinsic {
  return tryExtrinsic(bytes) ?? bytes
}

/** The same for a question about a transaction. Throws an RpcError that says `what` could not be done. */
export function askedExtrinsic(bytes: Uint8Array, what: string): Extrinsic {
  const extrinsic = tryExtrinsic(bytes)
  if (extrinsic === undefined) throw new RpcError(CODE.decode, what, 'expected a transaction: its length as a compact integer, and as many bytes')
  return extrinsic
}

function tryExtrinsic(bytes: Uint8Array): Extrinsic | undefined {
  try {
    return readExtrinsic(new ScaleReader(bytes))
  } catch (error) {
    if (isNodeError(error) && error.code.startsWith('SCALE_')) return undefined
    throw error
  }
}
