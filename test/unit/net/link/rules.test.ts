/** What is opened for whom, the file of it, and how peers and programs are called. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linkHost, parseLinkHost } from '../../../../node-core/net/link/hosts.ts'
import type { IpRule } from '../../../../node-core/net/link/ip/rule.ts'
import { Places } from '../../../../node-core/net/link/places.ts'
import { RulesFile } from '../../../../node-core/net/link/rules-file.ts'
import { MAX_FORWARDS, MAX_OPENINGS, NO_RULES, openingFor, withForward, withIp, withOpening, withoutForward, withoutIp, withoutOpening, withoutPeer, withoutSocks, withPeer, withSocks, type LinkRules, type NewForward, type NewOpening } from '../../../../node-core/net/link/rules.ts'
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk } from '../../../../node-core/net/link/wire.ts'

const ADA = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const BOB = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const OPENING: NewOpening = { port: 80, name: 'web', peers: [ADA] }
const FORWARD: NewForward = { localPort: 8080, peer: ADA, wanted: { port: 80 } }
const code = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

describe('the rule of the IP link', () => {
  const RULE: IpRule = { device: 'nodestead0', peers: [{ peer: ADA, addresses: ['10.77.0.2', 'fd77::2'], relayed: false }] }
  const of = (peer: string, ...addresses: string[]): IpRule['peers'][number] => ({ peer, addresses, relayed: false })

  it('is kept beside the others, and taken away alone', () => {
    const rules = withIp(withSocks(withOpening(NO_RULES, OPENING), { localPort: 1080, relayed: false }), RULE)
    expect(rules).toMatchObject({ ip: RULE, openings: [{ port: 80 }], socks: { localPort: 1080 } })
    expect(withoutSocks(rules)).toMatchObject({ ip: RULE, openings: [{ port: 80 }] })
    expect(withoutIp(rules)).toEqual(withSocks(withOpening(NO_RULES, OPENING), { localPort: 1080, relayed: false }))
  })

  it.each<[string, IpRule]>([
    ['a device with a slash', { ...RULE, device: '../tun' }],
    ['a device that is a folder', { ...RULE, device: '..' }],
    ['a device whose name is too long', { ...RULE, device: 'nodestead0123456' }],
    ['nobody', { ...RULE, peers: [] }],
    ['too many peers', { ...RULE, peers: Array.from({ length: 65 }, () => of(ADA, '10.77.0.2')) }],
    ['a peer that is none', { ...RULE, peers: [of('ada', '10.77.0.2')] }],
    ['a peer twice', { ...RULE, peers: [of(ADA, '10.77.0.2'), of(ADA, '10.77.0.3')] }],
    ['a peer without an address', { ...RULE, peers: [of(ADA)] }],
    ['a name for an address', { ...RULE, peers: [of(ADA, 'localhost')] }],
    ['every computer', { ...RULE, peers: [of(ADA, '0.0.0.0')] }],
    ['this computer', { ...RULE, peers: [of(ADA, '127.0.0.1')] }],
    ['a multicast address', { ...RULE, peers: [of(ADA, 'ff02::1')] }],
    ['an address of two peers, written in two ways', { ...RULE, peers: [of(ADA, 'fd77::2'), of(BOB, 'FD77:0::2')] }],
  ])('is refused with %s', (_, rule) => expect(code(() => withIp(NO_RULES, rule))).toBe('NET_LINK_INVALID'))
})

describe('rules', () => {
  it('open a program of this computer to the peers that are named, by port and by name', () => {
    const rules = withOpening(NO_RULES, OPENING)
    expect(openingFor(rules, ADA, { port: 80 })).toMatchObject({ target: { host: '127.0.0.1', port: 80 }, relayed: false })
    expect(openingFor(rules, ADA, { name: 'web' })).toBe(rules.openings[0])
    for (const [peer, wanted] of [[BOB, { port: 80 }], [BOB, { name: 'web' }], [ADA, { port: 81 }], [ADA, { name: 'chess' }]] as const) expect(openingFor(rules, peer, wanted)).toBeUndefined()
    // What has no name is not found by one.
    expect(openingFor(withOpening(NO_RULES, { port: 80, peers: [ADA] }), ADA, { name: 'undefined' })).toBeUndefined()
    expect(withoutOpening(rules, 80)).toEqual(NO_RULES)
  })

  it('are changed for one peer: who comes may, who goes may not, and with the last the opening goes', () => {
    const rules = withPeer(withOpening(NO_RULES, OPENING), 80, BOB)
    for (const peer of [ADA, BOB]) expect(openingFor(rules, peer, { port: 80 })).toBe(rules.openings[0])
    expect(withPeer(rules, 80, BOB)).toEqual(rules)
    const without = withoutPeer(rules, 80, ADA)
    expect([openingFor(without, ADA, { name: 'web' }), openingFor(without, BOB, { name: 'web' })]).toEqual([undefined, without.openings[0]])
    expect(withoutPeer(without, 80, BOB)).toEqual(NO_RULES)
    expect([code(() => withPeer(rules, 81, ADA)), code(() => withoutPeer(rules, 81, ADA)), code(() => withoutPeer(without, 80, ADA)), code(() => withPeer(rules, 80, 'ada'))]).toEqual(['NET_LINK_UNKNOWN', 'NET_LINK_UNKNOWN', 'NET_LINK_UNKNOWN', 'NET_LINK_INVALID'])
  })

  it.each<[string, Partial<NewOpening>]>([
    ['no port', { port: 0 }],
    ['a port that is too high', { port: 65_536 }],
    ['half a port', { port: 1.5 }],
    ['a name with a slash', { name: 'a/b' }],
    ['nobody', { peers: [] }],
    ['a peer that is none', { peers: ['ada'] }],
    ['too many peers', { peers: Array.from({ length: 65 }, (_, i) => `${i}`) }],
    ['a target with a name', { target: { host: 'localhost' } }],
    ['a target that is every computer', { target: { host: '0.0.0.0' } }],
    ['the same in IPv6', { target: { host: '0:0::0' } }],
    ['a multicast target', { target: { host: '224.0.0.1' } }],
    ['one in IPv6', { target: { host: 'ff02::1' } }],
    ['a target without a port', { target: { port: 0 } }],
  ])('are not made for %s', (_, change) => {
    expect(code(() => withOpening(NO_RULES, { ...OPENING, ...change }))).toBe('NET_LINK_INVALID')
  })

  it('open a program of another computer where that is said', () => {
    for (const host of ['192.168.1.5', '::1', 'fe80::1']) expect(withOpening(NO_RULES, { ...OPENING, target: { host } }).openings[0]?.target).toEqual({ host, port: 80 })
  })

  it('lead a local port to one place, and no more ports than there may be', () => {
    const rules = withForward(NO_RULES, FORWARD)
    expect(code(() => withForward(rules, { ...FORWARD, wanted: { name: 'web' } }))).toBe('NET_LINK_TAKEN')
    expect(code(() => withSocks(rules, { localPort: 8080, relayed: false }))).toBe('NET_LINK_TAKEN')
    expect(code(() => withForward(withSocks(NO_RULES, { localPort: 8080, relayed: false }), FORWARD))).toBe('NET_LINK_TAKEN')
    for (const bad of [{ localPort: 0 }, { peer: 'ada' }, { wanted: { port: 0 } }, { wanted: { name: 'A' } }]) expect(code(() => withForward(NO_RULES, { ...FORWARD, ...bad }))).toBe('NET_LINK_INVALID')
    let many: LinkRules = NO_RULES
    for (let i = 0; i < MAX_FORWARDS; i++) many = withForward(many, { ...FORWARD, localPort: 1000 + i })
    expect(code(() => withForward(many, FORWARD))).toBe('NET_LINK_FULL')
    expect(withoutForward(rules, 8080)).toEqual(NO_RULES)
    expect(code(() => withoutForward(rules, 8081))).toBe('NET_LINK_UNKNOWN')
    expect(withoutSocks(withSocks(rules, { localPort: 1080, relayed: true }))).toEqual(rules)
  })

  it('open a port and a name once, and no more than there may be', () => {
    const rules = withOpening(NO_RULES, OPENING)
    expect(code(() => withOpening(rules, { port: 80, peers: [BOB] }))).toBe('NET_LINK_TAKEN')
    expect(code(() => withOpening(rules, { ...OPENING, port: 81 }))).toBe('NET_LINK_TAKEN')
    expect(code(() => withoutOpening(rules, 81))).toBe('NET_LINK_UNKNOWN')
    let many: LinkRules = NO_RULES
    for (let i = 0; i < MAX_OPENINGS; i++) many = withOpening(many, { port: 1000 + i, peers: [ADA] })
    expect(code(() => withOpening(many, OPENING))).toBe('NET_LINK_FULL')
  })
})

describe('the file of rules', () => {
  let folder: string
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'nodestead-link-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('keeps them, for its owner alone', async () => {
    const file = new RulesFile(folder)
    expect(await file.read()).toEqual(NO_RULES)
    const rules = withIp(withSocks(withForward(withOpening(NO_RULES, OPENING), FORWARD), { localPort: 1080, relayed: true, passwordHash: 'ab'.repeat(32) }), { device: 'nodestead0', peers: [{ peer: ADA, addresses: ['10.77.0.2'], relayed: true }] })
    await file.write(rules)
    expect(await file.read()).toEqual(rules)
    expect((await stat(file.path)).mode & 0o777).toBe(0o600)
  })

  it('is refused where others can write it, and where it is damaged or says what cannot be', async () => {
    const file = new RulesFile(folder)
    await file.write(withOpening(NO_RULES, OPENING))
    await chmod(file.path, 0o644)
    await expect(file.read()).rejects.toMatchObject({ code: 'NET_LINK_FILE_OPEN' })
    await chmod(file.path, 0o600)
    const text = await readFile(file.path, 'utf8')
    for (const damaged of [text.slice(0, -10), text.replace(ADA, 'ada'), text.replace('"port": 80', '"port": 0'), text.replace('"version": 1', '"version": 2'), text.replace('"relayed"', '"relay"')]) {
      expect(damaged).not.toBe(text)
      await writeFile(file.path, damaged)
      await expect(file.read()).rejects.toMatchObject({ code: 'NET_LINK_FILE_INVALID' })
    }
  })
})

describe('names of hosts', () => {
  it('are of a peer, or of what it opened under a name', () => {
    expect(parseLinkHost(`${ADA}.nodestead`)).toEqual({ peer: ADA, name: undefined })
    expect(parseLinkHost(`my.web.${ADA}.NodeStead.`)).toEqual({ peer: ADA, name: 'my.web' })
    expect(linkHost(ADA)).toMatch(/^k51[a-z0-9]{59}\.nodestead$/)
    expect(parseLinkHost(linkHost(ADA, 'web').toUpperCase())).toEqual({ peer: ADA, name: 'web' })
  })

  it('are of no concern where they end otherwise, and wrong where what is before the end is no peer', () => {
    for (const host of ['example.com', 'nodestead', '127.0.0.1', `${ADA}.nodestead.example.com`, '', '.', `${'a'.repeat(255)}.nodestead`]) expect(parseLinkHost(host)).toBeUndefined()
    for (const host of ['.nodestead', 'ada.nodestead', `${ADA.toLowerCase()}.nodestead`, `a b.${ADA}.nodestead`, `.${ADA}.nodestead`, `${'k'.repeat(64)}.nodestead`, 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.nodestead']) {
      expect(code(() => parseLinkHost(host))).toBe('NET_LINK_INVALID')
    }
  })
})

describe('asks and answers', () => {
  it('are read as they were written', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 0xffff }), (port) => { expect(decodeAsk(encodeAsk({ port }))).toEqual({ port }) }))
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9]{1,64}$/), (name) => { expect(decodeAsk(encodeAsk({ name }))).toEqual({ name }) }))
    for (const answer of ['open', 'not-opened', 'target-refused', 'target-unreachable', 'busy', 'relayed'] as const) expect(decodeAnswer(encodeAnswer(answer))).toBe(answer)
  })

  it('are refused where they are none', () => {
    for (const bytes of [[], [1], [1, 0, 0], [1, 0, 80, 0], [2], [2, 0x41], [2, 0xc3, 0xa4], [3, 0, 80], [2, ...new Uint8Array(65).fill(0x61)]]) expect(code(() => decodeAsk(Uint8Array.from(bytes)))).toBe('NET_LINK_MALFORMED')
    for (const bytes of [[], [6], [0, 0]]) expect(code(() => decodeAnswer(Uint8Array.from(bytes)))).toBe('NET_LINK_MALFORMED')
  })
})

it('places are so many for each peer and for all, and free again when they are left', () => {
  const places = new Places({ perPeer: 2, all: 3 })
  const first = places.take(ADA)
  expect([places.take(ADA), places.take(ADA), places.take(BOB), places.take(BOB)].map((place) => place !== undefined)).toEqual([true, false, true, false])
  first?.()
  first?.()
  expect(places.taken).toBe(2)
  expect(places.take(BOB)).toBeDefined()
  expect(places.take(ADA)).toBeUndefined()
})
