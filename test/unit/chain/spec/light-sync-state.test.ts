import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import { readLightSyncState } from '../../../../node-core/chain/spec/light-sync-state.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'

const hash = (byte: string): Hash => `0x${byte.repeat(32)}`
const header: Header = { parentHash: hash('01'), number: 32_191_275, stateRoot: hash('02'), extrinsicsRoot: hash('03'), digest: [{ type: 'seal', engine: 'BABE', data: new Uint8Array(64) }] }
const authorities = [{ key: hash('0a'), weight: 1 }, { key: hash('0b'), weight: 7 }]

function setOf(list: typeof authorities, setId = 4_000): Uint8Array {
  // Behind the id: no changes that wait, none forced, and a history of one change.
  return new ScaleWriter().vec(list, (writer, { key, weight }) => writer.hash(key).u64(weight)).u64(setId).u8(0).u8(0).u8(0).u8(4).u64(0).u32(1).finish()
}

const fields = { finalizedBlockHeader: toHex(encodeHeader(header)), grandpaAuthoritySet: toHex(setOf(authorities)), babeEpochChanges: '0x00', babeFinalizedBlockWeight: 9 }

describe('the light sync state of a specification', () => {
  it('is a finalized header and who finalizes what follows; what else it holds is passed over', () => {
    expect(readLightSyncState(fields)).toEqual({ finalizedHeader: header, authoritySet: { setId: 4_000, authorities } })
  })

  it('is found one level deeper, beside a checkpoint, as newer tools write it', () => {
    expect(readLightSyncState({ lightSyncState: fields, checkpoint: {} })?.authoritySet.setId).toBe(4_000)
  })

  it('is not there where nothing is said', () => {
    expect([readLightSyncState(undefined), readLightSyncState(null)]).toEqual([undefined, undefined])
  })

  it.each([
    ['a header with bytes behind it', { ...fields, finalizedBlockHeader: `${fields.finalizedBlockHeader}00` }, 'finalizedBlockHeader'],
    ['no header', { grandpaAuthoritySet: fields.grandpaAuthoritySet }, 'finalizedBlockHeader'],
    ['no authority', { ...fields, grandpaAuthoritySet: toHex(setOf([])) }, 'grandpaAuthoritySet'],
    ['an authority without weight', { ...fields, grandpaAuthoritySet: toHex(setOf([{ key: hash('0a'), weight: 0 }])) }, 'grandpaAuthoritySet'],
    ['a set that ends before its id', { ...fields, grandpaAuthoritySet: toHex(setOf(authorities).subarray(0, 85)) }, 'grandpaAuthoritySet'],
  ])('is refused with %s', (_what, value, field) => {
    expect(() => readLightSyncState(value)).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path: [field] })] }))
  })
})
