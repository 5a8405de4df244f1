/** That the list of networks keeps its order, and forgets those that are no more, heard anew or not. */
import { describe, expect, it } from 'vitest'
import { applyNetworks } from '../../../renderer/text/network-list.ts'
import type { NetworksBatch } from '../../../node-core/api/network/networks.ts'
import type { NetworkSummary } from '../../../node-core/manager/types.ts'

const network = (id: string, name = id): NetworkSummary => ({ id, name, chain: id, status: { state: 'stopped' } }) as unknown as NetworkSummary
const batch = (change: Partial<NetworksBatch>): NetworksBatch => ({ reset: false, networks: [], removed: [], ...change })
const namesOf = (list: readonly NetworkSummary[]): string[] => list.map(({ name }) => name)

describe('the list of networks', () => {
  const list = applyNetworks([], batch({ reset: true, networks: ['b', 'a', 'c'].map((id) => network(id)) }))

  it('keeps its order while they change, and puts new ones last', () => {
    expect(namesOf(applyNetworks(list, batch({ networks: [network('d'), network('a', 'A')] })))).toEqual(['b', 'A', 'c', 'd'])
  })

  it('forgets one that is told to be gone', () => {
    expect(namesOf(applyNetworks(list, batch({ removed: ['a'] })))).toEqual(['b', 'c'])
  })

  it('forgets what a list heard anew does not hold: it went while nobody listened', () => {
    expect(namesOf(applyNetworks(list, batch({ reset: true, networks: [network('c', 'C'), network('b')] })))).toEqual(['b', 'C'])
  })
})
