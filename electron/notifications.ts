/**
 * What the system's notifications tell, and how often: one of a kind per network in ten minutes, five in all; nothing while
 * they are paused, and no more than the person's level allows. Pure but for showing them.
 */
import { heightText, isAlive } from './actions.ts'
import type { Words } from './i18n/words.ts'
import type { Clock } from '../node-core/base/clock.ts'
import type { NetworkSummary, NetworkTroubles, NodeStatus } from '../node-core/manager/types.ts'
import type { Trouble } from '../node-core/manager/watch/troubles.ts'

export type NotificationLevel = 'none' | 'problems' | 'all'

export interface NotifierDeps {
  readonly clock: Clock
  readonly words: () => Words
  readonly level: () => NotificationLevel
  readonly networkName: (id: string) => string
  readonly show: (title: string, body: string) => void
}

const KIND_INTERVAL_MS = 10 * 60_000
const MOST_IN_INTERVAL = 5
/** Without a new block for so long, a running node has stalled. */
const STALL_MS = 5 * 60_000

export class Notifier {
  readonly #deps: NotifierDeps
  readonly #shown = new Map<string, number>()
  readonly #known = new Map<string, ReadonlySet<string>>()
  readonly #catchingUp = new Set<string>()
  paused = false

  constructor(deps: NotifierDeps) {
    this.#deps = deps
  }

  onTroubles({ network, troubles }: NetworkTroubles): void {
    const before = this.#known.get(network) ?? new Set()
    this.#known.set(network, new Set(troubles.map(keyOf)))
    for (const trouble of troubles) if (!before.has(keyOf(trouble))) this.#tellTrouble(network, trouble)
  }

  /** Hears each status: a node that has caught up is news. */
  onStatus({ id, name, status }: NetworkSummary): void {
    if (status.catchingUp !== undefined) this.#catchingUp.add(id)
    // Whose peers all went has not caught up: it knows of nothing to catch up with.
    else if (status.state === 'running' && status.peers === 0) return
    else if (this.#catchingUp.delete(id) && status.state === 'running' && status.newest !== undefined) {
      const words = this.#deps.words()
      this.#tell('caught-up', id, 'all', words.caughtUp(name), words.caughtUpAt(heightText(status.newest.number, words)))
    }
  }

  /** Now and then: no event says that nothing happens. */
  look(networks: readonly NetworkSummary[]): void {
    const words = this.#deps.words()
    for (const { id, name, status } of networks) {
      const quietFor = this.#deps.clock.now() - (status.newestChangedAt ?? status.startedAt ?? this.#deps.clock.now())
      if (isAlive(status) && expectsBlocks(status) && quietFor >= STALL_MS) this.#tell('stalled', id, 'problems', words.stalled(name), words.stalledFor(Math.floor(quietFor / 60_000)))
    }
  }

  /** A new version waits for the next start. */
  onUpdate(version: string): void {
    const words = this.#deps.words()
    this.#tell(`update-${version}`, '', 'all', words.update(version), words.updateDetail)
  }

  #tellTrouble(network: string, trouble: Trouble): void {
    const words = this.#deps.words()
    const name = this.#deps.networkName(network)
    const why = words.troubles[trouble.code]
    if (trouble.outlook?.kind === 'gave-up') this.#tell('gave-up', network, 'problems', words.gaveUp(name), why)
    else if (trouble.outlook?.kind === 'waiting') this.#tell('failed', network, 'problems', words.failed(name), words.failedRestart(why))
    else this.#tell(trouble.code, network, trouble.severity === 'trouble' ? 'problems' : 'all', words.trouble(name), why)
  }

  #tell(kind: string, network: string, level: 'problems' | 'all', title: string, body: string): void {
    const { clock, level: allowed, show } = this.#deps
    if (this.paused || allowed() === 'none' || (level === 'all' && allowed() !== 'all')) return
    const now = clock.now()
    for (const [key, at] of this.#shown) if (now - at >= KIND_INTERVAL_MS) this.#shown.delete(key)
    const key = `${network} ${kind}`
    if (this.#shown.has(key) || this.#shown.size >= MOST_IN_INTERVAL) return
    this.#shown.set(key, now)
    show(title, body)
  }
}

/** Where blocks come on request none is late, and none comes before the chain is joined. */
function expectsBlocks({ details }: NodeStatus): boolean {
  return details?.sealing === undefined && details?.joining === undefined
}

/** A trouble that gets worse is another one. */
function keyOf({ code, outlook }: Trouble): string {
  return `${code} ${outlook?.kind ?? ''}`
}
