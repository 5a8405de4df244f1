/** Headers that are right, and each way in which one can be wrong. */
import { beforeEach, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { fromHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { announcementsOf, preDigestItem, preDigestOf } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import { secondaryAuthor } from '../../../../../../node-core/chain/core/engines/babe/lottery.ts'
import { BabeEpochs } from '../../../../../../node-core/chain/core/engines/babe/epochs.ts'
import { BabeVerifier } from '../../../../../../node-core/chain/core/engines/babe/verifier.ts'
import { drawSlot, inThreadSlotCrypto } from '../../../../../../node-core/crypto/worker/slot-crypto.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { decodeDigest, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import { GENESIS_HASH, MapAux, TestChain, authorityOf, bytes32, configurationLog, configurationOf, epochLog } from './chain.ts'

const BEFORE_ANY: Hash = bytes32(0)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe("Polkadot's block 1", () => {
  it('passes the whole verification on the genesis configuration', async () => {
    const { header } = JSON.parse(readFileSync(new URL('../../../../../fixtures/polkadot-block-1.json', import.meta.url), 'utf8')) as {
      header: Omit<Header, 'digest'> & { digest: `0x${string}` }
    }
    const block: Header = { ...header, digest: decodeDigest(fromHex(header.digest)) }
    // What it announces for epoch 1 is what genesis has for epoch 0.
    const authorities = announcementsOf(block).nextEpoch?.authorities ?? []
    const configuration = {
      slotDuration: 6000, epochLength: 2400, c: [1, 4], authorities, randomness: bytes32(0), secondarySlots: 'plain',
    } as const
    const epochs = new BabeEpochs({ aux: new MapAux(), runtime: { currentStart: async () => undefined } }, configuration)
    const genesis: Header = { parentHash: BEFORE_ANY, number: 0, stateRoot: BEFORE_ANY, extrinsicsRoot: BEFORE_ANY, digest: [] }
    const verifier = new BabeVerifier({ headers: { header: () => genesis }, epochs, crypto: inThreadSlotCrypto }, configuration)
    const verified = await verifier.verify(block, 1_600_000_000_000)
    expect(verified.hash).toBe('0xc0096358534ec8d21d01d34b836eed476a1c343f8724fa2153dc0725ad797a90')
    expect(verified)
      .toMatchObject({ weight: 1, author: '0xfa3437b10f6e7af8f31362df3a179b991a8c56313d1bcd6307a4d0c734c1ae31' })
  })
})

describe('a bad header', () => {
  let chain: TestChain
  let good: Header
  let parent: Hash
  const slot = 2000
  beforeEach(async () => {
    chain = new TestChain(configurationOf(['Alice', 'Bob'], 'plain'))
    const first = await firstOf(['Alice', 'Bob'], GENESIS_HASH, slot)
    parent = (await chain.import(first)).hash
    good = (await chain.build(['Alice', 'Bob'], parent, slot + 1)) as Header
  })

  async function firstOf(names: readonly ('Alice' | 'Bob')[], on: Hash, at: number): Promise<Header> {
    return (await chain.build(names, on, at)) as Header
  }

  /** Reseals with every key, so that only what the change itself breaks is broken. */
  async function resealed(header: Header): Promise<Header> {
    const author = chain.author(['Alice', 'Bob'])
    const { slot: claimSlot, authorityIndex } = preDigestOf(header)
    return author.seal(
      { ...header, digest: header.digest.filter((item) => item.type !== 'seal') },
      { slot: claimSlot, authority: authorityOf(authorityIndex === 1 ? 'Bob' : 'Alice').key, preDigest: header.digest[0] as never, inherents: [], weight: 0 },
    )
  }

  const replacePre = (header: Header, change: Partial<ReturnType<typeof preDigestOf>>): Header => ({
    ...header, digest: [preDigestItem({ ...preDigestOf(header), ...change } as never), ...header.digest.slice(1)],
  })

  it('is the good one that the changes below start from', async () => {
    expect(await codeOf(chain.verifier.verify(good, 1e15))).toBe('accepted')
  })

  it('has no pre-digest, no seal, or a seal that is not the author\'s', async () => {
    expect(await codeOf(chain.verifier.verify({ ...good, digest: good.digest.slice(1) }, 1e15))).toBe('BABE_NO_PRE_DIGEST')
    expect(await codeOf(chain.verifier.verify({ ...good, digest: good.digest.slice(0, -1) }, 1e15))).toBe('BABE_NO_SEAL')
    expect(await codeOf(chain.verifier.verify({ ...good, digest: [...good.digest, good.digest.at(-1) as never] }, 1e15)))
      .toBe('BABE_NO_SEAL')
    expect(await codeOf(chain.verifier.verify({ ...good, stateRoot: bytes32(1) }, 1e15))).toBe('BABE_BAD_SEAL')
    const short = { ...good, digest: [...good.digest.slice(0, -1), { type: 'seal', engine: 'BABE', data: new Uint8Array(63) } as const] }
    expect(await codeOf(chain.verifier.verify(short, 1e15))).toBe('BABE_NO_SEAL')
  })

  it('is not in its time', async () => {
    expect(await codeOf(chain.verifier.verify(replacePre(good, { slot }), 1e15))).toBe('BABE_SLOT_NOT_AFTER_PARENT')
    await expect(chain.verifier.verify(good, (slot - 1) * 6000))
      .rejects.toMatchObject({ code: 'BABE_SLOT_IN_FUTURE', data: { temporary: true } })
    expect(await codeOf(chain.verifier.verify(good, slot * 6000))).toBe('accepted')
    expect(await codeOf(chain.verifier.verify({ ...good, parentHash: bytes32(8) }, 1e15))).toBe('BABE_UNKNOWN_PARENT')
  })

  it('is by somebody without the right', async () => {
    expect(await codeOf(chain.verifier.verify(replacePre(good, { authorityIndex: 9 }), 1e15))).toBe('BABE_UNKNOWN_AUTHORITY')
    const turn = secondaryAuthor(slot + 1, 2, bytes32(0))
    const plain = (authorityIndex: number): Header => ({
      ...good, digest: [preDigestItem({ kind: 'secondaryPlain', authorityIndex, slot: slot + 1 }), ...good.digest.slice(1)],
    })
    expect(await codeOf(chain.verifier.verify(await resealed(plain(turn)), 1e15))).toBe('accepted')
    expect(await codeOf(chain.verifier.verify(await resealed(plain(1 - turn)), 1e15))).toBe('BABE_WRONG_SECONDARY_AUTHOR')
    const vrf = { preOutput: new Uint8Array(32), proof: new Uint8Array(64) }
    const vrfKind = {
      ...good, digest: [preDigestItem({ kind: 'secondaryVrf', authorityIndex: turn, slot: slot + 1, vrf }), ...good.digest.slice(1)],
    }
    expect(await codeOf(chain.verifier.verify(await resealed(vrfKind), 1e15))).toBe('BABE_SECONDARY_NOT_ALLOWED')
  })

  it('has a VRF that proves nothing, or one that does not win', async () => {
    const secret = devAccount('//Alice').sr25519.secret.reveal()
    const verdicts = new Set<string>()
    for (let at = slot + 1; at < slot + 9; at++) {
      const { vrf } = drawSlot(secret, { slot: at, epochIndex: 0, randomness: new Uint8Array(32) })
      const withDraw = (signature: typeof vrf): Header => ({
        ...good, digest: [preDigestItem({ kind: 'primary', authorityIndex: 0, slot: at, vrf: signature }), ...good.digest.slice(1)],
      })
      verdicts.add(await codeOf(chain.verifier.verify(await resealed(withDraw(vrf)), 1e15)))
      const broken = { ...vrf, proof: vrf.proof.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }
      expect(await codeOf(chain.verifier.verify(await resealed(withDraw(broken)), 1e15))).toBe('BABE_BAD_VRF')
    }
    expect(verdicts).toContain('BABE_THRESHOLD')
  })

  it('announces at the wrong time', async () => {
    const announced = await resealed({ ...good, digest: [good.digest[0] as never, epochLog([authorityOf('Alice')], bytes32(2))] })
    expect(await codeOf(chain.verifier.verify(announced, 1e15))).toBe('BABE_UNEXPECTED_EPOCH_ANNOUNCEMENT')
    const configured = await resealed({ ...good, digest: [good.digest[0] as never, configurationLog([1, 2], 'vrf')] })
    expect(await codeOf(chain.verifier.verify(configured, 1e15))).toBe('BABE_UNEXPECTED_CONFIG_CHANGE')
    const next = (await chain.build(['Alice', 'Bob'], parent, slot + 10)) as Header
    const silent = await resealed({ ...next, digest: [next.digest[0] as never] })
    expect(await codeOf(chain.verifier.verify(silent, 1e15))).toBe('BABE_MISSING_EPOCH_ANNOUNCEMENT')
    const empty = await resealed({ ...next, digest: [next.digest[0] as never, epochLog([], bytes32(2))] })
    expect(await codeOf(chain.verifier.verify(empty, 1e15))).toBe('BABE_BAD_CONSENSUS_LOG')
  })
})

describe('secondary slots with a VRF', () => {
  it('are claimed and verified', async () => {
    const chain = new TestChain(configurationOf(['Alice', 'Bob'], 'vrf', [0, 1]))
    const header = (await chain.build(['Alice', 'Bob'], GENESIS_HASH, 500)) as Header
    expect(preDigestOf(header).kind).toBe('secondaryVrf')
    expect((await chain.import(header)).weight).toBe(0)
  })

  it('are nobody\'s where the configuration has none', async () => {
    const chain = new TestChain(configurationOf(['Alice'], 'none', [0, 1]))
    expect(await chain.build(['Alice'], GENESIS_HASH, 500)).toBeUndefined()
  })
})
