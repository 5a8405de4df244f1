/**
 * Why a block is refused, and what that says about whom (the kinds: core/types.ts).
 *
 * An importer that takes every refusal for the sender's fault bans all honest peers on the day when it is itself wrong: a host
 * function that traps, a state root that comes out differently, a machine that is too slow. One that takes none for a fault can
 * be fed rubbish for ever. So each error belongs to one kind, and the syncer treats each kind in its own way. Consensus engines
 * say the kind of theirs themselves ({@link EngineError}); here are those of import, execution and decoding.
 */
import type { NodeError } from '../../../base/errors.ts'
import { EngineError } from '../engines/engine.ts'
import type { RefusalKind } from '../types.ts'

const KINDS: Readonly<Record<string, RefusalKind>> = {
  IMPORT_BELOW_FINALIZED: 'obsolete',

  IMPORT_WRONG_EXTRINSICS_ROOT: 'delivery',

  IMPORT_WRONG_STATE_ROOT: 'execution',
  RUNTIME_TRAP: 'execution',
  RUNTIME_BAD_RESULT: 'execution',

  IMPORT_INTERNAL: 'host',
  RUNTIME_MISSING_HOST_FUNCTION: 'host',
  RUNTIME_TIMEOUT: 'host',
  RUNTIME_OUT_OF_MEMORY: 'host',
  RUNTIME_INVALID_CODE: 'host',
  RUNTIME_NO_SUCH_API: 'host',
}

/** Families of codes that say something about the block; all others are failures of the node. */
const FAMILIES = ['IMPORT_', 'SCALE_']

/** Undefined where the error is no refusal of a block: the database failed, a service is being stopped. */
export function refusalOf(error: NodeError): RefusalKind | undefined {
  if (error instanceof EngineError) return error.refusal
  return KINDS[error.code] ?? (FAMILIES.some((family) => error.code.startsWith(family)) ? 'proven' : undefined)
}

/** Codes that say something about a justification, not about us, besides those of engines. */
const UNPROVEN = ['SCALE_', 'STATE_NOT_AN_ANCESTOR', 'STATE_UNKNOWN_BLOCK']

/** Whether a justification does not prove what it should. */
export function isUnproven(error: NodeError): boolean {
  return error instanceof EngineError || UNPROVEN.some((prefix) => error.code.startsWith(prefix))
}

const PASSING = ['RUNTIME_STOPPED', 'CRYPTO_STOPPED', 'CRYPTO_BUSY', 'STATE_NOT_RUNNING', 'QUEUE_FULL', 'QUEUE_CLOSED']

/** A service is being stopped, or has too much to do at this moment. */
export function isPassing({ code }: NodeError): boolean {
  return PASSING.includes(code)
}
