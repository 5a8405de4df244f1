/**
 * The service API as a person has it in hand: whether a port is open and which, and who may use it. What is set lasts where it is kept (the desktop app); where the
 * command line decides, it is only told.
 */
import { isNodeError, plainData, type PlainData } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { ServiceError } from './errors.ts'
import type { ClientInfo } from './rights/clients.ts'
import type { ServiceApi } from './service-api.ts'

/** Whether programs get a port, and its number. */
export interface PortChoice {
  readonly isOn: boolean
  readonly port: number
}

export interface ChoiceKeeper {
  get(): PortChoice
  keep(choice: PortChoice): void
}

export interface ControlProblem {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly data?: PlainData | undefined
}

export interface ControlState extends PortChoice {
  /** Where it listens; undefined where it does not. */
  readonly address: string | undefined
  /** False where the command line decides. */
  readonly canChange: boolean
  /** Why it does not listen although it is on, or why no client is let in. */
  readonly problem: ControlProblem | undefined
  readonly clients: readonly ClientInfo[]
}

const MAX_CHANGES = 16
/** Where nothing was chosen. */
export const DEFAULT_SERVICE_PORT = 9966

export class ServiceControl {
  readonly #api: ServiceApi
  readonly #logger: Logger
  readonly #keeper: ChoiceKeeper | undefined
  readonly #changes = new SerialQueue(MAX_CHANGES)
  #problem: ControlProblem | undefined

  /** Without a keeper nothing can be changed but the clients. */
  constructor(api: ServiceApi, logger: Logger, keeper?: ChoiceKeeper) {
    this.#api = api
    this.#logger = logger
    this.#keeper = keeper
  }

  /** Opens the doors. That a kept port cannot be opened is told by {@link state}; where the command line decides it throws as {@link ServiceApi.start} does. */
  async start(): Promise<void> {
    await this.#api.start()
    const choice = this.#keeper?.get()
    if (choice?.isOn !== true) return
    await this.#changes.run(async () => {
      try {
        await this.#api.openPort(choice.port)
      } catch (error) {
        this.#problem = problemOf(error)
        this.#logger.warn('the port of the service API could not be opened', { reason: this.#problem.message })
      }
    })
  }

  async state(): Promise<ControlState> {
    const { port } = this.#api
    const choice = this.#keeper?.get() ?? { isOn: port !== undefined, port: port ?? DEFAULT_SERVICE_PORT }
    const told = { ...choice, address: port === undefined ? undefined : this.#api.address, canChange: this.#keeper !== undefined }
    try {
      return { ...told, problem: this.#problem, clients: await this.#api.clients.list() }
    } catch (error) {
      return { ...told, problem: problemOf(error), clients: [] }
    }
  }

  /** Kept only where it could be done. Throws SERVICE_{PORT_IN_USE,CANNOT_LISTEN,CLIENTS_FILE_INVALID,CLIENTS_FILE_OPEN}, SERVICE_NOT_HERE. */
  change(change: Partial<PortChoice>): Promise<ControlState> {
    const keeper = this.#keeper
    if (keeper === undefined) return Promise.reject(new ServiceError('SERVICE_NOT_HERE', 'This node was started from the command line, which decides about the service API.', { hint: 'Start it with other flags; see --service-port.' }))
    return this.#changes.run(async () => {
      const choice = { ...keeper.get(), ...change }
      if (choice.isOn) await this.#api.openPort(choice.port)
      else await this.#api.closePort()
      this.#problem = undefined
      keeper.keep(choice)
      return this.state()
    })
  }

  /** The token is in the answer and nowhere else. Throws as {@link Clients.add} does. */
  async addClient(name: string, scopes: readonly string[]): Promise<{ readonly token: string }> {
    const { token } = await this.#api.clients.add(name, scopes)
    return { token }
  }

  /** Throws SERVICE_CLIENT_UNKNOWN. */
  revokeClient(name: string): Promise<void> {
    return this.#api.clients.revoke(name)
  }

  async stop(): Promise<void> {
    await this.#changes.idle()
    await this.#api.stop()
  }
}

function problemOf(error: unknown): ControlProblem {
  if (isNodeError(error)) return { code: error.code, message: error.message, hint: error.hint, data: plainData(error) }
  return { code: 'SERVICE_INTERNAL', message: error instanceof Error ? error.message : String(error), hint: undefined }
}
