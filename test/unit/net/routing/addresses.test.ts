import { describe, expect, it } from 'vitest'
import { parseNetAddress, type NetAddress } from '../../../../node-core/net/routing/addresses.ts'
import { formatNetAddress } from '../../../helpers/net-address.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const RELAY = '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'
const peer = (service?: string, way?: string): NetAddress => ({ kind: 'peer', peer: PEER, service, way })
const INVALID = expect.objectContaining({ code: 'NET_ADDRESS_INVALID', hint: expect.stringContaining('/nodestead/') as string }) as Error

describe('an address without a network part', () => {
  it.each<[string, NetAddress, string?]>([
    [PEER, peer(), `/p2p/${PEER}`],
    [`/p2p/${PEER}`, peer()],
    [`/nodestead/chat/p2p/${PEER}`, peer('chat')],
    ['/nodestead/group/friends', { kind: 'group', group: 'friends' }],
    ['/nodestead/group/group', { kind: 'group', group: 'group' }],
    ['/nodestead-group/friends', { kind: 'group', group: 'friends' }, '/nodestead/group/friends'],
    [`/ip4/192.0.2.1/tcp/30333/p2p/${PEER}`, peer(undefined, `/ip4/192.0.2.1/tcp/30333/p2p/${PEER}`)],
    [`/ip4/192.0.2.1/tcp/30333/nodestead/chat/p2p/${PEER}`, peer('chat', `/ip4/192.0.2.1/tcp/30333/p2p/${PEER}`)],
    [`/ip4/192.0.2.1/tcp/1/p2p/${RELAY}/p2p-circuit/nodestead/a.b-c/p2p/${PEER}`, peer('a.b-c', `/ip4/192.0.2.1/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`)],
  ])('%s is read as what is written so', (text, address, written = text) => {
    expect(parseNetAddress(text)).toEqual(address)
    expect(formatNetAddress(address)).toBe(written)
  })

  it.each([
    '', '/', 'x', '/p2p', '/p2p/x', `/nodestead/p2p/${PEER}`, '/nodestead/chat', `/nodestead/group/p2p/${PEER}`, `/nodestead/Chat/p2p/${PEER}`, `/nodestead/a/nodestead/b/p2p/${PEER}`,
    `/nodestead/chat/ip4/192.0.2.1/p2p/${PEER}`, '/nodestead/group/', '/nodestead/group/A', '/nodestead/group/a/b', `/nodestead-group/a/p2p/${PEER}`, `/p2p/${PEER}/nodestead/chat`,
    `/p2p/${PEER} `, '/ip4/192.0.2.1/tcp/1', `/nodestead/${'a'.repeat(65)}/p2p/${PEER}`, `/p2p/${'1'.repeat(2000)}`, `/dns4/ä.example/p2p/${PEER}`,
  ])('%j is refused, and what would be one is said', (text) => {
    expect(() => parseNetAddress(text)).toThrow(INVALID)
  })
})
