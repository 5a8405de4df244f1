/** What is known of a key of this node that signs on another computer too, and where that is remembered over restarts. */
import type { Hash } from '../../../base/bytes.ts'

/** What was heard from elsewhere, signed with a key of this node, and not by this node. */
export type ForeignSignature = {
  readonly keyType: string
  readonly publicKey: Hash
  /** Milliseconds since the Unix epoch: when it was heard. */
  readonly at: number
} & (
  | { readonly kind: 'block'; readonly number: number; readonly slot: number; readonly hash: Hash }
  /** A vote on finality; `number` is the height that it votes for. */
  | { readonly kind: 'vote'; readonly number: number; readonly setId: number; readonly round: number }
)

/** Up to here a person has answered for what was signed elsewhere. */
export interface SoleSigner {
  readonly slot: number
  readonly setId: number
  readonly round: number
}

export interface SigningState {
  /** Why nothing is signed: undefined where nothing is in the way. */
  readonly stop: ForeignSignature | 'unreadable' | undefined
  /** Undefined where nobody was asked yet. */
  readonly sole: SoleSigner | undefined
}

/** Remembers the state beside the keys (keystore/signing-stop.ts). */
export interface SigningStateStore {
  read(): Promise<SigningState>
  /** Resolves when it is on disk. */
  write(state: SigningState): Promise<void>
}

/** Of a node that keeps no folder. */
export function memoryStateStore(): SigningStateStore {
  let state: SigningState = { stop: undefined, sole: undefined }
  return {
    read: async () => state,
    write: async (next) => {
      state = next
    },
  }
}
