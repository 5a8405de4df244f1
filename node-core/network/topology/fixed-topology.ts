/**
 * A fixed topology: the peers of a file (topology-file.ts), and nobody else, all connected with each other. Its peers are reserved ones, which
 * the connector dials until they are there; strangers are turned away by the host once the secure channel has shown who they are.
 * An address at which somebody with another key answers is refused, and told here.
 *
 * The file is looked at every few seconds. What was added is dialled, what was taken out is disconnected; a file that is not usable changes nothing, and says
 * so until it is mended.
 */
import { stat } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Attempt } from '../peers/connector.ts'
import { readTopology, type Topology, type TopologyPeer } from './topology-file.ts'

const LOOK_MS = 2_000

/** As much of the network as it needs. */
export interface TopologyHost {
  /** Reserved from now on, with these addresses and no others. */
  admit(peer: string, addresses: readonly string[]): void
  /** No peer of this network any more. */
  dismiss(peer: string): void
  setLongestRetry(ms: number): void
  isConnected(peer: string): boolean
  lastAttempt(peer: string): Attempt | undefined
}

export interface TopologyMember extends TopologyPeer {
  readonly connected: boolean
  /** The last attempt to reach it, where that failed and it is not here. */
  readonly failure?: { readonly code: string; readonly at: number; readonly nextAt: number; readonly found?: string | undefined } | undefined
}

export interface TopologyView {
  readonly path: string
  readonly members: readonly TopologyMember[]
  /** Why the file as it is now is not used; the one before holds. */
  readonly problem: { readonly code: string; readonly message: string } | undefined
}

export class FixedTopology {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #host: TopologyHost
  readonly #path: string
  #self = ''
  #topology: Topology = { peers: [], longestRetrySeconds: 1 }
  #problem: TopologyView['problem']
  /** Of the file that was read last. */
  #stamp = ''
  #timer: Disposer | undefined
  #running = false

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger; readonly host: TopologyHost }, options: { readonly path: string }) {
    this.#clock = dependencies.clock
    this.#logger = dependencies.logger
    this.#host = dependencies.host
    this.#path = options.path
  }

  /** Reads the file, which must be usable now. `self`: the peer id of this node. */
  async start(self: string): Promise<void> {
    this.#self = self
    this.#stamp = await stampOf(this.#path)
    this.#apply(await readTopology(this.#path))
    this.#running = true
    this.#lookLater()
  }

  stop(): void {
    this.#running = false
    this.#timer?.()
  }

  view(): TopologyView {
    const members = this.#others(this.#topology).map((peer): TopologyMember => {
      const connected = this.#host.isConnected(peer.id)
      const attempt = connected ? undefined : this.#host.lastAttempt(peer.id)
      return { ...peer, connected, failure: attempt }
    })
    return { path: this.#path, members, problem: this.#problem }
  }

  /** Looks at the file now. */
  async look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#path)
      if (stamp === this.#stamp) return
      const topology = await readTopology(this.#path)
      this.#stamp = stamp
      this.#apply(topology)
      this.#problem = undefined
      this.#logger.info('the list of peers was read anew', { peers: topology.peers.length })
    } catch (error) {
      const problem = { code: isNodeError(error) ? error.code : 'NETWORK_TOPOLOGY_UNREADABLE', message: errorMessage(error) }
      if (this.#problem?.message !== problem.message) this.#logger.warn('the list of peers was not read: the one before holds', { reason: problem.message })
      this.#problem = problem
    }
  }

  #lookLater(): void {
    this.#timer = this.#clock.schedule(LOOK_MS, () => {
      void this.look().then(() => {
        if (this.#running) this.#lookLater()
      })
    })
  }

  #apply(topology: Topology): void {
    const before = new Map(this.#others(this.#topology).map((peer) => [peer.id, peer]))
    this.#topology = topology
    this.#host.setLongestRetry(topology.longestRetrySeconds * 1000)
    for (const { id, addresses } of this.#others(topology)) {
      if (before.get(id)?.addresses.join() !== addresses.join()) this.#host.admit(id, addresses)
      before.delete(id)
    }
    for (const id of before.keys()) this.#host.dismiss(id)
  }

  #others({ peers }: Topology): readonly TopologyPeer[] {
    return peers.filter(({ id }) => id !== this.#self)
  }
}

/** Changes when the file does; empty where there is none, which reading it will tell. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? '' : `${found.mtimeMs}:${found.size}:${found.ino}`
}
