/**
 * Watches over one network: gathers the facts that troubles.ts judges, starts a node that failed again (restart-policy.ts),
 * stops it before a full disk harms the database (free-space.ts), looks after connections when the clock jumped (clock-jump.ts), and does what a person chose to mend it.
 */
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { NodeError, errorMessage, isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { HostedNode, NodeKind, NodeView } from '../kinds/kind.ts'
import type { Failure, PortPurpose, TroubleAction, TroubleCode, TroubleFinding } from '../kinds/trouble.ts'
import { ClockJump } from './clock-jump.ts'
import { FreeSpace } from './free-space.ts'
import { needsPerson, RestartPolicy } from './restart-policy.ts'
import { findTroubles, type DiskLimits, type KindOfTrouble, type RepairNews, type RestartOutlook, type Trouble, type TroubleFacts } from './troubles.ts'
import type { NodeState } from '../types.ts'

export interface SupervisorDependencies {
  readonly clock: Clock
  /** Milliseconds that pass whatever the clock is set to. */
  readonly monotonic: () => number
  readonly logger: Logger
  readonly freeBytes: () => Promise<number | undefined>
  /** Chooses a port that is free and keeps it for the next start; left out where ports are not this program's to choose. */
  readonly changePort?: ((purpose: PortPurpose) => Promise<void>) | undefined
  /** The name of the network of this program that has a port. */
  readonly portHolder?: ((port: number) => string | undefined) | undefined
  /** Opens the system's settings of date and time; left out where nobody sits before it, or it has none. */
  readonly openTimeSettings?: (() => Promise<void>) | undefined
  readonly limits?: DiskLimits | undefined
  /** How nodes of this kind fail. */
  readonly kind: Pick<NodeKind, 'needsPerson' | 'explain'>
  readonly network: SupervisedNetwork
  readonly onChange: () => void
}

/** The network as its supervisor sees it. */
export interface SupervisedNetwork {
  readonly dataPath: string
  readonly state: NodeState
  /** As far as it was known last. */
  readonly soleAuthority: boolean
  /** A node has run on its data before. */
  readonly hasRun: boolean
  /** While it runs. */
  readonly hosted: HostedNode | undefined
  /** By hand: what was counted before does not count any more. */
  start(): Promise<void>
  restart(): Promise<void>
  /** Puts the database aside and starts with an empty one. */
  beginAnew(): Promise<void>
  /** Repairs the database and starts. */
  repair(): Promise<void>
  /** By itself, after a failure. */
  startAgain(): Promise<void>
  /** Stops the running node for this reason. */
  fail(error: NodeError): void
}

export type SupervisorErrorCode = 'TROUBLE_GONE'

/** How often the facts that no event announces are looked at. */
const LOOK_INTERVAL_MS = 5_000
const DISK_INTERVAL_MS = 30_000

export class Supervisor {
  readonly #deps: SupervisorDependencies
  readonly #policy = new RestartPolicy()
  readonly #since = new Map<TroubleCode, number>()
  readonly #dismissed = new Set<TroubleCode>()
  #failure: Failure | undefined
  #outlook: RestartOutlook | undefined
  #cancelRestart: Disposer | undefined
  #cancelLook: Disposer | undefined
  readonly #disk: FreeSpace
  readonly #clockJump: ClockJump
  #diskAt = -Infinity
  #lastPeersAt = 0
  #repair: RepairNews | undefined
  #troubles: readonly Trouble[] = []
  #shown = '[]'

  constructor(dependencies: SupervisorDependencies) {
    this.#deps = dependencies
    this.#disk = new FreeSpace(dependencies.freeBytes, dependencies.limits)
    this.#clockJump = new ClockJump(dependencies.monotonic)
  }

  get #node(): NodeView | undefined {
    return this.#deps.network.hosted?.node
  }

  /** The worst first. */
  get troubles(): readonly Trouble[] {
    return this.#troubles
  }

  /** When a failed node is started again, in milliseconds since the Unix epoch. */
  get restartAt(): number | undefined {
    return this.#outlook?.kind === 'waiting' ? this.#outlook.at : undefined
  }

  /** Before each start. Throws DISK_FULL. */
  async beforeStart(byHand: boolean): Promise<void> {
    this.#forgetRestart()
    if (byHand) this.#policy.reset()
    await this.#measureDisk()
    if (this.#disk.isUsedUp) throw this.#disk.error('The node was not started')
  }

  started(): void {
    this.#failure = undefined
    this.#outlook = undefined
    this.#dismissed.clear()
    this.#clockJump.forget()
    this.#lastPeersAt = this.#deps.clock.now()
    this.#look()
  }

  /** The node runs on a database that was repaired: that is told until somebody has read it. */
  repaired(news: RepairNews): void {
    this.#repair = news
    this.#judge()
  }

  /** `again`: it ran, or was started by itself; a start by hand that fails is answered at once, and waits for the person. */
  failed(error: unknown, again: boolean): void {
    const { clock, logger } = this.#deps
    const code = isNodeError(error) ? error.code : 'INTERNAL'
    this.#failure = { code, message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined, data: isNodeError(error) ? error.data : {} }
    this.#stopLooking()
    this.#forgetRestart()
    const now = clock.now()
    const wait = again && !needsPerson(code, this.#deps.kind.needsPerson) ? this.#policy.next(now) : undefined
    if (wait !== undefined) {
      this.#outlook = { kind: 'waiting', attempt: this.#policy.attempts(now), at: now + wait }
      this.#cancelRestart = clock.schedule(wait, () => this.#startAgain())
      logger.info('the failed node will be restarted', { inMs: wait, attempt: this.#policy.attempts(now) })
    } else if (again && !needsPerson(code, this.#deps.kind.needsPerson)) {
      this.#outlook = { kind: 'gave-up', attempts: this.#policy.attempts(now) }
      logger.error('the node failed too often and must be started manually', { attempts: this.#policy.attempts(now) })
    }
    this.#judge()
  }

  stopped(): void {
    this.#failure = undefined
    this.#stopLooking()
    this.#forgetRestart()
    this.#judge()
  }

  /** The computer woke up, or is in another network. A jump of the clock is what a sleep looks like: it is not told. */
  onWake(): void {
    this.#clockJump.skip()
    this.#node?.surroundings.forgetClock()
    this.#node?.surroundings.reconnect()
  }

  /** Throws TROUBLE_GONE where there is no such trouble (any more), and what the action throws. */
  async act(code: TroubleCode, action: TroubleAction): Promise<void> {
    const trouble = this.#troubles.find((candidate) => candidate.code === code)
    if (trouble === undefined || !trouble.actions.includes(action)) {
      throw new NodeError<SupervisorErrorCode>('TROUBLE_GONE', 'This problem no longer exists.', { hint: 'Nothing was done.' })
    }
    const { network, clock } = this.#deps
    switch (action) {
      case 'start':
        return network.start()
      case 'restart':
        return network.restart()
      case 'free-port':
        if (trouble.code === 'port-in-use') await this.#deps.changePort?.(trouble.purpose)
        return network.start()
      case 'repair':
        return network.repair()
      case 'set-aside':
        return network.beginAnew()
      case 'reconnect':
        this.#node?.surroundings.reconnect()
        this.#lastPeersAt = clock.now()
        break
      case 'ask-router':
        this.#node?.surroundings.askRouter()
        break
      case 'time-settings':
        return this.#deps.openTimeSettings?.()
      case 'check':
        if (trouble.code === 'clock-wrong') this.#node?.surroundings.forgetClock()
        await this.#measureDisk()
        return this.#afterMeasuring()
      case 'sole-signer':
        await network.hosted?.mend?.(action)
        break
      case 'dismiss':
        if (code === 'database-repaired') this.#repair = undefined
        this.#dismissed.add(code)
    }
    this.#judge()
  }

  #startAgain(): void {
    this.#cancelRestart = undefined
    this.#deps.network.startAgain().catch(() => undefined)
  }

  #forgetRestart(): void {
    this.#cancelRestart?.()
    this.#cancelRestart = undefined
    this.#outlook = undefined
  }

  #stopLooking(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  #look(): void {
    const { clock } = this.#deps
    this.#stopLooking()
    this.#cancelLook = clock.schedule(LOOK_INTERVAL_MS, () => this.#look())
    const now = clock.now()
    this.#watchClock(now)
    if ((this.#node?.network.peers().length ?? 0) > 0) this.#lastPeersAt = now
    if (now - this.#diskAt >= DISK_INTERVAL_MS) void this.#measureDisk().then(() => this.#afterMeasuring())
    this.#judge()
  }

  #afterMeasuring(): void {
    const { network } = this.#deps
    if (network.state === 'running' && this.#disk.isUsedUp) network.fail(this.#disk.error('The node was stopped to protect the database'))
    else this.#judge()
  }

  /** After a jump connections are looked after. */
  #watchClock(now: number): void {
    if (!this.#clockJump.look(now)) return
    this.#deps.logger.warn('the clock jumped', { byMs: this.#clockJump.byMs })
    this.#dismissed.delete('clock-jumped')
    this.#node?.surroundings.forgetClock()
    this.#node?.surroundings.reconnect()
  }

  #measureDisk(): Promise<void> {
    this.#diskAt = this.#deps.clock.now()
    return this.#disk.measure()
  }

  #judge(): void {
    const { clock, kind, network, changePort, portHolder, openTimeSettings, onChange } = this.#deps
    const now = clock.now()
    const node = this.#node
    const canOpenTimeSettings = openTimeSettings !== undefined
    const facts: TroubleFacts = {
      isRunning: network.state === 'running',
      soleAuthority: network.soleAuthority,
      repair: this.#repair,
      failure: network.state === 'failed' ? this.#failure : undefined,
      freeBytes: network.state === 'stopped' ? undefined : this.#disk.bytes,
      clock: node?.surroundings.clock(),
      jumpMs: this.#clockJump.byMs,
      aloneForMs: node?.surroundings.expectsPeers === true && node.network.peers().length === 0 ? now - this.#lastPeersAt : undefined,
      // Where nobody is to be found, nobody need find this node.
      nat: node?.surroundings.expectsPeers === true ? node.network.nat() : undefined,
      topology: node?.network.topology(),
      portHolder,
      canChangePorts: changePort !== undefined,
      canOpenTimeSettings,
    }
    const judge: KindOfTrouble = {
      explain: (failure) => kind.explain(failure, network.dataPath, network.hasRun),
      troubles: (common) => network.hosted?.troubles(common, { now, canOpenTimeSettings }) ?? common,
    }
    const findings = findTroubles(facts, judge, this.#disk.limits)
    for (const code of [...this.#dismissed]) if (!findings.some((finding) => finding.code === code)) this.#dismissed.delete(code)
    const shown = findings.filter(({ code }) => !this.#dismissed.has(code))
    for (const code of [...this.#since.keys()]) if (!shown.some((finding) => finding.code === code)) this.#since.delete(code)
    this.#troubles = shown.map((finding) => this.#dated(finding, now))
    const text = JSON.stringify(this.#troubles)
    if (text === this.#shown) return
    this.#shown = text
    onChange()
  }

  #dated(finding: TroubleFinding, now: number): Trouble {
    const since = this.#since.get(finding.code) ?? now
    this.#since.set(finding.code, since)
    // What happens by itself concerns the failure alone.
    const isFailure = this.#deps.network.state === 'failed' && finding.severity === 'trouble'
    return { ...finding, since, outlook: isFailure ? this.#outlook : undefined }
  }
}
