/**
 * Negative controls: a block with a wrong seal or a wrong VRF, and a commit with a wrong signature, are refused by
 * smoldot and by our own import, each for its own reason; the same made rightly is accepted by both.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../node-core/base/bytes.ts'
import { BABE_ENGINE, preDigestItem, preDigestOf } from '../../node-core/chain/core/engines/babe/digest.ts'
import { makeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { encodeGrandpaMessage, signingPayload, type SignedVote } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519Sign } from '../../node-core/crypto/ed25519/ed25519.ts'
import { blake2Hash, blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { sr25519Sign } from '../../node-core/crypto/sr25519/sr25519.ts'
import { encodeAnnounce } from '../../node-core/chain/protocols/announce-messages.ts'
import { encodeHeader, splitSeal, type Header } from '../../node-core/chain/scale/header.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { BlockRef, Justification } from '../../node-core/chain/scale/block.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient, slotsUntil } from '../helpers/light-client.ts'
import { GRANDPA_ENGINE } from '../../node-core/chain/core/engines/grandpa/digest.ts'

const alice = devAccount('//Alice')

let author: DevNode
let light: LightClient

// One for each: a block with this node's key that it did not make stops the key, as what a second computer with it would make does.
beforeEach(async () => {
  author = await DevNode.start()
})

afterEach(async () => {
  await light.stop()
  await author.stop()
})

/** A light client that has followed to the best block. */
async function follow(): Promise<void> {
  light = new LightClient(author.node)
  await light.seen(/gossip-open-success/)
  await slotsUntil(author, light, light.client.getFinalizedBlock())
  const from = light.log.length
  const best = light.client.getBestBlocks()
  await slotsUntil(author, light, best)
  await author.slots(1)
  await light.seen(/header-verify-success/, from)
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
}

describe('a block', () => {
  /** The best block once more, sealed anew: a twin that is as good, unless something is changed. */
  function twin(change: { seal?: boolean; vrf?: boolean }): Header {
    const { unsealed } = splitSeal(author.node.blocks.header(author.node.blocks.best().hash) as Header, BABE_ENGINE) as { unsealed: Header }
    const claim = preDigestOf(unsealed)
    if (claim.kind === 'secondaryPlain') throw new Error('this slot was claimed without a VRF')
    const vrf = change.vrf ? { ...claim.vrf, proof: flipped(claim.vrf.proof) } : claim.vrf
    const digest = unsealed.digest.map((item) => (item.type === 'preRuntime' && item.engine === BABE_ENGINE ? preDigestItem({ ...claim, vrf }) : item))
    const header = { ...unsealed, digest }
    const seal = sr25519Sign(alice.sr25519.secret.reveal(), blake2b256(encodeHeader(header)))
    return { ...header, digest: [...digest, { type: 'seal', engine: BABE_ENGINE, data: change.seal ? flipped(seal) : seal }] }
  }

  it.each([
    ['made rightly', {}, /header-verify-success/, { kind: 'imported' }],
    ['with a wrong seal', { seal: true }, /header-verify-error.*BadSignature/, { kind: 'invalid', code: 'BABE_BAD_SEAL' }],
    ['with a wrong VRF', { vrf: true }, /header-verify-error.*BadVrfProof/, { kind: 'invalid', code: 'BABE_BAD_VRF' }],
  ])('%s', async (_, change, verdict, outcome) => {
    await follow()
    const { blocks, core, topics } = author.node
    const body = (await blocks.body(blocks.best().hash)) ?? []
    const header = twin(change)
    const from = light.log.length
    topics.send('block-announces', encodeAnnounce({ header, isBest: true, data: new Uint8Array(0) }), { except: [] })
    await light.seen(verdict, from)
    expect(await core.importer.importBlock({ header, body }, 'announced')).toMatchObject(outcome)
    expect(blocks.hasBlock(blake2Hash(encodeHeader(header)))).toBe(outcome.kind === 'imported')
  })
})

describe('finality', () => {
  const round = 1_000_000
  const setId = 0

  function precommit(target: BlockRef, isWrong: boolean): SignedVote {
    const signature = ed25519Sign(alice.ed25519.secret.reveal(), signingPayload('precommit', target, { round, setId }))
    return { kind: 'precommit', target, signature: isWrong ? flipped(signature) : signature, authority: toHex(alice.ed25519.publicKey) }
  }

  function justificationOf(target: BlockRef, vote: SignedVote): Justification {
    const justification = makeJustification(round, target, [vote], (hash) => author.node.blocks.header(hash))
    if (justification === undefined) throw new Error('the votes prove nothing')
    return { engine: GRANDPA_ENGINE, data: encodeJustification(justification) }
  }

  it.each([
    ['with a wrong signature', true, /finality-proof-verify-error.*Signature/, { kind: 'invalid', code: 'IMPORT_BAD_JUSTIFICATION', message: expect.stringContaining('not signed') as string }],
    ['made rightly', false, /finality-proof-verify-success/, { kind: 'imported' }],
  ])('%s', async (_, isWrong, verdict, outcome) => {
    await follow()
    const { blocks, core, topics } = author.node
    const target = blocks.best()
    const vote = precommit(target, isWrong)
    const from = light.log.length
    topics.send('grandpa', encodeGrandpaMessage({ type: 'commit', round, setId, target, precommits: [vote] }), { except: [] })
    await light.seen(verdict, from)
    expect(await core.importer.importJustification(target, justificationOf(target, vote))).toMatchObject(outcome)
    expect(blocks.finalized().number === target.number).toBe(!isWrong)
  })
})
