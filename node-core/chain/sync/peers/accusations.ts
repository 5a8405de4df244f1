/**
 * When to tell on a peer for something that this node could not make sense of, and when not to.
 *
 * A justification that does not prove its block here, or a body that is not the one its header names, is the sender's fault as long as
 * nobody else sends the same. Two peers who do not belong together and make the same mistake make none: then it is this node that
 * knows the wrong authorities, or counts wrongly. The second one, and all after it, are spared; of bad justifications everybody is,
 * until finality moves and so shows that this node knows the authorities after all.
 */
import type { Hash } from '../../../base/bytes.ts'
import { Lru } from '../../../base/lru.ts'
import type { Extrinsic } from '../../scale/block.ts'
import { bodyHash } from '../../scale/block.ts'

/** A peer is told on for a bad justification once in a while, not once per block. */
const ACCUSE_EVERY_MS = 10_000
const REMEMBERED = 256

export class Accusations {
  readonly #groupOf: (peer: string) => string
  readonly #accused = new Lru<string, number>(REMEMBERED)
  /** Who sent what, by block. */
  readonly #justifications = new Lru<Hash, string>(REMEMBERED)
  readonly #bodies = new Lru<Hash, { readonly digest: Hash; readonly group: string }>(REMEMBERED)
  /** This node may be wrong about the authorities: what was final when that became clear. */
  #suspectSince: number | undefined

  constructor(groupOf: (peer: string) => string) {
    this.#groupOf = groupOf
  }

  /** `peer` sent a justification of `block` that proves nothing. True where it is to be told on for it. */
  justification(peer: string, block: Hash, finalized: number, now: number): boolean {
    const group = this.#groupOf(peer)
    const first = this.#justifications.get(block)
    if (first === undefined) this.#justifications.set(block, group)
    else if (first !== group) this.#suspectSince = finalized
    if (this.#suspectSince !== undefined && finalized > this.#suspectSince) this.#suspectSince = undefined
    if (this.#suspectSince !== undefined || now < (this.#accused.get(peer) ?? Number.NEGATIVE_INFINITY) + ACCUSE_EVERY_MS) return false
    this.#accused.set(peer, now)
    return true
  }

  /** `peer` sent a body that is not the one `block` names. True where it is to be told on for it. */
  body(peer: string, block: Hash, body: readonly Extrinsic[]): boolean {
    const group = this.#groupOf(peer)
    const digest = bodyHash(body)
    const first = this.#bodies.get(block)
    if (first?.digest === digest && first.group !== group) return false
    this.#bodies.set(block, { digest, group })
    return true
  }
}
