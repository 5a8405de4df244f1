/** What there is to decode a runtime's blocks by, whatever version of metadata it comes from (metadata.ts, untyped/). */
import type { UnifiedMetadata } from '@polkadot-api/substrate-bindings'

export type TypeEntry = UnifiedMetadata['lookup'][number]
export type TypeVariant = Extract<TypeEntry['def'], { tag: 'variant' }>['value'][number]
export type TypeField = TypeVariant['fields'][number]

export interface Extension {
  readonly identifier: string
  readonly type: number
  /** Of what it adds to the bytes that are signed without being sent; undefined where the metadata does not say. */
  readonly additionalSigned?: number
}

export interface RuntimeTypes {
  readonly types: readonly TypeEntry[]
  /** Whose errors are told by number. */
  readonly pallets: ReadonlyMap<number, { readonly name: string; readonly errors: { readonly type: number } | undefined }>
  readonly address: number
  readonly signature: number
  readonly call: number
  /** What a signed transaction carries besides its call, by the version of the set. */
  readonly extensions: ReadonlyMap<number, readonly Extension[]>
  /** The list of what happened in a block: its key and type. */
  readonly events: StoredValue | undefined
  /** What the runtime keeps of each account. */
  readonly accounts: { readonly type: number; keyOf(address: string): Uint8Array } | undefined
}

export interface StoredValue {
  readonly key: Uint8Array
  readonly type: number
}
