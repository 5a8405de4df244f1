/** What the main thread and the decoder's thread say to each other. */
import type { Hex } from '../../base/bytes.ts'
import type { Account, BlockDetails, DigestLog, JustificationDetails, NamedValue, Undecodable } from './types.ts'

/** `runtime` names a runtime that was opened before. */
export type DecoderTask =
  | { readonly kind: 'open'; readonly runtime: string; readonly metadata: Uint8Array | undefined }
  | { readonly kind: 'block'; readonly block: RawBlock }
  | { readonly kind: 'accountKey'; readonly runtime: string | undefined; readonly publicKey: Uint8Array }
  | { readonly kind: 'account'; readonly runtime: string; readonly value: Uint8Array }

export interface RawBlock {
  /** Undefined: nothing to decode by. */
  readonly runtime: string | undefined
  readonly body: readonly Uint8Array[]
  readonly events: Uint8Array | undefined
  /** Described, with keys where people want names. */
  readonly digest: readonly DigestLog[]
  readonly justifications: readonly JustificationDetails[]
}

export type OpenedRuntime =
  /** Its metadata is wanted. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'open'; readonly eventsKey: Uint8Array | undefined }
  | { readonly kind: 'undecodable'; readonly undecodable: Undecodable }

export type BlockContents = Pick<BlockDetails, 'extrinsics' | 'events' | 'eventsProblem' | 'digest' | 'justifications'>

export interface AccountKey {
  readonly account: Account
  /** Where the runtime keeps it; undefined where it keeps none. */
  readonly storageKey: Hex | undefined
}

export interface DecoderResults {
  readonly open: OpenedRuntime
  readonly block: BlockContents
  readonly accountKey: AccountKey
  readonly account: readonly NamedValue[]
}

export type DecoderResult = DecoderResults[keyof DecoderResults]

export interface DecoderRequest {
  readonly id: number
  readonly task: DecoderTask
}

/** `error` is a message; the thread lives on. */
export type DecoderAnswer = { readonly id: number; readonly result: DecoderResult } | { readonly id: number; readonly error: string }
