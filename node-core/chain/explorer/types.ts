/**
 * What the explorer says of blocks: plain data that crosses threads, IPC and WebSocket. Nothing here knows a pallet; names
 * and shapes come from the metadata of the runtime that made the block.
 */
import type { Hash, Hex } from '../../base/bytes.ts'
import type { EventSource } from '../../base/events.ts'
import type { BlockRef } from '../scale/block.ts'
import type { DigestFact, JustificationFact } from '../scale/digest-facts.ts'

/** How amounts are written: the unit's name, empty where it has none, and its digits behind the point. */
export interface Token {
  readonly symbol: string
  readonly decimals: number
}

export interface NamedValue {
  /** The field's name; its position where it has none. */
  readonly name: string
  readonly value: Value
}

/** Integers are decimal text, because JSON's numbers are too small for them. */
export type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'flag'; readonly flag: boolean }
  | { readonly kind: 'number'; readonly text: string }
  /** In the smallest unit of the chain's token. */
  | { readonly kind: 'balance'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'account'; readonly account: Account }
  /** `hex` may be shorter than `size` bytes. `text` is there where it reads as text. */
  | { readonly kind: 'bytes'; readonly hex: Hex; readonly size: number; readonly text?: string }
  /** `items` may be fewer than `count`. */
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly count: number }
  | { readonly kind: 'fields'; readonly fields: readonly NamedValue[] }
  | { readonly kind: 'variant'; readonly name: string; readonly fields: readonly NamedValue[] }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'error'; readonly error: DispatchFailure }
  /** There was too much before it. */
  | { readonly kind: 'omitted' }

export interface Account {
  readonly address: string
  readonly publicKey: Hex
  /** `Alice`, on networks where the development accounts are who they seem to be. */
  readonly name: string | undefined
}

export interface Call {
  readonly pallet: string
  readonly name: string
  /** The first paragraph of the runtime's own words. */
  readonly docs: string
  readonly args: readonly NamedValue[]
}

/** Why a call failed: a pallet's own error, or one of the runtime's. */
export interface DispatchFailure {
  readonly pallet: string | undefined
  readonly name: string
  readonly docs: string
}

export interface EventDetails {
  readonly pallet: string
  readonly name: string
  readonly docs: string
  readonly fields: readonly NamedValue[]
}

export interface SignedBy {
  readonly account: Value
  readonly nonce: string | undefined
  /** In the smallest unit. */
  readonly tip: string | undefined
  /** Undefined: the transaction never expires. In blocks. */
  readonly mortality: { readonly period: number; readonly phase: number } | undefined
}

export interface ExtrinsicDetails {
  readonly index: number
  readonly hash: Hash
  /** Bytes. */
  readonly size: number
  /** The encoding, cut where it is long. */
  readonly hex: Hex
  readonly call: Call | undefined
  readonly signed: SignedBy | undefined
  /** Why it could not be decoded. */
  readonly problem: string | undefined
  /** Undefined where no event tells. */
  readonly succeeded: boolean | undefined
  readonly failure: DispatchFailure | undefined
  /** In the smallest unit, where an event tells it. */
  readonly fee: string | undefined
  readonly events: readonly EventDetails[]
}

/** Keys are told by name, or as addresses. */
export type DigestLog =
  | DigestFact
  | { readonly kind: 'seal'; readonly engine: string; readonly hex: Hex }
  | { readonly kind: 'runtimeUpdated' }
  | { readonly kind: 'unknown'; readonly engine: string | undefined; readonly hex: Hex; readonly size: number }

export type JustificationDetails = JustificationFact | { readonly kind: 'unknown'; readonly engine: string; readonly hex: Hex; readonly size: number }

/** Why the contents of a block are shown as bytes. */
export type Undecodable =
  /** This node does not keep the state that holds the runtime. */
  | { readonly reason: 'noState' }
  /** The runtime describes itself in a form from before version 14, which leaves out the types. */
  | { readonly reason: 'oldMetadata'; readonly version: number }
  | { readonly reason: 'failed'; readonly message: string }

export type BlockPlace = 'final' | 'best' | 'fork' | 'retracted'

export interface BlockDetails extends BlockRef {
  readonly parentHash: Hash
  readonly stateRoot: Hash
  readonly extrinsicsRoot: Hash
  readonly place: BlockPlace
  readonly author: Account | undefined
  /** Milliseconds since the Unix epoch: when its slot began. */
  readonly slotTime: number | undefined
  readonly runtime: { readonly name: string; readonly version: number } | undefined
  readonly undecodable: Undecodable | undefined
  /** False where this node has the header alone. */
  readonly hasBody: boolean
  readonly extrinsics: readonly ExtrinsicDetails[]
  /** Those of the block itself, outside of any extrinsic. */
  readonly events: readonly EventDetails[]
  /** Why there are no events although there should be. */
  readonly eventsProblem: string | undefined
  readonly digest: readonly DigestLog[]
  readonly justifications: readonly JustificationDetails[]
  readonly token: Token
}

/** One block of the drawn chain. Its place follows from the parents and from what is best and final. */
export interface ChainBlock extends BlockRef {
  readonly parentHash: Hash
  readonly author: string | undefined
  readonly extrinsics: number | undefined
  /** Milliseconds since the Unix epoch: when this node imported it, where it did so since it started. */
  readonly time: number | undefined
}

export interface ChainPart {
  /** In the order in which they came. */
  readonly blocks: readonly ChainBlock[]
  readonly best: BlockRef
  readonly finalized: BlockRef
  /** Pass it on to get what came since. */
  readonly cursor: number
}

/** Something that an account did, or that happened to it. */
export interface AccountActivity {
  readonly block: BlockRef
  /** Undefined: something that the block itself did. */
  readonly extrinsic: number | undefined
  /** `Balances.transfer_keep_alive`. */
  readonly call: string | undefined
  readonly isSigner: boolean
  readonly succeeded: boolean | undefined
  /** `Balances.Transfer`: events that name the account. */
  readonly events: readonly string[]
}

export interface AccountDetails extends Account {
  /** At this block. */
  readonly at: BlockRef
  readonly exists: boolean
  /** Nonce, balances and whatever else the runtime keeps of it. */
  readonly fields: readonly NamedValue[]
  readonly activity: readonly AccountActivity[]
  /** How many recent blocks were looked through. */
  readonly searched: number
  readonly undecodable: Undecodable | undefined
  readonly token: Token
}

/** What the runtime keeps of an account. */
export type AccountState = Omit<AccountDetails, 'activity' | 'searched'>

export type SearchResult =
  | { readonly kind: 'block'; readonly block: BlockRef }
  | { readonly kind: 'extrinsic'; readonly block: BlockRef; readonly index: number }
  | { readonly kind: 'account'; readonly account: AccountDetails }
  | { readonly kind: 'nothing'; readonly reason: 'noSuchBlock' | 'notStored' | 'unknownHash' | 'notUnderstood'; readonly searched: number }

export interface ExplorerReader {
  /** Something in the chain changed: a block came, became best or final. */
  readonly events: EventSource<{ changed: undefined }>
  /** The recent blocks, forks included; those after `cursor` where one is given. */
  chain(cursor?: number): Promise<ChainPart>
  /** Undefined where this node does not know the block. */
  block(hash: Hash): Promise<BlockDetails | undefined>
  /** The hash at this height on the best chain. */
  hashByNumber(number: number): Hash | undefined
  search(text: string): Promise<SearchResult>
}
