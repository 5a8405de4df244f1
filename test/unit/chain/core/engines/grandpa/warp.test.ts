import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { AuthorityChangeIndex } from '../../../../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { grandpaLogs } from '../../../../../../node-core/chain/core/engines/grandpa/digest.ts'
import { verifyJustification } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { VoterSet } from '../../../../../../node-core/chain/core/engines/grandpa/sets/voter-set.ts'
import type { RequestHandler } from '../../../../../../node-core/network/contracts.ts'
import { warpHandler } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import { decodeWarpProof, requestWarpProof, verifyWarpProof, type JustificationVerifier, type WarpProof, type WarpStep } from '../../../../../../node-core/chain/core/engines/grandpa/proofs/warp-proof.ts'
import type { AuthoritySet } from '../../../../../../node-core/chain/core/engines/joining.ts'
import type { DigestItem } from '../../../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../../../node-core/scale/writer.ts'
import type { BlockRef, Justification } from '../../../../../../node-core/chain/scale/block.ts'
import { GENESIS_SET, authoritiesOf, changeLog, justify, provenChain } from '../../../../../helpers/proven-chain.ts'
import type { JustifiedChain } from '../../../protocols/requests/chain.ts'
import { NEVER, PEER, answering, ask, expectTypedAnswers, expectTypedErrors, loopback, responseError } from '../../../protocols/requests/loopback.ts'

const verifier: JustificationVerifier = {
  verify: async (justification, { setId, authorities: list }, block) => verifyJustification(justification, new VoterSet(setId, list), block),
  nextAuthorities: (header) => grandpaLogs(header).flatMap((change) => (change.kind === 'scheduled' ? [change.authorities] : []))[0],
}

let chain: JustifiedChain
let blocks: readonly BlockRef[]
let handler: RequestHandler

/** Every tenth block changes the set; finality is at `finalized`. */
function build(finalized: number, special: Readonly<Record<number, DigestItem>> = {}): void {
  ;({ chain, blocks, handler } = provenChain(finalized, special))
}

/** Where the proof leads: what was proven last. */
async function follow(trusted: AuthoritySet, proof: WarpProof, by = verifier): Promise<WarpStep | undefined> {
  let last: WarpStep | undefined
  for await (const step of verifyWarpProof(trusted, proof, by)) last = step
  return last
}

const get = (begin: Hash): Promise<WarpProof> => requestWarpProof(loopback(handler), PEER, begin)
const numbers = ({ fragments }: WarpProof): number[] => fragments.map(({ header }) => header.number)
const at = (number: number): Hash => (blocks[number - 1] as BlockRef).hash

beforeEach(() => build(137))

describe('a warp sync proof', () => {
  it('leads from genesis over every change to the newest finalized block, and is proven', async () => {
    const proof = await get(chain.genesisHash)
    expect(numbers(proof)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 137])
    expect(proof.isFinished).toBe(true)
    const last = await follow(GENESIS_SET, proof)
    expect(last?.set).toEqual({ setId: 13, authorities: authoritiesOf(13) })
    expect(last?.block).toEqual({ hash: at(137), number: 137 })
  })

  it('begins after the block that it begins with', async () => {
    const proof = await get(at(100))
    expect(numbers(proof)).toEqual([110, 120, 130, 137])
    expect((await follow({ setId: 10, authorities: authoritiesOf(10) }, proof))?.block.number).toBe(137)
    expect(numbers(await get(at(131)))).toEqual([137])
    expect(numbers(await get(at(137)))).toEqual([])
  })

  it('ends with a change where that is the newest finalized block', async () => {
    build(130)
    expect(numbers(await get(at(110)))).toEqual([120, 130])
  })

  it('goes on where finality went on', async () => {
    await get(chain.genesisHash)
    chain.setFinalized(at(151))
    for (const number of [140, 150, 151]) chain.justified.set(at(number), [justify(blocks[number - 1]!, Math.ceil(number / 10) - 1)])
    expect(numbers(await get(at(120)))).toEqual([130, 140, 150, 151])
  })

  it('takes the highest justification that there is', async () => {
    chain.justified.delete(at(137))
    chain.justified.set(at(134), [justify(blocks[133]!, 13)])
    expect(numbers(await get(at(120)))).toEqual([130, 134])
    chain.justified.delete(at(134))
    expect(numbers(await get(at(120)))).toEqual([130])
  })

  it('stops before a change that no justification proves', async () => {
    for (const special of [changeLog(2, 3, 0), changeLog(1, 3, 4)]) {
      build(137, { 115: special })
      chain.justified.set(at(112), [justify(blocks[111]!, 11)])
      const proof = await get(at(90))
      expect([numbers(proof), proof.isFinished]).toEqual([[100, 110, 112], true])
      expect((await follow({ setId: 9, authorities: authoritiesOf(9) }, proof))?.block.number).toBe(112)
    }
  })

  it('does not go on to what a forced set justified below the block that announced it', async () => {
    build(137, { 115: changeLog(2, 3, 0) })
    // Finality had stalled at 112; the new authorities took it up there.
    chain.justified.set(at(112), [justify(blocks[111]!, 11)])
    chain.justified.set(at(113), [justify(blocks[112]!, 12)])
    const changes = new AuthorityChangeIndex({ blocks: chain, aux: { getAux: () => undefined, putAux: async () => {} } })
    handler = warpHandler({ blocks: chain, changes: { since: 0, scan: (finalized, signal) => changes.scan(finalized, signal), after: (from, to) => changes.after(from, to).map((change) => ({ ...change, provenUpTo: 112 })) } })
    const proof = await get(at(90))
    expect(numbers(proof)).toEqual([100, 110, 112])
    expect((await follow({ setId: 9, authorities: authoritiesOf(9) }, proof))?.block.number).toBe(112)
  })

  it('that is not whole says so, and one without a first step is refused', async () => {
    chain.justified.delete(at(120))
    const proof = await get(at(90))
    expect([numbers(proof), proof.isFinished]).toEqual([[100, 110], false])
    expect(await follow({ setId: 9, authorities: authoritiesOf(9) }, proof)).toMatchObject({ set: { setId: 11 }, block: { number: 110 } })
    await expect(get(at(110))).rejects.toMatchObject({ code: 'NETWORK_REFUSED', message: 'no fault' })
  })

  it('is not larger than allowed', async () => {
    for (const number of [100, 110, 120]) {
      const [justification] = chain.justified.get(at(number)) as [Justification]
      chain.justified.set(at(number), [{ ...justification, data: new Uint8Array(3 * 1024 * 1024) }])
    }
    const answer = await ask(handler, fromHex(at(90)))
    expect(answer.kind === 'response' && answer.bytes.at(-1)).toBe(0)
    expect(answer.kind === 'response' && answer.bytes.length).toBeGreaterThan(6 * 1024 * 1024)
    expect(answer.kind === 'response' && answer.bytes.length).toBeLessThan(8 * 1024 * 1024)
  })

  it('has as many steps as a limited line carries in time, one at least, and says that there are more', async () => {
    const within = (begin: number, fitting: number): Promise<WarpProof> => requestWarpProof(loopback(handler, fitting), PEER, at(begin))
    const whole = await within(90, Infinity)
    expect([numbers(whole), whole.isFinished]).toEqual([[100, 110, 120, 130, 137], true])
    const { length } = (await ask(handler, fromHex(at(90))) as { bytes: Uint8Array }).bytes
    const part = await within(90, length / 2)
    expect([numbers(part), part.isFinished]).toEqual([[100, 110], false])
    const one = await within(120, 10)
    expect([numbers(one), one.isFinished]).toEqual([[130], false])
    expect(await within(130, 10)).toMatchObject({ fragments: [{ header: { number: 137 } }], isFinished: true })
  })

  it('of blocks that are not here or not final is refused without blame', async () => {
    const refused = { kind: 'refuse' }
    const fork = chain.add(at(20))
    for (const hash of [at(138), fork.hash, toHex(new Uint8Array(32))]) expect(await ask(handler, fromHex(hash))).toEqual(refused)
    expect(await handler.onRequest(PEER, fromHex(at(100)), AbortSignal.abort())).toEqual(refused)
  })
})

describe('a change that the network agreed on', () => {
  it('takes the place of what the header announces, and its justification is not asked for', async () => {
    const proof = await get(at(90))
    const agreed: AuthoritySet = { setId: 12, authorities: authoritiesOf(12) }
    const forked: WarpProof = { ...proof, fragments: proof.fragments.filter(({ header }) => header.number !== 110) }
    await expect(follow({ setId: 9, authorities: authoritiesOf(9) }, forked)).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    const last = await follow({ setId: 9, authorities: authoritiesOf(9) }, forked, { ...verifier, agreedSet: (hash) => (hash === at(120) ? agreed : undefined) })
    expect(last).toMatchObject({ set: { setId: 13 }, block: { number: 137 } })
  })
})

describe('a proof that proves nothing', () => {
  let proof: WarpProof
  beforeEach(async () => void (proof = await get(chain.genesisHash)))

  const finished = (fragments: WarpProof['fragments']): WarpProof => ({ fragments, isFinished: true })

  it.each<[string, (proof: WarpProof) => WarpProof]>([
    ['leaves out a step', ({ fragments }) => finished(fragments.filter((_, i) => i !== 4))],
    ['repeats a step', ({ fragments }) => finished([...fragments.slice(0, 2), fragments[1]!, ...fragments.slice(2)])],
    ['justifies another block', ({ fragments }) => finished([{ ...fragments[0]!, header: fragments[1]!.header }])],
    ['says that it goes on, and does not say with whom', ({ fragments }) => ({ fragments, isFinished: false })],
    ['changes the header', ({ fragments: [first] }) => finished([{ ...first!, header: { ...first!.header, number: 11 } }])],
  ])('is refused: it %s', async (_, change) => {
    await expect(follow(GENESIS_SET, change(proof))).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })

  it('is refused: its authorities are not the ones that we trust', async () => {
    await expect(follow({ setId: 0, authorities: authoritiesOf(5) }, proof)).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    await expect(follow({ setId: 1, authorities: authoritiesOf(0) }, proof)).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })

  it('keeps what was proven before the step that is not', async () => {
    const steps: number[] = []
    const bad = finished(proof.fragments.filter((_, i) => i !== 4))
    await expect((async () => { for await (const { block } of verifyWarpProof(GENESIS_SET, bad, verifier)) steps.push(block.number) })()).rejects.toThrow()
    expect(steps).toEqual([10, 20, 30, 40])
  })

  it('is not confused with a fault of ours', async () => {
    const broken = { ...verifier, verify: async () => { throw new TypeError('a bug') } }
    await expect(follow(GENESIS_SET, proof, broken)).rejects.toThrow(TypeError)
  })
})

describe('hostile input', () => {
  it('costs the peer, and never does more', async () => {
    expect(await ask(handler, new Uint8Array(31))).toMatchObject({ fault: { code: 'bad-request' } })
    expect(await ask(handler, new Uint8Array(33))).toMatchObject({ fault: { code: 'bad-request' } })
    await expectTypedAnswers(handler, fromHex(at(110)))
    const answer = await handler.onRequest(PEER, fromHex(at(110)), NEVER)
    const valid = answer.kind === 'response' ? answer.bytes : new Uint8Array(0)
    await expectTypedErrors((sender) => requestWarpProof(sender, PEER, at(110)), valid)
  })

  it('that claims many steps is refused by their count', async () => {
    const bomb = new ScaleWriter().compact(50_000).raw(new Uint8Array(1000)).finish()
    expect(() => decodeWarpProof(bomb)).toThrow(expect.objectContaining({ code: 'SCALE_TOO_SHORT' }))
    await expect(requestWarpProof(answering(bomb), PEER, at(1))).rejects.toThrow(responseError('RESPONSE_MALFORMED'))
    await expect(requestWarpProof(answering(Uint8Array.of(0, 0)), PEER, at(1))).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
  })
})
