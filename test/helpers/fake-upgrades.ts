/** What a test sets of the upgrade of a chain's runtime, and what was asked for. */
import type { UpgradeError } from '../../node-core/chain/upgrades/errors.ts'
import type { UpgradeDetails, UpgradeState, UpgradesView } from '../../node-core/chain/upgrades/types.ts'

export const OFFERED: UpgradeState = {
  stage: 'offered', specName: 'nodestead', current: 1, target: 2, root: { kind: 'here' }, rootAddress: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY', rootName: 'Alice',
  canApply: false, isOwn: false, inBlock: undefined, authorizedAt: undefined, since: undefined, failure: undefined,
}

export const DETAILS: UpgradeDetails = {
  changes: {
    pallets: { added: ['Channels'], removed: [] },
    calls: { added: ['Balances.burn'], removed: ['System.remark_twice'] },
    apis: { added: ['ChannelsApi.open_channels'], removed: [] },
  },
  codeHash: `0x${'c0de'.repeat(16)}`,
  call: `0x0b000009${'c0de'.repeat(16)}`,
}

export class FakeUpgrades implements UpgradesView {
  /** Undefined: another runtime. */
  current: UpgradeState | undefined
  /** `begin 2`, `apply 2`, `dismiss`. */
  readonly asked: string[] = []
  refusal: UpgradeError | undefined

  state(): UpgradeState | undefined {
    return this.current
  }

  async details(): Promise<UpgradeDetails> {
    return DETAILS
  }

  begin = (specVersion: number): Promise<void> => this.#ask(`begin ${specVersion}`)
  apply = (specVersion: number): Promise<void> => this.#ask(`apply ${specVersion}`)

  dismiss(): void {
    this.asked.push('dismiss')
  }

  async #ask(what: string): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal
    this.asked.push(what)
  }
}
