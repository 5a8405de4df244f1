/**
 * The peers of a topic whose handshake is nothing but roles: transactions and votes. A handshake is heard before its topic is
 * open, and what it said is kept until then, for a bounded number of streams that may never open; a peer that said nothing has the
 * role of its status.
 */
import { Lru } from '../../base/lru.ts'
import { ScaleError } from '../../scale/reader.ts'
import type { Verdict } from '../../network/contracts.ts'
import { FAULTS } from './faults.ts'
import { decodeRoleHandshake, encodeRole, type Role } from './roles.ts'

/** Handshakes of topics that are not open yet. */
const MAX_PENDING = 1024

export interface RolePeersDependencies {
  /** Our own. */
  readonly role: Role
  /** The role that a peer told in its status. */
  readonly roleOf: (peer: string) => Role | undefined
}

/** `Peer` is what the topic remembers of each. */
export class RolePeers<Peer> {
  readonly #dependencies: RolePeersDependencies
  readonly #make: () => Peer
  readonly #told = new Lru<string, { readonly role: Role | undefined }>(MAX_PENDING)
  readonly #peers = new Map<string, { readonly role: Role | undefined; readonly peer: Peer }>()

  constructor(dependencies: RolePeersDependencies, make: () => Peer) {
    this.#dependencies = dependencies
    this.#make = make
  }

  get size(): number {
    return this.#peers.size
  }

  handshake(): Uint8Array {
    return Uint8Array.of(encodeRole(this.#dependencies.role))
  }

  onHandshake(id: string, handshake: Uint8Array): Verdict {
    try {
      this.#told.set(id, { role: decodeRoleHandshake(handshake) })
      return { kind: 'accept' }
    } catch (error) {
      if (error instanceof ScaleError) return { kind: 'reject', fault: FAULTS.badHandshake }
      throw error
    }
  }

  open(id: string): void {
    this.#peers.set(id, { role: this.#told.get(id)?.role, peer: this.#make() })
    this.#told.delete(id)
  }

  close(id: string): void {
    this.#told.delete(id)
    this.#peers.delete(id)
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id)?.peer
  }

  ids(): string[] {
    return [...this.#peers.keys()]
  }

  entries(): (readonly [id: string, peer: Peer])[] {
    return [...this.#peers].map(([id, { peer }]) => [id, peer])
  }

  roleOf(id: string): Role | undefined {
    return this.#peers.get(id)?.role ?? this.#dependencies.roleOf(id)
  }

  isLight(id: string): boolean {
    return this.roleOf(id) === 'LIGHT'
  }
}
