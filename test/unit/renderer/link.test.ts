/** Private links in words: the sentence, why a connection was refused, and what a person types. */
import { describe, expect, it } from 'vitest'
import { deviceCommands, ipPeersIn, ipPeersText, ipRefusalText, isPortText, linkSentence, refusalText, targetText, tunText, wantedIn, wantedText } from '../../../renderer/text/link.ts'
import { en } from '../../../renderer/i18n/en/index.ts'
import type { LinkBatch } from '../../../node-core/api/net/link.ts'
import { tunSupport } from '../../../node-core/net/link/tun.ts'
import { NO_CONNECTIONS } from '../../helpers/fake-net.ts'
import { PEERS } from '../../helpers/fake-network.ts'

const batch: LinkBatch = { opening: 'open', openings: [], forwards: [], socks: undefined, host: undefined, ip: undefined, tun: tunSupport('linux') }
const forward = { localPort: 8080, peer: PEERS[0], wanted: { port: 80 }, relayed: false, figures: { ...NO_CONNECTIONS, connections: 2 }, problem: undefined }

describe('the sentence', () => {
  it('counts what is open and connected, and calls for attention where a port does not listen', () => {
    expect(linkSentence(batch)).toMatchObject({ tone: 'off' })
    const opening = { port: 80, peers: [PEERS[1]], target: { host: '127.0.0.1', port: 80 }, relayed: false, figures: { ...NO_CONNECTIONS, connections: 1 } }
    expect(linkSentence({ ...batch, openings: [opening], forwards: [forward] })).toEqual({ tone: 'well', text: '1 port open to peers, 1 port leading to peers, 3 connections.' })
    expect(linkSentence({ ...batch, forwards: [{ ...forward, problem: { code: 'NET_LINK_PORT_TAKEN', message: '', hint: undefined } }] }).tone).toBe('attention')
  })
})

describe('a refusal', () => {
  it('is said with what to do, by whose program was asked for', () => {
    const refused = { ...NO_CONNECTIONS, refused: 3, lastRefusal: 'NET_LINK_TARGET_REFUSED' } as const
    expect(refusalText(NO_CONNECTIONS, 'there')).toBeUndefined()
    expect(refusalText(refused, 'there')).toBe(`3 refused. Last: ${en.link.refusals.NET_LINK_TARGET_REFUSED}`)
    expect(refusalText(refused, 'here')).toContain(en.link.refusalsHere.NET_LINK_TARGET_REFUSED)
    expect(refusalText({ ...refused, lastRefusal: 'NET_LINK_MALFORMED' }, 'there')).toContain(en.link.refusals.other)
  })
})

it('what a person types is a port or a name', () => {
  expect([wantedIn('80'), wantedIn('web'), wantedText({ port: 80 }), wantedText({ name: 'web' })]).toEqual([{ port: 80 }, { name: 'web' }, '80', 'web'])
  expect(['1', '65535', '0', '65536', '1.5', 'web', ''].map(isPortText)).toEqual([true, true, false, false, false, false, false])
  expect([targetText({ target: { host: '127.0.0.1', port: 80 } }), targetText({ target: { host: '::1', port: 80 } })]).toEqual(['127.0.0.1:80', '[::1]:80'])
})

it('why there is no IP link is said for each system', () => {
  for (const system of ['darwin', 'win32'] as const) expect(tunText(system)).toBe(en.link.tunText[system])
  expect(tunText('freebsd')).toBe(en.link.tunText.other)
})

describe('an IP link', () => {
  it('that has no device calls for attention', () => {
    const ip = { device: 'nodestead0', peers: [], unknown: 0, problem: undefined }
    expect(linkSentence({ ...batch, ip }).tone).toBe('well')
    expect(linkSentence({ ...batch, ip: { ...ip, problem: { code: 'NET_LINK_TUN_MISSING', message: '', hint: undefined } } }).tone).toBe('attention')
  })

  it('has peers as a person writes them, and the first line that is none is said', () => {
    const peers = [{ peer: PEERS[0], addresses: ['10.77.0.2', 'fd77::2'] }, { peer: PEERS[1], addresses: ['10.77.0.3'] }]
    expect(ipPeersIn(`\n ${PEERS[0]}  10.77.0.2, fd77::2\n\n${PEERS[1]}\t10.77.0.3 `)).toEqual({ peers })
    expect(ipPeersText(peers.map((peer) => ({ ...peer, relayed: false })))).toBe(`${PEERS[0]} 10.77.0.2 fd77::2\n${PEERS[1]} 10.77.0.3`)
    expect(ipPeersIn(`${PEERS[0]} 10.77.0.2\n${PEERS[1]}`)).toEqual({ badLine: PEERS[1] })
    expect(ipPeersIn('')).toEqual({ peers: [] })
  })

  it('says what an administrator does for its device, and why a peer is not reached', () => {
    expect(deviceCommands('mine')).toContain('ip tuntap add dev mine mode tun user')
    expect(deviceCommands(' ')).toContain('dev nodestead0')
    expect([ipRefusalText(undefined), ipRefusalText('NET_LINK_NOT_OPENED'), ipRefusalText('NET_LINK_MALFORMED')]).toEqual([undefined, en.link.refusals.NET_LINK_NOT_OPENED, en.link.refusals.other])
  })
})
