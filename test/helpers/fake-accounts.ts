/** What a test sets of the accounts that a node can sign for, and what was sent. */
import type { AuthorityChangesView } from '../../node-core/chain/extrinsics/authorities/types.ts'
import type { AccountsState, AccountsView, Transfer, TransferRequest } from '../../node-core/chain/extrinsics/accounts/types.ts'

export const ALICE = { address: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY', publicKey: '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d', name: 'Alice' } as const
export const BOB = { address: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty', publicKey: '0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48', name: 'Bob' } as const

export const RICH: AccountsState = {
  token: { symbol: 'UNIT', decimals: 12 },
  at: { number: 7, hash: `0x${'07'.repeat(32)}` },
  accounts: [{ ...ALICE, label: '', key: 'development', free: '1000000000000000000', reserved: '0', frozen: '0' }],
  transfers: [],
}

export class FakeAccounts implements AccountsView {
  /** Undefined: a public network. */
  current: AccountsState | undefined
  readonly sent: TransferRequest[] = []
  refusal: Error | undefined
  dismissed = 0

  state(): AccountsState | undefined {
    return this.current
  }

  async send(request: TransferRequest): Promise<Transfer> {
    if (this.refusal !== undefined) throw this.refusal
    this.sent.push(request)
    return { id: this.sent.length, from: ALICE, to: BOB, amount: '1', hash: `0x${'0a'.repeat(32)}`, state: 'pooled', block: undefined, failure: undefined }
  }

  dismiss(): void {
    this.dismissed++
  }
}

/** A chain without a list of authorities that root changes. */
export const NO_AUTHORITY_CHANGES: AuthorityChangesView = {
  state: () => undefined,
  add: () => Promise.reject(new Error('not here')),
  remove: () => Promise.reject(new Error('not here')),
  call: () => Promise.reject(new Error('not here')),
  dismiss: () => undefined,
}
