/**
 * Errors as a JSON-RPC client sees them: a number, a sentence and sometimes data.
 *
 * The numbers are the protocol's own, those of Substrate's nodes (tools match on them) and those of the new JSON-RPC
 * interface specification. What a method throws is translated here, at the boundary: a {@link RpcError} goes out as it
 * is, a NodeError of the runtime, the state or the pool becomes the number that Substrate gives for it, and anything
 * else is an internal error whose text stays in our own log: it may hold paths.
 */
import { NodeError } from '../../base/errors.ts'
import { PROTOCOL_CODE, RpcError } from '../../json-rpc/errors.ts'
import { ScaleError } from '../../scale/reader.ts'
import { askedFor } from './asked-states.ts'

export { methodNotFound, RpcError } from '../../json-rpc/errors.ts'

export const CODE = {
  ...PROTOCOL_CODE,
  /** This node's own: there is no chain yet that could be asked about. `data.stage` says how far it is. */
  joining: -32050,
  /** chainHead (JSON-RPC interface specification). */
  tooManyFollows: -32800,
  unknownBlock: -32801,
  followWithoutRuntime: -32802,
  operationNotWaiting: -32803,
  duplicateHashes: -32804,
  /** Payment and nonce queries. */
  runtimeQuery: 1,
  decode: 2,
  badExtrinsicFormat: 1001,
  invalidTransaction: 1010,
  unknownTransaction: 1011,
  temporarilyBanned: 1012,
  alreadyImported: 1013,
  tooLowPriority: 1014,
  cycleDetected: 1015,
  immediatelyDropped: 1016,
  keys: 1017,
  unactionable: 1018,
  noTags: 1019,
  malformedPeer: 2002,
  chain: 3000,
  stateInvalidRange: 4001,
  stateInvalidCount: 4002,
  stateClient: 4003,
  /** The call failed; the runtime refused (plus the reason's number). */
  mmrRuntime: 8000,
  mmr: 8010,
} as const

/** `why` says which parameter and what it should have been. */
export function invalidParams(why: string): RpcError {
  return new RpcError(CODE.invalidParams, 'Invalid params', why)
}

/** Narrows to an error with a code. */
export function asNodeError(error: unknown): NodeError | undefined {
  return error instanceof NodeError ? (error as NodeError) : undefined
}

/** What the runtime said of a transaction that it does not take. */
function detailOf(error: NodeError): string {
  return typeof error.data.detail === 'string' ? error.data.detail : error.message
}

/** The words in which Substrate gives the runtime's reasons: wallets show them, and some match on them. */
const INVALID_TRANSACTION: Readonly<Record<string, string>> = {
  Call: 'Transaction call is not expected',
  Payment: 'Inability to pay some fees (e.g. account balance too low)',
  Future: 'Transaction will be valid in the future',
  Stale: 'Transaction is outdated',
  BadProof: 'Transaction has a bad signature',
  AncientBirthBlock: 'Transaction has an ancient birth block',
  ExhaustsResources: 'Transaction would exhaust the block limits',
  BadMandatory: 'A call was labelled as mandatory, but resulted in an Error.',
  MandatoryValidation: 'Transaction dispatch is mandatory; transactions must not be validated.',
  BadSigner: 'Invalid signing address',
  IndeterminateImplicit: 'The implicit data was unable to be calculated',
  UnknownOrigin: 'The transaction extension did not authorize any origin',
}

function invalidTransactionData(error: NodeError): string {
  const detail = detailOf(error)
  const custom = /^Custom\D*(\d+)/.exec(detail)
  return custom === null ? (INVALID_TRANSACTION[detail] ?? detail) : `Custom error: ${custom[1]}`
}

/** The pool's refusals, in the numbers of Substrate's `author` methods. */
function poolError(error: NodeError): RpcError | undefined {
  switch (error.code) {
    case 'TX_INVALID':
      return new RpcError(CODE.invalidTransaction, 'Invalid Transaction', invalidTransactionData(error))
    case 'TX_UNKNOWN':
      return new RpcError(CODE.unknownTransaction, 'Unknown Transaction Validity', detailOf(error))
    case 'TX_TEMPORARILY_BANNED':
      return new RpcError(CODE.temporarilyBanned, 'Transaction is temporarily banned')
    case 'TX_ALREADY_IMPORTED':
      return new RpcError(CODE.alreadyImported, 'Transaction Already Imported', error.data.hash)
    case 'TX_TOO_LOW_PRIORITY': {
      const what = `Priority is too low: (${String(error.data.oldPriority)} vs ${String(error.data.newPriority)})`
      const why = 'The transaction has too low priority to replace another transaction already in the pool.'
      return new RpcError(CODE.tooLowPriority, what, why)
    }
    case 'TX_IMMEDIATELY_DROPPED':
      return new RpcError(CODE.immediatelyDropped, 'Immediately Dropped', "The transaction couldn't enter the pool because of the limit")
    case 'TX_CYCLE_DETECTED':
      return new RpcError(CODE.cycleDetected, 'Cycle Detected')
    case 'TX_UNACTIONABLE': {
      const why = 'The transaction is unactionable since it is not propagable and the local node does not author blocks'
      return new RpcError(CODE.unactionable, 'Unactionable', why)
    }
    case 'TX_NO_TAGS':
      return new RpcError(CODE.noTags, 'No tags provided', "Transaction does not provide any tags, so the pool can't identify it")
    case 'TX_MALFORMED':
      return new RpcError(CODE.badExtrinsicFormat, `Extrinsic has invalid format: ${error.message}`)
    default:
      return undefined
  }
}

/** What a read and a call fail with where the state is not kept any more. */
const GONE: readonly string[] = ['STATE_PRUNED', 'RUNTIME_UNKNOWN_STATE']

/** Where the state is not kept, the sentence by which tools know that. Substrate's nodes put other words before it for other methods. */
export function discardedState(error: unknown): string | undefined {
  const failed = asNodeError(error)
  return failed !== undefined && GONE.includes(failed.code) ? `State already discarded for ${askedFor(failed.data['stateRoot'])}` : undefined
}

/** A sentence about a failed runtime call, fit for a client: the panic's own words where there are some. */
export function runtimeFailure(error: unknown): string | undefined {
  const failed = asNodeError(error)
  if (failed === undefined || !failed.code.startsWith('RUNTIME_')) return undefined
  const discarded = discardedState(error)
  if (discarded !== undefined) return `Api called for an unknown Block: ${discarded}`
  const { panic } = failed.data
  return typeof panic === 'string' && !failed.message.includes(panic) ? `${failed.message}: ${panic}` : failed.message
}

/** What a client is told of anything that a method threw, and whether it is our own fault and belongs into the log. */
export function toRpcError(error: unknown): { readonly error: RpcError; readonly internal: boolean } {
  if (error instanceof RpcError) return { error, internal: false }
  const coded = asNodeError(error)
  if (coded !== undefined) {
    const known = poolError(coded)
    if (known !== undefined) return { error: known, internal: false }
    const discarded = discardedState(error)
    if (discarded !== undefined) return told(CODE.stateClient, `Client error: UnknownBlock: ${discarded}`)
    const failure = runtimeFailure(error)
    if (failure !== undefined) return told(CODE.stateClient, `Client error: Execution failed: ${failure}`)
    if (coded.code === 'STATE_UNKNOWN_ROOT') {
      return told(CODE.stateClient, 'Client error: UnknownBlock: the state of this block is not stored')
    }
    if (coded instanceof ScaleError) return told(CODE.decode, `Unable to decode: ${coded.message}`)
  }
  return { error: new RpcError(CODE.internalError, 'Internal error'), internal: true }
}

function told(code: number, message: string): { readonly error: RpcError; readonly internal: boolean } {
  return { error: new RpcError(code, message), internal: false }
}
