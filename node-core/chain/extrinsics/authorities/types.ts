/** What can be done to the list of authorities of a network of our own, as screens see it. Plain data. */
import type { Hex } from '../../../base/bytes.ts'
import type { MemberKey } from '../../spec/members.ts'

export type AuthorityChangeErrorCode = 'AUTHORITIES_KEYS_LOCKED' | 'AUTHORITIES_NO_KEY' | 'AUTHORITIES_BUSY' | 'AUTHORITIES_KNOWN'

/** Who is to become an authority: what the line of a member says. */
export interface Newcomer {
  readonly name: string
  /** SS58 address. */
  readonly stash: string
  readonly sessionKeys: readonly MemberKey[]
  /** That the keys are this account's, as the runtime checks it (spec/member-line.ts). */
  readonly proof: Hex
}

export interface ListedAuthority {
  readonly address: string
  /** As the specification names the member; undefined where it does not. */
  readonly name: string | undefined
}

export interface AuthorityChange {
  readonly kind: 'add' | 'remove'
  readonly name: string
  /** `done`: final; the chain's sessions bring it into effect. */
  readonly stage: 'sent' | 'inBlock' | 'done' | 'failed'
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined
}

export interface AuthorityChangesState {
  readonly authorities: readonly ListedAuthority[]
  /** Who is root: this node signs for it, its keys are locked, or it is somebody else (or several together). */
  readonly root: 'here' | 'locked' | 'elsewhere' | 'none'
  readonly rootAddress: string | undefined
  /** What this node sent last. */
  readonly change: AuthorityChange | undefined
}

export interface AuthorityChangesView {
  /** Undefined on chains without such a list. */
  state(): AuthorityChangesState | undefined
  /** Resolves once it is sent. */
  add(newcomer: Newcomer): Promise<void>
  remove(address: string): Promise<void>
  /** For a root that is somebody else: the call, to be dispatched by root. */
  call(change: { readonly add: Newcomer } | { readonly remove: string }): Promise<Hex>
  dismiss(): void
}
