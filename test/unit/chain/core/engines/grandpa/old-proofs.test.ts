/** Justifications of blocks below the one on which a node began: whom it believes of them. */
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../../../node-core/base/logger.ts'
import { OldProofs } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/old-proofs.ts'
import { AuthorityChangeIndex, changeEntries } from '../../../../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import type { AuthorityFork } from '../../../../../../node-core/chain/core/engines/engine.ts'
import { inThreadBatchVerifier } from '../../../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import { authoritiesOf, changeLog, justify, provenChain, type ProvenChain } from '../../../../../helpers/proven-chain.ts'
import { Aux } from './world.ts'

/** Set 13 is in charge at 137; every tenth block ends a set. The node's own proofs began above `since`. */
function oldProofs({ chain, blocks }: ProvenChain, since = 0, authorityForks: readonly AuthorityFork[] = []): (number: number, set: number, key?: number) => Promise<boolean> {
  const aux = new Aux()
  const steps = blocks.filter(({ number }) => number % 10 === 0 && number > since && number <= 137)
  aux.write(changeEntries(steps.map((block) => ({ ...block, kind: 'scheduled' })), { next: 138, since }))
  const changes = new AuthorityChangeIndex({ blocks: chain, aux: { getAux: aux.getAux, putAux: async (entries) => aux.write(entries) } })
  const proofs = new OldProofs({ blocks: chain, changes, current: () => new VoterSet(13, authoritiesOf(13)), authorityForks, crypto: inThreadBatchVerifier, logger: silentLogger })
  return (number, set, key) => proofs.proves(blocks[number - 1]!, justify(blocks[number - 1]!, set, key))
}

describe('a justification of an old block', () => {
  it.each([[135, 13], [131, 13], [130, 12], [125, 12], [121, 12], [120, 11], [11, 1]])('at %i counts where set %i signed it, and no other', async (number, set) => {
    const proves = oldProofs(provenChain(137))
    expect(await Promise.all([set - 1, set, set + 1].map((signer) => proves(number, signer)))).toEqual([false, true, false])
    expect(await proves(number, set, set + 30)).toBe(false)
  })

  it('counts nowhere that the authorities of then are not known', async () => {
    const proves = oldProofs(provenChain(137), 90)
    expect(await Promise.all([[85, 8], [90, 8], [91, 9], [100, 9], [101, 10]].map(([number, set]) => proves(number!, set!)))).toEqual([false, false, false, false, true])
    // Of the first set only the genesis state would tell.
    expect(await oldProofs(provenChain(137))(5, 0)).toBe(false)
  })

  it('counts only for the block that it was made for, and only where it can be read', async () => {
    const chain = provenChain(137)
    const proofs = new OldProofs({ blocks: chain.chain, changes: { since: 0, scan: async () => undefined, after: () => [] }, current: () => new VoterSet(0, authoritiesOf(0)), authorityForks: [], crypto: inThreadBatchVerifier, logger: silentLogger })
    const [four, five] = [chain.blocks[3]!, chain.blocks[4]!]
    const good = justify(five, 0)
    expect(await proofs.proves(five, good)).toBe(true)
    expect(await proofs.proves(four, good)).toBe(false)
    expect(await proofs.proves(five, { ...good, engine: 'BEEF' })).toBe(false)
    expect(await proofs.proves(five, { ...good, data: good.data.subarray(1) })).toBe(false)
  })

  it('counts not below a change that no justification proves', async () => {
    const chain = provenChain(137, { 138: changeLog(2, 99, 1) })
    chain.chain.setFinalized(chain.blocks[139]!.hash)
    const proves = oldProofs(chain)
    expect(await Promise.all([proves(135, 13), proves(125, 12)])).toEqual([false, false])
  })

  it('counts by the set that the network agreed on', async () => {
    const chain = provenChain(137)
    const proves = oldProofs(chain, 0, [{ block: chain.blocks[119]!.hash, setId: 12, authorities: authoritiesOf(77).map(({ key }) => key) }])
    expect([await proves(125, 12), await proves(125, 12, 77), await proves(135, 13)]).toEqual([false, true, true])
  })
})
