/** Justifications that are not GRANDPA's, or not of the set in force, cost nobody anything. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../../../node-core/base/bytes.ts'
import type { RoundRef, SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import { ed25519PublicKey } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { BlockRef, Justification } from '../../../../../../node-core/chain/scale/block.ts'
import { SmallNode, proof, seedOf, signed } from './small-node.ts'
import { change, child } from './world.ts'

const BEEF: Justification = { engine: 'BEEF', data: Uint8Array.of(1, 2, 3) }
const seeds = [0, 1, 2].map(seedOf)
const authorities = seeds.map((seed) => ({ key: toHex(ed25519PublicKey(seed)), weight: 1 }))
const votes = (target: BlockRef, position?: RoundRef, by = seeds): SignedVote[] => by.map((seed) => signed(seed, 'precommit', target, position))

async function follower(): Promise<SmallNode> {
  const node = new SmallNode(authorities, false)
  await node.finality.start()
  return node
}

describe('a justification', () => {
  it('of another engine is passed over', async () => {
    const node = await follower()
    await node.finality.importJustification(node.at(2), BEEF)
    await node.finality.importJustification(node.at(2), { engine: 'FRNX', data: new Uint8Array(0) })
    expect(node.blocks.finalized().number).toBe(0)
    await node.finality.importJustification(node.at(2), proof(node, node.at(2), votes(node.at(2))))
    expect(node.blocks.finalized()).toEqual(node.at(2))
    await node.finality.stop()
  })

  it('of the set before or after is told from a forged one', async () => {
    const node = await follower()
    const target = node.at(2)
    const codeOf = (list: readonly SignedVote[]): Promise<string> =>
      node.finality.importJustification(target, proof(node, target, list)).then(() => 'final', ({ code }: { code: string }) => code)
    expect(await codeOf(votes(target, { round: 1, setId: 1 }))).toBe('GRANDPA_OTHER_SET')
    // The next set may be made of others altogether.
    expect(await codeOf(votes(target, { round: 1, setId: 1 }, [7, 8, 9].map(seedOf)))).toBe('GRANDPA_OTHER_SET')
    expect(await codeOf(votes(target, { round: 1, setId: 3 }))).toBe('GRANDPA_BAD_SIGNATURE')
    expect(await codeOf(votes(target, undefined, [7, 8, 9].map(seedOf)))).toBe('GRANDPA_NOT_ENOUGH_VOTES')
    expect(await codeOf(votes(target))).toBe('final')
    await node.finality.stop()
  })

  it('behind a change of authorities is not judged: others than those known here have signed it', async () => {
    const node = await follower()
    const announcing = child(node.blocks.header(node.at(5).hash) as Header, 0, [change(authorities, 0)])
    node.import(announcing)
    const target = node.import(child(announcing))
    const forged = proof(node, target, votes(target, { round: 9, setId: 9 }))
    await expect(node.finality.importJustification(target, forged)).rejects.toMatchObject({ code: 'GRANDPA_BEYOND_SET_CHANGE' })
    expect(node.checked).toBe(0)
    await node.finality.stop()
  })
})
