/**
 * Calls whose form depends on the version of a runtime API.
 *
 * A runtime lists the APIs that it has, each with a version, and the arguments or the result of a function may be another one in
 * each. Nothing in the bytes says so: a call of the wrong form traps, or worse, reads as something else. So a typed call asks for
 * the version of its API first. The list:
 *
 * | API | what changed, from 2020 to 2026 |
 * | --- | --- |
 * | Core | `Core_version` grew in 3 and 4 (version.ts); from 5 on `Core_initialize_block` says which extrinsics a block may have |
 * | BlockBuilder | in 6 the error of a dispatch, which is not read here; what is read is the same from 4 on |
 * | TaggedTransactionQueue | 2 added the source, 3 the hash of the block; before 3 a block has to be begun first (validity.ts) |
 * | SessionKeys | 2 wants the owner of the keys and proves that they are his (session-keys.ts) |
 * | TransactionPaymentApi | the weight: a u32, a u64, one compact integer, two of them (payment.ts) |
 * | Metadata | 2 gives every version of the metadata that it can (metadata.ts) |
 * | MmrApi | 2 proves blocks by their numbers; 3 added proofs of ancestry (mmr.ts) |
 * | AccountNonceApi, AuthorityDiscoveryApi | nothing |
 *
 * Consensus engines say of their own APIs what they know: core/engines/<engine>/runtime-api.ts.
 *
 * A version that is newer than this node is called in the newest form that it knows. Where that fails, the error says so.
 */
import { errorMessage } from '../../../base/errors.ts'
import { toHex, utf8, type Hash } from '../../../base/bytes.ts'
import { blake2b64 } from '../../../crypto/hashes/hashing.ts'
import { ScaleError } from '../../../scale/reader.ts'
import { RuntimeError } from '../errors.ts'
import type { RuntimeExecutor, RuntimeVersion } from '../types.ts'
import { apiVersion } from './version.ts'

/** The newest version of each API that this node knows. */
const KNOWN = {
  Core: 5,
  Metadata: 2,
  BlockBuilder: 6,
  TaggedTransactionQueue: 3,
  SessionKeys: 2,
  AccountNonceApi: 1,
  TransactionPaymentApi: 4,
  AuthorityDiscoveryApi: 1,
  MmrApi: 3,
} as const

export type ApiName = keyof typeof KNOWN

/** An API that its user knows up to a version. */
export interface KnownApi {
  readonly name: string
  readonly newest: number
}

/** What a typed call needs of the executor. */
export type ApiCaller = Pick<RuntimeExecutor, 'call' | 'version'>

const IDS = new Map<string, string>()

/** The name of an API in a runtime's list: blake2b-64 of it. */
export function apiId(name: string): string {
  let id = IDS.get(name)
  if (id === undefined) IDS.set(name, (id = toHex(blake2b64(utf8(name)))))
  return id
}

/** Undefined where the runtime does not have this API. */
export function versionOfApi(runtime: RuntimeVersion, api: ApiName | KnownApi): number | undefined {
  return apiVersion(runtime.apis, apiId(nameOf(api)))
}

/**
 * Asks which version of `api` the runtime at this state has, and calls in that form. Throws RUNTIME_NO_SUCH_API where it has none,
 * and what the call throws.
 */
export async function byVersion<T>(caller: Pick<ApiCaller, 'version'>, stateRoot: Hash, api: ApiName | KnownApi, call: (version: number) => T | Promise<T>): Promise<T> {
  const runtime = await caller.version(stateRoot)
  const version = requireApi(runtime, api)
  try {
    return await call(version)
  } catch (error) {
    throw version > newestOf(api) ? newerThanKnown(error, runtime, api, version) : error
  }
}

/** Throws RUNTIME_NO_SUCH_API. */
export function requireApi(runtime: RuntimeVersion, api: ApiName | KnownApi): number {
  const version = versionOfApi(runtime, api)
  if (version !== undefined) return version
  throw new RuntimeError('RUNTIME_NO_SUCH_API', `the runtime ${runtime.specName} ${runtime.specVersion} does not have the API ${nameOf(api)}`, { data: { name: nameOf(api) } })
}

function newerThanKnown(error: unknown, { specName, specVersion }: RuntimeVersion, api: ApiName | KnownApi, version: number): unknown {
  const failed = error instanceof RuntimeError && (error.code === 'RUNTIME_TRAP' || error.code === 'RUNTIME_BAD_RESULT')
  if (!failed && !(error instanceof ScaleError)) return error
  const why = `${errorMessage(error)} (the runtime ${specName} ${specVersion} has version ${version} of ${nameOf(api)}, this node knows versions up to ${newestOf(api)})`
  return new RuntimeError(failed ? error.code : 'RUNTIME_BAD_RESULT', why, { hint: 'Check whether a newer version of this program supports it.', data: { api: nameOf(api), version }, cause: error })
}

function nameOf(api: ApiName | KnownApi): string {
  return typeof api === 'string' ? api : api.name
}

function newestOf(api: ApiName | KnownApi): number {
  return typeof api === 'string' ? KNOWN[api] : api.newest
}
