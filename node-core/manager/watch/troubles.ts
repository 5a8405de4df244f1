/**
 * What is wrong with a network, from facts: a list of troubles, the worst first, each with what a person needs to know
 * and the actions that mend it. Pure; the words are the window's, and supervisor.ts gathers the facts and acts. What only
 * one kind of node can suffer from comes from that kind (kinds/kind.ts).
 */
import type { TopologyView } from '../../network/topology/fixed-topology.ts'
import type { NatState } from '../../network/types.ts'
import { FOLDER_FAULTS, isFolderError } from '../folders/folder-check.ts'
import type { ClockOffset } from '../kinds/kind.ts'
import { numberIn, PATIENCE_MS, type Failure, type PortPurpose, type TroubleFinding } from '../kinds/trouble.ts'

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

/** How the kind of the node reads its own failures, and what it adds while the node runs. */
export interface KindOfTrouble {
  explain(failure: Failure): TroubleFinding | undefined
  troubles(common: readonly TroubleFinding[]): readonly TroubleFinding[]
}

/** What a repair of the database came to: `newest` is there, `seen` was there before, as far as that is known. */
export interface RepairNews {
  readonly kept: string
  readonly newest: number
  readonly seen: number | undefined
}

export interface TroubleFacts {
  readonly isRunning: boolean
  /** Nobody else makes this network's blocks, as far as it was known last. */
  readonly soleAuthority?: boolean | undefined
  /** Why it failed, where it did and has not been started since. */
  readonly failure: Failure | undefined
  /** The database was repaired, and nobody has read of it yet. */
  readonly repair?: RepairNews | undefined
  /** Undefined where it is not known. */
  readonly freeBytes: number | undefined
  readonly clock: ClockOffset | undefined
  readonly jumpMs: number | undefined
  /** Others should be found, and for how many milliseconds there has been none. */
  readonly aloneForMs: number | undefined
  readonly nat: NatState | undefined
  /** Where a file says who the network's members are. */
  readonly topology?: TopologyView | undefined
  /** The name of the network of this app that has a port; undefined where it is none of them. */
  readonly portHolder?: ((port: number) => string | undefined) | undefined
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

const PORTS: Readonly<Record<string, PortPurpose>> = { NETWORK_PORT_IN_USE: 'peers', METRICS_PORT_IN_USE: 'metrics' }

export function findTroubles(facts: TroubleFacts, kind: KindOfTrouble, limits: DiskLimits = DISK_LIMITS): readonly TroubleFinding[] {
  const found = facts.failure === undefined ? [] : [failureTrouble(facts, facts.failure, kind, limits)]
  if (facts.isRunning) found.push(...kind.troubles(runningTroubles(facts)))
  const { freeBytes, repair } = facts
  if (facts.isRunning && repair !== undefined) found.push({ code: 'database-repaired', severity: 'attention', ...repair, actions: ['dismiss'] })
  if (freeBytes !== undefined && freeBytes < limits.warnBytes && !found.some(({ code }) => code === 'disk-full')) {
    found.push({ code: 'disk-low', severity: 'attention', freeBytes: Math.floor(freeBytes / ROUNDING) * ROUNDING, stopBytes: limits.stopBytes, actions: ['check'] })
  }
  return found.sort((a, b) => Number(b.severity === 'trouble') - Number(a.severity === 'trouble'))
}

function failureTrouble({ freeBytes, canChangePorts, soleAuthority, portHolder }: TroubleFacts, failure: Failure, kind: KindOfTrouble, limits: DiskLimits): TroubleFinding {
  const found = kind.explain(failure) ?? commonFailure(failure, freeBytes, limits)
  const concernsData = found.code === 'data-folder' || found.code === 'database-unusable'
  let finding: TroubleFinding = concernsData && soleAuthority === true ? { ...found, soleAuthority } : found
  if (finding.code === 'port-in-use' && finding.port !== undefined) {
    const network = portHolder?.(finding.port)
    if (network !== undefined) finding = { ...finding, network }
  }
  return canChangePorts ? finding : { ...finding, actions: finding.actions.filter((action) => action !== 'free-port') }
}

function commonFailure({ code, message, hint, data }: Failure, freeBytes: number | undefined, limits: DiskLimits): TroubleFinding {
  const purpose = PORTS[code]
  if (purpose !== undefined) return { code: 'port-in-use', severity: 'trouble', purpose, port: numberIn(data, 'port'), actions: ['free-port', 'start'] }
  if (isFolderError(code)) {
    const path = typeof data['path'] === 'string' ? data['path'] : ''
    return { code: 'data-folder', severity: 'trouble', reason: FOLDER_FAULTS[code], path, found: numberIn(data, 'found'), seen: numberIn(data, 'seen'), actions: ['start'] }
  }
  if (code === 'DISK_FULL') return { code: 'disk-full', severity: 'trouble', freeBytes, stopBytes: limits.stopBytes, actions: ['start'] }
  return { code: 'node-failed', severity: 'trouble', failure: code, message, hint, actions: ['start'] }
}

function runningTroubles({ clock, jumpMs, aloneForMs, nat, topology, canOpenTimeSettings }: TroubleFacts): TroubleFinding[] {
  const found: TroubleFinding[] = []
  if (clock !== undefined && clock.offsetMs !== 0) {
    const offsetMs = Math.round(clock.offsetMs / 1000) * 1000
    found.push({ code: 'clock-wrong', severity: 'trouble', offsetMs, peers: clock.peers, actions: canOpenTimeSettings ? ['time-settings', 'check'] : ['check'] })
  } else if (jumpMs !== undefined) found.push({ code: 'clock-jumped', severity: 'attention', byMs: jumpMs, actions: ['restart', 'dismiss'] })
  if (aloneForMs !== undefined && aloneForMs >= PATIENCE_MS) found.push({ code: 'no-peers', severity: 'trouble', actions: ['reconnect'] })
  if (nat?.problem !== undefined) {
    const { code: problem, message, hint } = nat.problem
    found.push({ code: 'router', severity: 'attention', problem, message, hint, actions: ['ask-router', 'dismiss'] })
  }
  if (topology !== undefined) found.push(...topologyTroubles(topology))
  return found
}

function topologyTroubles({ path, members, problem }: TopologyView): TroubleFinding[] {
  const found: TroubleFinding[] = []
  const [first, ...others] = members.flatMap(({ id, name, failure }) => (failure?.code === 'NETWORK_DIAL_OTHER_PEER' && failure.found !== undefined ? [{ peer: id, name, found: failure.found }] : []))
  if (first !== undefined) found.push({ code: 'member-key', severity: 'attention', ...first, others: others.length, path, actions: ['reconnect', 'dismiss'] })
  if (problem !== undefined) found.push({ code: 'topology-file', severity: 'attention', path, failure: problem.code, message: problem.message, actions: ['dismiss'] })
  return found
}
