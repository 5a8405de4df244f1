/**
 * What is wrong with a network, from facts: a list of troubles, the worst first, each with what a person needs to know
 * and the actions that mend it. Pure; the words are the window's, and supervisor.ts gathers the facts and acts.
 */
import type { ClockReading } from '../../chain/node/clock-check.ts'
import type { AuthoringHold } from '../../chain/core/types.ts'
import type { NatState } from '../../network/types.ts'
import type { SigningProblem } from '../../chain/node/surroundings.ts'
import type { SyncStatus } from '../../chain/sync/types.ts'

/** What a port is for. */
export type PortPurpose = 'peers' | 'rpc' | 'metrics'

export const TROUBLE_ACTIONS = [
  /** Start the node (again). */
  'start',
  /** Stop and start it. */
  'restart',
  /** Choose a port that is free, and start. */
  'free-port',
  /** Put the database aside and start with an empty one. */
  'set-aside',
  /** Dial peers anew. */
  'reconnect',
  /** Ask the router once more. */
  'ask-router',
  /** Open the system's own settings of date and time. */
  'time-settings',
  /** Look again, now. */
  'check',
  /** Seen: do not show it any more. */
  'dismiss',
] as const
export type TroubleAction = (typeof TROUBLE_ACTIONS)[number]

export type TroubleDetail =
  | { readonly code: 'port-in-use'; readonly purpose: PortPurpose; readonly port: number | undefined }
  | { readonly code: 'folder-locked'; readonly path: string; readonly pid: number | undefined }
  | { readonly code: 'database-unusable'; readonly reason: 'damaged' | 'other-version' | 'other-chain'; readonly path: string }
  /** The node was stopped, or does not start. `stopBytes` is what must be free. */
  | { readonly code: 'disk-full'; readonly freeBytes: number | undefined; readonly stopBytes: number }
  | { readonly code: 'disk-low'; readonly freeBytes: number; readonly stopBytes: number }
  | { readonly code: 'clock-wrong'; readonly offsetMs: number; readonly peers: number }
  | { readonly code: 'clock-jumped'; readonly byMs: number }
  | { readonly code: 'no-peers' }
  /** An authority that makes no blocks: no other node of its network is connected. */
  | { readonly code: 'authoring-alone'; readonly authorities: number }
  /** The clock shows slots that its keys have claimed already; `until` in milliseconds since the Unix epoch, as this clock has it. */
  | { readonly code: 'authoring-again'; readonly until: number }
  /** What the keys signed last cannot be read or written, so nothing is signed. */
  | { readonly code: 'signing-record'; readonly kind: 'unreadable' | 'unwritable'; readonly path: string }
  | { readonly code: 'router'; readonly problem: string; readonly message: string; readonly hint: string }
  /** `stopped`: the node itself failed by it. */
  | { readonly code: 'runtime-trap'; readonly message: string; readonly stopped: boolean }
  /** Peers hold a block that does not come out here as its header says: probably a mistake of this version. `message` is the node's. */
  | { readonly code: 'cannot-execute'; readonly number: number; readonly peers: number; readonly message: string }
  /** Any other reason why the node is not running. */
  | { readonly code: 'node-failed'; readonly failure: string; readonly message: string; readonly hint: string | undefined }

export type TroubleCode = TroubleDetail['code']

export const TROUBLE_CODES = [
  'port-in-use', 'folder-locked', 'database-unusable', 'disk-full', 'disk-low', 'clock-wrong', 'clock-jumped', 'no-peers', 'authoring-alone', 'authoring-again', 'signing-record', 'router', 'runtime-trap', 'cannot-execute', 'node-failed',
] as const satisfies readonly TroubleCode[]

export type TroubleFinding = TroubleDetail & {
  /** `trouble`: the node does not do its work; `attention`: it does, for now. */
  readonly severity: 'trouble' | 'attention'
  /** The first is the obvious one. */
  readonly actions: readonly TroubleAction[]
}

/** What happens by itself after a failure. */
export type RestartOutlook =
  /** Started again at `at` (milliseconds since the Unix epoch), for the `attempt`th time in ten minutes. */
  | { readonly kind: 'waiting'; readonly attempt: number; readonly at: number }
  /** It was tried so often that it is not tried any more. */
  | { readonly kind: 'gave-up'; readonly attempts: number }

export type Trouble = TroubleFinding & {
  /** Milliseconds since the Unix epoch: when it was noticed. */
  readonly since: number
  /** Undefined where nothing happens by itself. */
  readonly outlook: RestartOutlook | undefined
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

export interface TroubleFacts {
  readonly isRunning: boolean
  /** Why it failed, where it did and has not been started since. */
  readonly failure: Failure | undefined
  readonly dataPath: string
  /** Undefined where it is not known. */
  readonly freeBytes: number | undefined
  readonly clock: ClockReading | undefined
  readonly jumpMs: number | undefined
  /** Others should be found, and for how many milliseconds there has been none. */
  readonly aloneForMs: number | undefined
  readonly nat: NatState | undefined
  readonly sync: SyncStatus | undefined
  /** Why the node could not author its last block. */
  readonly authoring: { readonly code: string; readonly message: string } | undefined
  /** Why it makes no blocks though it is to make them, and since how many milliseconds. */
  readonly hold: { readonly reason: AuthoringHold; readonly forMs: number } | undefined
  readonly slotDurationMs: number | undefined
  readonly signing: SigningProblem | undefined
  /** Another port can be chosen here. */
  readonly canChangePorts: boolean
  /** The system's settings of date and time can be opened here. */
  readonly canOpenTimeSettings: boolean
}

export interface DiskLimits {
  /** Below this it is worth a word. */
  readonly warnBytes: number
  /** Below this the node stops, while the database can still close properly. */
  readonly stopBytes: number
}

export const DISK_LIMITS: DiskLimits = { warnBytes: 5_000_000_000, stopBytes: 500_000_000 }

/** What is free on a disk changes all the time: a card need not. */
const ROUNDING = 10_000_000

/** A network that should have peers has had none for so long; an authority has made no blocks for so long. */
export const ALONE_LIMIT_MS = 60_000

const PORTS: Readonly<Record<string, PortPurpose>> = { RPC_PORT_IN_USE: 'rpc', NETWORK_PORT_IN_USE: 'peers', METRICS_PORT_IN_USE: 'metrics' }
const UNUSABLE = { STATE_DB_CORRUPT: 'damaged', STATE_DB_VERSION: 'other-version', STATE_WRONG_GENESIS: 'other-chain' } as const
const TRAPS: readonly string[] = ['RUNTIME_TRAP', 'RUNTIME_MISSING_HOST_FUNCTION', 'RUNTIME_OUT_OF_MEMORY', 'RUNTIME_TIMEOUT']

export function findTroubles(facts: TroubleFacts, limits: DiskLimits = DISK_LIMITS): readonly TroubleFinding[] {
  const found = facts.failure === undefined ? [] : [failureTrouble(facts, facts.failure, limits)]
  if (facts.isRunning) found.push(...runningTroubles(facts))
  const { freeBytes } = facts
  if (freeBytes !== undefined && freeBytes < limits.warnBytes && !found.some(({ code }) => code === 'disk-full')) {
    found.push({ code: 'disk-low', severity: 'attention', freeBytes: Math.floor(freeBytes / ROUNDING) * ROUNDING, stopBytes: limits.stopBytes, actions: ['check'] })
  }
  return found.sort((a, b) => Number(b.severity === 'trouble') - Number(a.severity === 'trouble'))
}

function failureTrouble({ dataPath, freeBytes, canChangePorts }: TroubleFacts, { code, message, hint, data }: Failure, limits: DiskLimits): TroubleFinding {
  const purpose = PORTS[code]
  if (purpose !== undefined) {
    return { code: 'port-in-use', severity: 'trouble', purpose, port: numberIn(data, 'port'), actions: canChangePorts ? ['free-port', 'start'] : ['start'] }
  }
  if (code === 'STATE_DB_LOCKED') return { code: 'folder-locked', severity: 'trouble', path: dataPath, pid: numberIn(data, 'pid'), actions: ['start'] }
  if (code in UNUSABLE) {
    const reason = UNUSABLE[code as keyof typeof UNUSABLE]
    return { code: 'database-unusable', severity: 'trouble', reason, path: dataPath, actions: reason === 'damaged' ? ['set-aside'] : ['set-aside', 'start'] }
  }
  if (code === 'DISK_FULL') return { code: 'disk-full', severity: 'trouble', freeBytes, stopBytes: limits.stopBytes, actions: ['start'] }
  if (TRAPS.includes(code)) return { code: 'runtime-trap', severity: 'trouble', message, stopped: true, actions: ['start'] }
  return { code: 'node-failed', severity: 'trouble', failure: code, message, hint, actions: ['start'] }
}

function runningTroubles(facts: TroubleFacts): TroubleFinding[] {
  const { clock, jumpMs, aloneForMs, nat, sync, authoring, signing, canOpenTimeSettings } = facts
  const found: TroubleFinding[] = []
  const trap = trapMessage(authoring, sync)
  if (sync?.refused !== undefined) {
    const { number, peers, message } = sync.refused
    found.push({ code: 'cannot-execute', severity: 'trouble', number, peers, message, actions: ['restart'] })
  } else if (trap !== undefined) found.push({ code: 'runtime-trap', severity: 'trouble', message: trap, stopped: false, actions: ['restart'] })
  if (clock !== undefined && clock.offsetMs !== 0) {
    const offsetMs = Math.round(clock.offsetMs / 1000) * 1000
    found.push({ code: 'clock-wrong', severity: 'trouble', offsetMs, peers: clock.peers, actions: canOpenTimeSettings ? ['time-settings', 'check'] : ['check'] })
  } else if (jumpMs !== undefined) found.push({ code: 'clock-jumped', severity: 'attention', byMs: jumpMs, actions: ['restart', 'dismiss'] })
  const held = holdTrouble(facts)
  if (held !== undefined) found.push(held)
  if (signing !== undefined) found.push({ code: 'signing-record', severity: 'trouble', ...signing, actions: [signing.kind === 'unreadable' ? 'restart' : 'check'] })
  const isAlone = aloneForMs !== undefined && aloneForMs >= ALONE_LIMIT_MS
  if (isAlone && held?.code !== 'authoring-alone') found.push({ code: 'no-peers', severity: 'trouble', actions: ['reconnect'] })
  if (nat?.problem !== undefined) {
    const { code: problem, message, hint } = nat.problem
    found.push({ code: 'router', severity: 'attention', problem, message, hint, actions: ['ask-router', 'dismiss'] })
  }
  return found
}

/** A start finds its peers in a moment, and a clock may be set right: only what stays is told. */
function holdTrouble({ hold, slotDurationMs, canOpenTimeSettings }: TroubleFacts): TroubleFinding | undefined {
  if (hold === undefined || hold.forMs < ALONE_LIMIT_MS) return undefined
  const { reason } = hold
  if (reason.kind === 'alone') return { code: 'authoring-alone', severity: 'trouble', authorities: reason.authorities, actions: ['reconnect'] }
  if (reason.kind !== 'clock-behind' || slotDurationMs === undefined) return undefined
  return { code: 'authoring-again', severity: 'trouble', until: reason.untilSlot * slotDurationMs, actions: canOpenTimeSettings ? ['time-settings', 'check'] : ['check'] }
}

function trapMessage(authoring: TroubleFacts['authoring'], sync: SyncStatus | undefined): string | undefined {
  if (authoring !== undefined && TRAPS.includes(authoring.code)) return authoring.message
  return sync?.stalled?.reason === 'blocks-do-not-execute' ? '' : undefined
}

function numberIn(data: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = data[name]
  return typeof value === 'number' ? value : undefined
}
