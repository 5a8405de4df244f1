/**
 * What a node notices of the computer around it, and what it is told when that changes: the clock against the slots that
 * peers announce, blocks that it could not or must not author, the record of what its keys signed, and the ways to the others after a
 * sleep or in another network.
 */
import type { Clock } from '../../base/clock.ts'
import { errorMessage, isNodeError, type NodeError } from '../../base/errors.ts'
import { ClockCheck, type ClockReading } from './clock-check.ts'
import type { SigningState } from '../core/signing/types.ts'
import type { AuthoringHold } from '../core/types.ts'
import type { Header } from '../scale/header.ts'

export interface SurroundingsView {
  /** Other nodes of its network should be found; a development network is one computer's own. */
  readonly expectsPeers: boolean
  /** This computer's clock beside the peers'; undefined where nobody can tell. */
  clock(): ClockReading | undefined
  /** Why the last block could not be authored. */
  authoringProblem(): { readonly code: string; readonly message: string } | undefined
  /** Why it makes no blocks at present, though it is to make them. */
  authoringHold(): AuthoringHold | undefined
  /** Why nothing is signed with one of its keys. */
  signingProblem(): SigningProblem | undefined
  /** What another computer signed with one of its keys: nothing is signed before {@link confirmSoleSigner}. */
  signedElsewhere(): SigningState['stop']
  /** A person says that this is the only computer with its keys. */
  confirmSoleSigner(): Promise<void>
  /** After a sleep, in another network, or by hand. */
  reconnect(): void
  askRouter(): void
  /** The clock was set. */
  forgetClock(): void
}

export interface SigningProblem {
  readonly kind: 'unreadable' | 'unwritable'
  readonly path: string
}

export interface SurroundingsDependencies {
  readonly clock: Clock
  readonly core: {
    readonly slotDurationMs: number
    slotOf(header: Header): number | undefined
    readonly authoringProblem: unknown
    readonly authoringHold: AuthoringHold | undefined
    readonly signedElsewhere: SigningState['stop']
    confirmSoleSigner(): Promise<void>
  }
  /** What is wrong with the record of what the keys signed; `data.path` says where it is. */
  readonly signed: { readonly problem: NodeError | undefined }
  readonly network: { reconnect(): void; askRouter(): void }
}

export class Surroundings implements SurroundingsView {
  readonly expectsPeers: boolean
  readonly #dependencies: SurroundingsDependencies
  readonly #check = new ClockCheck()

  constructor(dependencies: SurroundingsDependencies, options: { readonly expectsPeers: boolean }) {
    this.#dependencies = dependencies
    this.expectsPeers = options.expectsPeers
  }

  /** A header from a peer, before anything of it was checked. */
  onAnnounced(peer: string, header: Header): void {
    const { core, clock } = this.#dependencies
    const slot = core.slotOf(header)
    if (slot !== undefined) this.#check.observe(peer, slot, core.slotDurationMs, clock.now())
  }

  clock(): ClockReading | undefined {
    return this.#check.reading(this.#dependencies.clock.now())
  }

  authoringProblem(): { readonly code: string; readonly message: string } | undefined {
    const problem = this.#dependencies.core.authoringProblem
    return problem === undefined ? undefined : { code: isNodeError(problem) ? problem.code : 'INTERNAL', message: errorMessage(problem) }
  }

  authoringHold(): AuthoringHold | undefined {
    return this.#dependencies.core.authoringHold
  }

  signingProblem(): SigningProblem | undefined {
    const { problem } = this.#dependencies.signed
    return problem && { kind: problem.code === 'SIGNING_RECORD_UNREADABLE' ? 'unreadable' : 'unwritable', path: String(problem.data['path']) }
  }

  signedElsewhere(): SigningState['stop'] {
    return this.#dependencies.core.signedElsewhere
  }

  confirmSoleSigner(): Promise<void> {
    return this.#dependencies.core.confirmSoleSigner()
  }

  reconnect(): void {
    this.#dependencies.network.reconnect()
  }

  askRouter(): void {
    this.#dependencies.network.askRouter()
  }

  forgetClock(): void {
    this.#check.reset()
  }
}
