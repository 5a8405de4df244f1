/**
 * The start of a node in two halves, between which the chain may be joined: what the data and the runtime need; then consensus and all
 * that stands on it.
 *
 * Where nothing is to be joined both halves start one after the other, and the start is done when both are. Where the chain is to be joined
 * first, the start is done when the network runs: then peers and figures can be seen, and the second half follows when a recent state is here,
 * minutes later. A failure until then is told to whoever listens, as that of a running node.
 */
import type { Service, ServiceGroup } from '../../base/service.ts'
import type { NodeJoining } from './joining.ts'

export interface StagedStartParts {
  readonly ground: ServiceGroup
  readonly upper: ServiceGroup
  /** Starts before the chain is joined; the upper half, which has the same services, starts them otherwise. */
  readonly early: ServiceGroup
  readonly joining: Pick<NodeJoining, 'isDue' | 'run' | 'forget' | 'over'>
  /** Threads that remember what the database had before. */
  readonly runtime: Service
  readonly onFailure: (error: unknown) => void
}

export class StagedStart implements Service {
  readonly #parts: StagedStartParts
  #stop = new AbortController()
  /** Joining and what follows it. */
  #joined: Promise<void> | undefined
  #isEarly = false

  constructor(parts: StagedStartParts) {
    this.#parts = parts
  }

  /** A service for the upper half that may run already. */
  static later(service: Service, isStarted: () => boolean): Service {
    return { start: async () => (isStarted() ? undefined : service.start()), stop: () => service.stop() }
  }

  /** What starts before the chain is joined runs. */
  get isEarly(): boolean {
    return this.#isEarly
  }

  /** The part that is being stopped now. */
  get stopping(): string | undefined {
    return this.#parts.upper.stopping ?? this.#parts.early.stopping ?? this.#parts.ground.stopping
  }

  async start(): Promise<void> {
    const { ground, early, upper, joining } = this.#parts
    this.#stop = new AbortController()
    await ground.start()
    const isDue = joining.isDue
    try {
      if (!isDue) await joining.forget()
      await (isDue ? early : upper).start()
    } catch (error) {
      await ground.stop()
      throw error
    }
    if (!isDue) return
    this.#isEarly = true
    this.#joined = this.#join(this.#stop.signal)
  }

  async stop(): Promise<void> {
    const { ground, early, upper } = this.#parts
    this.#stop.abort(new Error('the node stops'))
    await this.#joined
    this.#joined = undefined
    await upper.stop()
    await early.stop()
    this.#isEarly = false
    await ground.stop()
  }

  /** Never rejects. */
  async #join(signal: AbortSignal): Promise<void> {
    const { upper, joining, runtime, onFailure } = this.#parts
    try {
      await joining.run(signal)
      signal.throwIfAborted()
      await runtime.stop()
      await runtime.start()
      signal.throwIfAborted()
      await upper.start()
    } catch (error) {
      if (!signal.aborted) onFailure(error)
    } finally {
      joining.over()
    }
  }
}
