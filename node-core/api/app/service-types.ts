/** The service API as the program that hosts it gives it into the window's hands. */
import type { PlainData } from '../../base/errors.ts'

export const SERVICE_SCOPES = ['read', 'submit', 'control', 'admin'] as const
export type ServiceScope = (typeof SERVICE_SCOPES)[number]

export interface ServiceClient {
  readonly name: string
  readonly scopes: readonly ServiceScope[]
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface ServiceProblem {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly data?: PlainData | undefined
}

export interface ServiceState {
  /** Programs are to have a port. */
  readonly isOn: boolean
  readonly port: number
  /** Where it listens; undefined where it does not. */
  readonly address: string | undefined
  /** False where the command line decides. */
  readonly canChange: boolean
  /** Why it does not listen although it is on, or why no client is let in. */
  readonly problem: ServiceProblem | undefined
  readonly clients: readonly ServiceClient[]
}

/** Whoever has the service API in hand. */
export interface ServiceKeeper {
  state(): Promise<ServiceState>
  /** What is left out stays as it is. */
  change(change: { readonly isOn?: boolean; readonly port?: number }): Promise<ServiceState>
  addClient(name: string, scopes: readonly ServiceScope[]): Promise<{ readonly token: string }>
  revokeClient(name: string): Promise<void>
}
