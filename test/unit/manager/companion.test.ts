/** A second node of a network on this computer: who it is, and what it never is. */
import { describe, expect, it } from 'vitest'
import { companionSettings, firstNodeOf } from '../../../node-core/manager/kinds/chain/companion.ts'
import { chainSettingsSchema, type ChainIdentity, type ChainProfile } from '../../../node-core/manager/kinds/chain/profile.ts'

const LOCAL: ChainIdentity = { kind: 'known', name: 'local' }
const FIRST = { address: '/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', authorities: ['alice', 'bob'] }

function profile(account: string, change: { readonly chain?: ChainIdentity; readonly id?: string; readonly settings?: object } = {}): ChainProfile {
  const { chain = LOCAL, id = account, settings = {} } = change
  return {
    id, kind: 'chain', chain, folder: `/data/${id}`,
    settings: chainSettingsSchema.parse({ name: 'Local', role: 'validator', account, autoStart: true, network: { upnp: true, publicAddrs: ['/ip4/192.0.2.1/tcp/1'] }, ...settings }),
  }
}

describe('the second node of a network', () => {
  it('is the next development authority that nobody here signs for, and is connected to the first', () => {
    const alice = profile('alice')
    expect(companionSettings(alice, [alice], FIRST)).toMatchObject({
      name: 'Local (Bob)', role: 'validator', account: 'bob', autoStart: false,
      network: { reservedNodes: [FIRST.address], upnp: false, publicAddrs: [], listenAddrs: [] },
    })
  })

  it('follows where every authority is taken, and never gets a key that another network here has', () => {
    const alice = profile('alice')
    const bob = profile('bob', { id: 'two' })
    expect(companionSettings(alice, [alice, bob], FIRST)).toMatchObject({ role: 'full', account: 'none', name: 'Local (follower)' })
    // A key that is set but rests is taken as well: somebody may set it to sign again.
    const resting = profile('bob', { id: 'two', settings: { role: 'full' } })
    expect(companionSettings(alice, [alice, resting], FIRST).account).toBe('none')
  })

  it('may have a key that signs in another network', () => {
    const alice = profile('alice')
    const elsewhere = profile('bob', { id: 'two', chain: { kind: 'known', name: 'dev' } })
    expect(companionSettings(alice, [alice, elsewhere], FIRST).account).toBe('bob')
  })

  it('follows on a chain whose only authority is the first, and on a network of own keys', () => {
    const dev = profile('alice', { chain: { kind: 'known', name: 'dev' } })
    expect(companionSettings(dev, [dev], { ...FIRST, authorities: ['alice'] })).toMatchObject({ role: 'full', account: 'none' })
    const own = profile('none', { chain: { kind: 'custom', specId: 'ours', chainType: 'Live' } })
    expect(companionSettings(own, [own], FIRST)).toMatchObject({ role: 'full', account: 'none' })
  })

  it('cannot be where blocks are made on request', () => {
    const sealed = profile('alice', { chain: { kind: 'known', name: 'dev' }, settings: { sealing: 'manual' } })
    expect(() => companionSettings(sealed, [sealed], FIRST)).toThrow(expect.objectContaining({ code: 'NETWORK_SEALED' }) as Error)
  })
})

describe('what the second node is told of the first', () => {
  it('is its address on this computer, and which development accounts are authorities now', async () => {
    const node = {
      sessionKeys: { developmentAuthors: async () => ['alice', 'charlie'] },
      network: { localPeerId: '12D3Koo', listenAddresses: () => ['/ip4/192.0.2.7/tcp/1/p2p/12D3Koo', '/ip4/127.0.0.1/tcp/2/ws/p2p/12D3Koo', '/ip4/127.0.0.1/tcp/1/p2p/12D3Koo'] },
    } as unknown as Parameters<typeof firstNodeOf>[0]
    expect(await firstNodeOf(node)).toEqual({ address: '/ip4/127.0.0.1/tcp/1/p2p/12D3Koo', authorities: ['alice', 'charlie'] })
  })
})
