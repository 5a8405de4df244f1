/**
 * Services and their order.
 *
 * A service is built without side effects, started once and stopped without consequence for its neighbours; one that
 * was never started can be dropped. A group starts its members in order and stops them in reverse; a failed start
 * unwinds what had started and rethrows.
 */
import type { Logger } from './logger.ts'
import { errorMessage } from './errors.ts'

export interface Service {
  start(): Promise<void>
  /** Idempotent: awaits what is in flight. */
  stop(): Promise<void>
}

export interface NamedService {
  readonly name: string
  readonly service: Service
}

export class ServiceGroup implements Service {
  readonly #members: readonly NamedService[]
  readonly #logger: Logger
  readonly #started: NamedService[] = []
  #stopping: string | undefined

  constructor(members: readonly NamedService[], logger: Logger) {
    this.#members = members
    this.#logger = logger
  }

  async start(): Promise<void> {
    for (const member of this.#members) {
      try {
        await member.service.start()
        this.#started.push(member)
      } catch (error) {
        this.#logger.error(`${member.name} did not start`, { reason: errorMessage(error) })
        // What began to start may hold resources of its own: it is asked to let go of them too.
        await this.#stopOne(member)
        await this.stop()
        throw error
      }
    }
  }

  /** The member that is being stopped now. */
  get stopping(): string | undefined {
    return this.#stopping
  }

  async stop(): Promise<void> {
    for (let member = this.#started.pop(); member !== undefined; member = this.#started.pop()) await this.#stopOne(member)
  }

  async #stopOne(member: NamedService): Promise<void> {
    this.#stopping = member.name
    try {
      await member.service.stop()
    } catch (error) {
      this.#logger.error(`${member.name} did not stop cleanly`, { reason: errorMessage(error) })
    } finally {
      if (this.#stopping === member.name) this.#stopping = undefined
    }
  }
}
