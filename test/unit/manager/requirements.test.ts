import { describe, expect, it } from 'vitest'
import { requirements } from '../../../node-core/manager/kinds/chain/requirements.ts'

describe('what networks need', () => {
  it('is said of each that ships, as an estimate', () => {
    expect(requirements().map(({ chain }) => chain)).toEqual(['dev', 'local', 'polkadot', 'kusama', 'westend', 'paseo'])
    const polkadot = requirements().find(({ chain }) => chain === 'polkadot')
    expect(polkadot).toMatchObject({ diskBytes: 5.5e9, estimated: true, download: { bytes: 1.5e9, minutes: [5, 37] } })
  })
})
