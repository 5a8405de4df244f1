/** Blocks, headers, runtime versions and transaction statuses in the JSON that Substrate's nodes print. */
import { toHex, type Hash } from '../../base/bytes.ts'
import { assertNever } from '../../base/errors.ts'
import type { RuntimeVersion } from '../runtime/types.ts'
import type { Extrinsic, Justification } from '../scale/block.ts'
import type { TransactionStatus } from './types.ts'
import { encodeDigestItem, type Header } from '../scale/header.ts'

/** A quantity: `0x`, no leading zeros. */
export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

export function headerJson(header: Header): unknown {
  return {
    parentHash: header.parentHash,
    number: toQuantity(header.number),
    stateRoot: header.stateRoot,
    extrinsicsRoot: header.extrinsicsRoot,
    digest: { logs: header.digest.map((item) => toHex(encodeDigestItem(item))) },
  }
}

/** Justifications are pairs of byte arrays: engine id and proof. */
export function signedBlockJson(header: Header, body: readonly Extrinsic[], justifications: readonly Justification[] | undefined): unknown {
  const proofs = justifications?.map(({ engine, data }) => [[...Buffer.from(engine, 'latin1')], [...data]])
  return {
    block: { header: headerJson(header), extrinsics: body.map(toHex) },
    justifications: proofs === undefined || proofs.length === 0 ? null : proofs,
  }
}

/** As `state_getRuntimeVersion` gives it. */
export function runtimeVersionJson(version: RuntimeVersion): unknown {
  return {
    specName: version.specName,
    implName: version.implName,
    authoringVersion: version.authoringVersion,
    specVersion: version.specVersion,
    implVersion: version.implVersion,
    apis: version.apis,
    transactionVersion: version.transactionVersion,
    systemVersion: version.systemVersion,
    // The name that it had; the reference gives the same number under both.
    stateVersion: version.systemVersion,
  }
}

/** As the `chainHead` functions give it: fewer fields, and the APIs as an object. */
export function runtimeSpecJson(version: RuntimeVersion): unknown {
  return {
    specName: version.specName,
    implName: version.implName,
    specVersion: version.specVersion,
    implVersion: version.implVersion,
    transactionVersion: version.transactionVersion,
    apis: Object.fromEntries(version.apis),
  }
}

/** As `author_submitAndWatchExtrinsic` gives it. */
export function transactionStatusJson(status: TransactionStatus): string | Readonly<Record<string, Hash | readonly string[]>> {
  switch (status.kind) {
    case 'future':
    case 'ready':
    case 'dropped':
    case 'invalid':
      return status.kind
    case 'broadcast':
      return { broadcast: status.peers }
    case 'usurped':
      return { usurped: status.by }
    case 'inBlock':
    case 'retracted':
    case 'finalityTimeout':
    case 'finalized':
      return { [status.kind]: status.block }
    default:
      return assertNever(status)
  }
}
