/** What a test says of the computer around a node, and what the node was told of it. */
import type { ClockReading } from '../../node-core/chain/node/clock-check.ts'
import type { SigningState } from '../../node-core/chain/core/signing/types.ts'
import type { AuthoringHold } from '../../node-core/chain/core/types.ts'
import type { SigningProblem, SurroundingsView } from '../../node-core/chain/node/surroundings.ts'

export class FakeSurroundings implements SurroundingsView {
  expectsPeers = false
  clockReading: ClockReading | undefined
  problem: { readonly code: string; readonly message: string } | undefined
  hold: AuthoringHold | undefined
  signing: SigningProblem | undefined
  elsewhere: SigningState['stop']
  /** `reconnect`, `ask-router`, `forget-clock`, `sole-signer`, in order. */
  readonly told: string[] = []

  clock(): ClockReading | undefined {
    return this.clockReading
  }
  authoringProblem(): { readonly code: string; readonly message: string } | undefined {
    return this.problem
  }
  authoringHold(): AuthoringHold | undefined {
    return this.hold
  }
  signingProblem(): SigningProblem | undefined {
    return this.signing
  }
  signedElsewhere(): SigningState['stop'] {
    return this.elsewhere
  }
  async confirmSoleSigner(): Promise<void> {
    this.told.push('sole-signer')
    this.elsewhere = undefined
  }
  reconnect(): void {
    this.told.push('reconnect')
  }
  askRouter(): void {
    this.told.push('ask-router')
  }
  forgetClock(): void {
    this.told.push('forget-clock')
    this.clockReading = undefined
  }
}
