/** What headers of BABE carry: pre-digests, announcements, and the epochs that are stored of them. */
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { announcementsOf, preDigestItem, preDigestOf } from '../../../../../../node-core/chain/core/engines/babe/digest.ts'
import { epochAtSlot, decodeEpoch, encodeEpoch, type Epoch } from '../../../../../../node-core/chain/core/engines/babe/epoch.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import { authorityOf, bytes32, configurationLog, epochLog } from './chain.ts'

const BEFORE_ANY: Hash = bytes32(0)

describe('the digest', () => {
  const digestOf = (data: Uint8Array[]): Header => ({
    parentHash: BEFORE_ANY, number: 1, stateRoot: BEFORE_ANY, extrinsicsRoot: BEFORE_ANY,
    digest: data.map((d) => ({ type: 'preRuntime', engine: 'BABE', data: d })),
  })

  it('round-trips every kind of pre-digest', () => {
    const vrf = { preOutput: new Uint8Array(32).fill(1), proof: new Uint8Array(64).fill(2) }
    for (const preDigest of [
      { kind: 'primary', authorityIndex: 3, slot: 2 ** 40, vrf },
      { kind: 'secondaryVrf', authorityIndex: 0, slot: 1, vrf },
      { kind: 'secondaryPlain', authorityIndex: 7, slot: 9 },
    ] as const) {
      const item = preDigestItem(preDigest)
      expect(preDigestOf({ ...digestOf([]), digest: [item] })).toEqual(preDigest)
    }
  })

  it('wants exactly one', () => {
    const good = (preDigestItem({ kind: 'secondaryPlain', authorityIndex: 7, slot: 9 }) as { data: Uint8Array }).data
    expect(() => preDigestOf(digestOf([]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
    expect(() => preDigestOf(digestOf([good, good]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
    expect(() => preDigestOf(digestOf([good.subarray(1)]))).toThrowError(expect.objectContaining({ code: 'BABE_NO_PRE_DIGEST' }))
  })

  it('reads announcements, and passes over what it does not know', () => {
    const items = [
      epochLog([authorityOf('Bob')], bytes32(9)),
      configurationLog([1, 2], 'vrf'),
      { type: 'consensus', engine: 'BABE', data: Uint8Array.of(2, 5, 0, 0, 0) },
      { type: 'consensus', engine: 'BABE', data: Uint8Array.of(77) },
    ] as const
    expect(announcementsOf({ ...digestOf([]), digest: items })).toEqual({
      nextEpoch: { authorities: [authorityOf('Bob')], randomness: bytes32(9), kind: 'epoch' },
      nextConfiguration: { c: [1, 2], secondarySlots: 'vrf' },
      disabled: [5],
    })
    const twice = { ...digestOf([]), digest: [items[0], items[0]] }
    expect(() => announcementsOf(twice)).toThrowError(expect.objectContaining({ code: 'BABE_BAD_CONSENSUS_LOG' }))
  })

  it('stores an epoch without loss', () => {
    const epoch: Epoch = {
      index: 4, startSlot: 77, duration: 10, authorities: [authorityOf('Alice'), { ...authorityOf('Bob'), weight: 9 }],
      randomness: bytes32(3), configuration: { c: [1, 4], secondarySlots: 'plain' },
    }
    expect(decodeEpoch(encodeEpoch(epoch))).toEqual(epoch)
    expect(epochAtSlot(epoch, 77)).toBe(epoch)
    expect(epochAtSlot(epoch, 108)).toEqual({ ...epoch, index: 7, startSlot: 107 })
    expect(epochAtSlot(epoch, 66)).toEqual({ ...epoch, index: 2, startSlot: 57 })
  })
})
