/** A chain whose finality authority changes every tenth block, with real signatures: what proofs of finality are made of. */
import { toHex } from '../../node-core/base/bytes.ts'
import { writeAuthorities } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { signingPayload } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { warpHandler } from '../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import { AuthorityChangeIndex } from '../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import type { AuthoritySet } from '../../node-core/chain/core/engines/joining.ts'
import type { BlockRef, Justification } from '../../node-core/chain/scale/block.ts'
import type { DigestItem } from '../../node-core/chain/scale/header.ts'
import { ed25519PublicKey, ed25519Sign } from '../../node-core/crypto/ed25519/ed25519.ts'
import type { RequestHandler } from '../../node-core/network/contracts.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { JustifiedChain } from '../unit/chain/protocols/requests/chain.ts'

const seed = (set: number): Uint8Array => new Uint8Array(32).fill(set + 1)

/** The one authority of a set. */
export const authoritiesOf = (set: number): AuthoritySet['authorities'] => [{ key: toHex(ed25519PublicKey(seed(set))), weight: 1 }]

export const GENESIS_SET: AuthoritySet = { setId: 0, authorities: authoritiesOf(0) }

/** An announcement: 1 scheduled, 2 forced. */
export const changeLog = (kind: 1 | 2, set: number, delay: number): DigestItem => {
  const writer = kind === 1 ? new ScaleWriter().u8(1) : new ScaleWriter().u8(2).u32(0)
  return { type: 'consensus', engine: 'FRNK', data: writeAuthorities(writer, authoritiesOf(set)).u32(delay).finish() }
}

/** Signed by the authority of the set, or by somebody else's key. */
export function justify({ hash, number }: BlockRef, set: number, key = set): Justification {
  const signature = ed25519Sign(seed(key), signingPayload('precommit', { hash, number }, { round: 9, setId: set }))
  const precommit = { targetHash: hash, targetNumber: number, signature, authorityId: authoritiesOf(key)[0]!.key }
  const data = encodeJustification({ round: 9, targetHash: hash, targetNumber: number, precommits: [precommit], votesAncestries: [] })
  return { engine: 'FRNK', data }
}

export interface ProvenChain {
  readonly chain: JustifiedChain
  readonly blocks: readonly BlockRef[]
  readonly handler: RequestHandler
}

/** 200 blocks, of which every tenth changes the set unless `special` says otherwise; finality is at `finalized`. */
export function provenChain(finalized: number, special: Readonly<Record<number, DigestItem>> = {}): ProvenChain {
  const chain = new JustifiedChain()
  const digest = (number: number): DigestItem[] => {
    const item = special[number] ?? (number % 10 === 0 ? changeLog(1, number / 10, 0) : undefined)
    return item === undefined ? [] : [item]
  }
  const blocks = chain.grow(200, { digest })
  for (const block of blocks) {
    if (block.number === finalized || (block.number < finalized && block.number % 10 === 0)) {
      chain.justified.set(block.hash, [justify(block, Math.ceil(block.number / 10) - 1)])
    }
  }
  if (finalized > 0) chain.setFinalized((blocks[finalized - 1] as BlockRef).hash)
  const changes = new AuthorityChangeIndex({ blocks: chain, aux: { getAux: () => undefined, putAux: async () => {} } })
  return { chain, blocks, handler: warpHandler({ blocks: chain, changes }) }
}
