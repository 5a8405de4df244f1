/** What can be wrong with the node of a chain besides what every node can suffer from. Pure; hosted.ts gathers the facts. */
import { numberIn, PATIENCE_MS, type DatabaseFault, type Failure, type TroubleAction, type TroubleFinding } from '../trouble.ts'
import type { LastingHold } from './hold-watch.ts'
import type { ChainView } from '../../../chain/node/view.ts'

type Surroundings = ChainView['surroundings']
type SyncStatus = ReturnType<ChainView['sync']['status']>

export interface ChainFacts {
  readonly dataPath: string
  readonly sync: SyncStatus
  /** Why the node could not author its last block. */
  readonly authoring: ReturnType<Surroundings['authoringProblem']>
  /** Why it makes no blocks though it is to make them, and since how many milliseconds. */
  readonly hold: LastingHold | undefined
  readonly slotDurationMs: number | undefined
  readonly signing: ReturnType<Surroundings['signingProblem']>
  /** Its turns pass without a block. */
  readonly silence: ReturnType<ChainView['record']['silence']>
  /** What another computer signed with its keys. */
  readonly elsewhere: ReturnType<Surroundings['signedElsewhere']>
  /** It runs on a runtime that such networks are not made of any more. */
  readonly oldRuntime: boolean
  /** It is to validate, and does not: validators of live relay chains check parachains. */
  readonly validatorRefused: boolean
  /** Strangers run the network, all over the internet. */
  readonly isPublic: boolean
  /** The system's settings of date and time can be opened here. */
  readonly canOpenTimeSettings: boolean
}

const UNUSABLE = { STATE_DB_CORRUPT: 'damaged', STATE_DB_BEYOND_REPAIR: 'beyond-repair', STATE_DB_FAILED: 'failed', STATE_DB_VERSION: 'other-version', STATE_WRONG_GENESIS: 'other-chain' } as const
const DATABASE_ACTIONS: Readonly<Record<DatabaseFault, readonly TroubleAction[]>> = {
  damaged: ['repair', 'set-aside'],
  'beyond-repair': ['set-aside', 'start'],
  failed: ['start', 'repair', 'set-aside'],
  'other-version': ['set-aside', 'start'],
  'other-chain': ['set-aside', 'start'],
}
/** What a node says whose database turns out to be damaged while it runs. */
const DAMAGES: readonly string[] = ['STATE_DB_CORRUPT', 'LEVEL_CORRUPTION', 'TRIE_MISSING_NODE', 'TRIE_BAD_NODE']
const TRAPS: readonly string[] = ['RUNTIME_TRAP', 'RUNTIME_MISSING_HOST_FUNCTION', 'RUNTIME_OUT_OF_MEMORY', 'RUNTIME_TIMEOUT']

/** A folder in use, data that cannot be read: to try again changes nothing. What the system refuses once it may grant again. */
export const NEEDS_PERSON: readonly string[] = ['RPC_PORT_IN_USE', 'RPC_PORT_FORBIDDEN', 'STATE_DB_LOCKED', 'STATE_PRUNING_REFUSED', 'ENGINE_SEALED_CHAIN', ...Object.keys(UNUSABLE).filter((code) => code !== 'STATE_DB_FAILED'), ...DAMAGES]

/** What a failure of state, runtime or RPC means; undefined for any other. `hasRun`: a node has run on these data before. */
export function explainFailure({ code, message, data }: Failure, dataPath: string, hasRun = false): TroubleFinding | undefined {
  if (code === 'RPC_PORT_IN_USE') return { code: 'port-in-use', severity: 'trouble', purpose: 'rpc', port: numberIn(data, 'port'), actions: ['free-port', 'start'] }
  if (code === 'STATE_DB_LOCKED') return { code: 'folder-locked', severity: 'trouble', path: dataPath, pid: numberIn(data, 'pid'), actions: ['start'] }
  // Code that ran before and is none any more: it was read from a table that is damaged.
  const isDamage = DAMAGES.includes(code) || (hasRun && code === 'RUNTIME_INVALID_CODE')
  if (isDamage || code in UNUSABLE) {
    const reason = isDamage ? 'damaged' : UNUSABLE[code as keyof typeof UNUSABLE]
    return { code: 'database-unusable', severity: 'trouble', reason, path: dataPath, actions: DATABASE_ACTIONS[reason] }
  }
  return TRAPS.includes(code) ? { code: 'runtime-trap', severity: 'trouble', message, stopped: true, actions: ['start'] } : undefined
}

/** All that is wrong with a node that runs. An authority that makes no blocks because it is alone need not be told that it has no peers. */
export function chainTroubles(common: readonly TroubleFinding[], facts: ChainFacts): readonly TroubleFinding[] {
  const block = damageTrouble(facts) ?? blockTrouble(facts)
  const held = holdTrouble(facts)
  const signing = facts.signing && signingTrouble(facts.signing)
  const elsewhere = facts.elsewhere && elsewhereTrouble(facts.elsewhere)
  // Where something has a card already, its effect needs none.
  const silent = elsewhere === undefined && block === undefined && signing === undefined && facts.hold === undefined ? silenceTrouble(facts) : undefined
  const known = held?.code === 'authoring-alone' ? common.filter(({ code }) => code !== 'no-peers') : common
  const rest = facts.isPublic ? known : known.map((found) => (found.code === 'no-peers' ? { ...found, own: true } : found))
  const old: TroubleFinding | undefined = facts.oldRuntime ? { code: 'old-runtime', severity: 'attention', actions: ['dismiss'] } : undefined
  const refused: TroubleFinding | undefined = facts.validatorRefused ? { code: 'relay-validator', severity: 'attention', actions: ['dismiss'] } : undefined
  return [elsewhere, block, held, signing, silent, refused, ...rest, old].filter((found) => found !== undefined)
}

/** The database turns out to be damaged while the node runs. */
function damageTrouble({ authoring, dataPath }: ChainFacts): TroubleFinding | undefined {
  if (authoring === undefined || !DAMAGES.includes(authoring.code)) return undefined
  return { code: 'database-unusable', severity: 'trouble', reason: 'damaged', path: dataPath, actions: DATABASE_ACTIONS.damaged }
}

function blockTrouble({ authoring, sync }: ChainFacts): TroubleFinding | undefined {
  if (sync?.refused !== undefined) {
    const { number, peers, message } = sync.refused
    return { code: 'cannot-execute', severity: 'trouble', number, peers, message, actions: ['restart'] }
  }
  const isTrap = authoring !== undefined && TRAPS.includes(authoring.code)
  if (!isTrap && sync?.stalled?.reason !== 'blocks-do-not-execute') return undefined
  return { code: 'runtime-trap', severity: 'trouble', message: isTrap ? authoring.message : '', stopped: false, actions: ['restart'] }
}

function holdTrouble({ hold, slotDurationMs, canOpenTimeSettings }: ChainFacts): TroubleFinding | undefined {
  if (hold === undefined || hold.forMs < PATIENCE_MS) return undefined
  const { reason } = hold
  if (reason.kind === 'alone') return { code: 'authoring-alone', severity: 'trouble', authorities: reason.authorities, actions: ['reconnect'] }
  if (reason.kind !== 'clock-behind' || slotDurationMs === undefined) return undefined
  return { code: 'authoring-again', severity: 'trouble', until: reason.untilSlot * slotDurationMs, actions: canOpenTimeSettings ? ['time-settings', 'check'] : ['check'] }
}

function signingTrouble(problem: NonNullable<ChainFacts['signing']>): TroubleFinding {
  return { code: 'signing-record', severity: 'trouble', ...problem, actions: [problem.kind === 'unreadable' ? 'restart' : 'check'] }
}

function elsewhereTrouble(found: NonNullable<ChainFacts['elsewhere']>): TroubleFinding {
  return { code: 'signed-elsewhere', severity: 'trouble', found: found === 'unreadable' ? undefined : found, actions: ['sole-signer'] }
}

function silenceTrouble({ silence, authoring }: ChainFacts): TroubleFinding | undefined {
  if (silence === undefined) return undefined
  const reason = silence.locked ? 'locked' : authoring === undefined ? 'unknown' : 'failed'
  return { code: 'not-signing', severity: 'trouble', turns: silence.turns, reason, message: reason === 'failed' ? (authoring?.message ?? '') : '', actions: [reason === 'locked' ? 'check' : 'restart'] }
}
