/** What the node of a chain adds to a status and to the troubles of every kind. Plain data. */
import type { Hash } from '../../../base/bytes.ts'
import type { ChainView } from '../../../chain/node/view.ts'

/** Why an authority makes no blocks at present, though it is to make them. */
export type AuthoringHold = NonNullable<ReturnType<ChainView['surroundings']['authoringHold']>>

/** What another computer signed with a key of this node. */
export type ForeignSignature = Exclude<ReturnType<ChainView['surroundings']['signedElsewhere']>, 'unreadable' | undefined>

/** What is known of a peer of a chain. */
export type ChainPeerStatus = NonNullable<ReturnType<ChainView['network']['peerDetails']>[number]['status']>

type Joining = NonNullable<ReturnType<ChainView['joining']['status']>>

/** How a chain is joined, without what each peer gave. */
export interface ChainJoining extends Omit<Joining, 'state'> {
  readonly state: Omit<NonNullable<Joining['state']>, 'peers' | 'target'> | undefined
}

/** Bytes of states and of blocks, as the database estimates them. */
export type ChainDiskParts = Awaited<ReturnType<ChainView['diskParts']>>

export interface ChainStatus {
  readonly kind: 'chain'
  readonly genesisHash: Hash
  readonly hold: AuthoringHold | undefined
  /** Strangers run it all over the internet; false for development and private networks. */
  readonly isPublic: boolean
  /** Where blocks are made on request, and not by consensus. */
  readonly sealing: 'manual' | 'instant' | 'interval' | undefined
  /** Where wallets and apps reach the node; undefined as long as it has no chain that they could ask about. */
  readonly rpcAddress: string | undefined
  /** While a chain is joined that the node has nothing of yet: blocks and all that stands on a chain come afterwards. */
  readonly joining: ChainJoining | undefined
}

export type ChainTrouble =
  /** An authority that makes no blocks: no other node of its network is connected. */
  | { readonly code: 'authoring-alone'; readonly authorities: number }
  /** The clock shows slots that its keys have claimed already; `until` in milliseconds since the Unix epoch, as this clock has it. */
  | { readonly code: 'authoring-again'; readonly until: number }
  /** What the keys signed last cannot be read or written, so nothing is signed. */
  | { readonly code: 'signing-record'; readonly kind: 'unreadable' | 'unwritable'; readonly path: string }
  /** Another computer signs with a key of this node, so nothing is signed here; `found` is what it signed, where that can still be read. */
  | { readonly code: 'signed-elsewhere'; readonly found: ForeignSignature | undefined }
  /** An authority whose turns pass without a block; `message` is what its last attempt failed with, the node's own words. */
  | { readonly code: 'not-signing'; readonly turns: number; readonly reason: 'locked' | 'failed' | 'unknown'; readonly message: string }
  /** A validator of a live relay chain would check parachains, which this node does not: it follows the chain and signs nothing. */
  | { readonly code: 'relay-validator' }
  /** A network of one's own on the runtime that this app lent it before it had one. */
  | { readonly code: 'old-runtime' }
  /** `stopped`: the node itself failed by it. */
  | { readonly code: 'runtime-trap'; readonly message: string; readonly stopped: boolean }
  /** Peers hold a block that does not come out here as its header says: probably a mistake of this version. `message` is the node's. */
  | { readonly code: 'cannot-execute'; readonly number: number; readonly peers: number; readonly message: string }
