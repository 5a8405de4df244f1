/** A chain with justifications for the tests of requests. */
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import type { DigestItem, Header } from '../../../../../node-core/chain/scale/header.ts'
import type { Extrinsic, BlockRef, Justification } from '../../../../../node-core/chain/scale/block.ts'
import type { AuthorityChange } from '../../../../../node-core/chain/protocols/requests/index.ts'
import { BlockChain } from '../../../../helpers/block-chain.ts'

export interface GrowOptions {
  readonly body?: (number: number) => readonly Extrinsic[]
  readonly digest?: (number: number) => readonly DigestItem[]
}

export class JustifiedChain extends BlockChain {
  readonly justified = new Map<Hash, readonly Justification[]>()

  override async justifications(hash?: Hash): Promise<readonly Justification[] | undefined> {
    return hash === undefined ? undefined : this.justified.get(hash)
  }

  /** `count` blocks on top of the best one, which become best. */
  grow(count: number, options: GrowOptions = {}): BlockRef[] {
    const blocks: BlockRef[] = []
    for (let i = 0; i < count; i++) {
      const { hash, number } = blocks.at(-1) ?? this.best()
      blocks.push(this.add(hash, options.body?.(number + 1), options.digest?.(number + 1)))
    }
    this.setBest(blocks.at(-1)?.hash ?? this.best().hash)
    return blocks
  }
}

/** In these tests a digest item of the kind `other` stands for a change. */
export const CHANGE: DigestItem = { type: 'other', data: Uint8Array.of(1) }
export const FORCED_CHANGE: DigestItem = { type: 'other', data: Uint8Array.of(2) }

export const authorityChange: AuthorityChange = ({ digest }: Header) => {
  for (const item of digest) if (item.type === 'other') return item.data[0] === 1 ? 'scheduled' : 'other'
  return undefined
}
