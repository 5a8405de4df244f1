/**
 * Why a block is refused, and what that says about whom.
 *
 * An importer that takes every refusal for the sender's fault bans all honest peers on the day when it is itself wrong: a host
 * function that traps, a state root that comes out differently, a machine that is too slow. One that takes none for a fault can
 * be fed rubbish for ever. So each code belongs to one of six kinds, and the syncer treats each kind in its own way:
 *
 * - `early`: good later, by this computer's clock. Kept and tried again.
 * - `obsolete`: of no use here any more, whoever is right. Dropped.
 * - `delivery`: the body is not the one that the header names. The block may be good, what this sender gave is not.
 * - `proven`: header or signatures are wrong for anybody who looks. Whoever sends it is charged.
 * - `execution`: it does not come out here as its header says, or not by this node's idea of the epoch. A single holder has made
 *   it up; where several who do not belong together hold it, they have executed it, and this node is wrong.
 * - `host`: this node could not do its work. Nobody is charged, however many hold it.
 */
export type RefusalKind = 'early' | 'obsolete' | 'delivery' | 'proven' | 'execution' | 'host'

const KINDS: Readonly<Record<string, RefusalKind>> = {
  BABE_SLOT_IN_FUTURE: 'early',

  IMPORT_BELOW_FINALIZED: 'obsolete',
  BABE_UNKNOWN_PARENT: 'obsolete',

  IMPORT_WRONG_EXTRINSICS_ROOT: 'delivery',

  IMPORT_WRONG_STATE_ROOT: 'execution',
  RUNTIME_TRAP: 'execution',
  RUNTIME_BAD_RESULT: 'execution',
  // Which authorities, which right and whether an epoch begins here: this node keeps account of that, and may err.
  BABE_UNKNOWN_AUTHORITY: 'execution',
  BABE_SECONDARY_NOT_ALLOWED: 'execution',
  BABE_WRONG_SECONDARY_AUTHOR: 'execution',
  BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT: 'execution',
  BABE_MISSING_EPOCH_ANNOUNCEMENT: 'execution',

  IMPORT_INTERNAL: 'host',
  RUNTIME_MISSING_HOST_FUNCTION: 'host',
  RUNTIME_TIMEOUT: 'host',
  RUNTIME_OUT_OF_MEMORY: 'host',
  RUNTIME_INVALID_CODE: 'host',
  RUNTIME_NO_SUCH_API: 'host',
  BABE_UNKNOWN_EPOCH: 'host',
  BABE_BAD_CONFIGURATION: 'host',
  BABE_NO_KEY: 'host',
  // What a block announces of the next authorities, its runtime said; what it does to finality depends on how far that is here.
  GRANDPA_BAD_AUTHORITIES: 'host',
  GRANDPA_SECOND_FORCED_CHANGE: 'host',
  GRANDPA_FORCED_CHANGE_TOO_EARLY: 'host',
}

/** Families of codes that say something about the block, or about this node's way with it; all others are failures of the node. */
const FAMILIES = ['IMPORT_', 'BABE_', 'GRANDPA_', 'SCALE_']

/** Undefined where the code is no refusal of a block: the database failed, a service is being stopped. */
export function refusalOf(code: string): RefusalKind | undefined {
  return KINDS[code] ?? (FAMILIES.some((family) => code.startsWith(family)) ? 'proven' : undefined)
}
