/** What resource transfer needs of the network, and what its two sides need of each other's neighbours. */
import type { Stream } from '@libp2p/interface'
import type { LeafRange } from './wire.ts'

/** A stream, and who is behind it. */
export interface ResourceStream {
  readonly stream: Stream
  readonly peer: string
}

/** How others are reached: a part of the network's StreamDoor. */
export interface StreamOpener {
  /** A stream on a connection that there is. */
  open(peer: string, protocols: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<ResourceStream>
  /** Connects where there is no connection. */
  reach(peer: string, addresses: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<unknown>
}

export interface Provider {
  readonly peer: string
  /** Multiaddresses, where any are known. */
  readonly addresses: readonly string[]
}

/** Who says that it has a resource. */
export interface ProviderFinder {
  /** Asks around once. `root` is of 32 bytes. */
  find(root: Uint8Array, options: { readonly signal: AbortSignal }): Promise<readonly Provider[]>
}

/** A resource as it is served to one peer. */
export interface OpenResource {
  /** Of the whole file in bytes. */
  readonly length: number
  readonly ranges: 'all' | readonly LeafRange[]
  /** Leaf hashes of a group and the uncles above it; see tree.ts. Rejects with a ServeError. */
  proof(group: number): Promise<{ readonly hashes: Uint8Array; readonly uncles: Uint8Array }>
  /** Fills the buffers one after the other with the file's bytes, from a leaf on. Rejects with a ServeError. */
  read(index: number, into: readonly Uint8Array[]): Promise<void>
  close(): Promise<void>
}

/** Where what is offered is found. */
export interface ResourceShelf {
  /** By the root of 32 bytes; undefined where it is not offered. Rejects with a ServeError. */
  open(root: Uint8Array): Promise<OpenResource | undefined>
}

/** What this node offers, for its own fetches. */
export interface OwnShelf extends ResourceShelf {
  /** Its own id. */
  peer(): string
}

/** Why a resource that was offered cannot be served. */
export class ServeError extends Error {
  /** `busy`: it may be later. */
  readonly reason: 'changed' | 'outside' | 'busy'

  constructor(reason: 'changed' | 'outside' | 'busy', message: string) {
    super(message)
    this.reason = reason
  }
}
