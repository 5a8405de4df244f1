import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { connectivity, quicNote } from '../../../renderer/text/connectivity.ts'
import { actionText, failedSentence, offeredActions, tempered, troubleText } from '../../../renderer/text/troubles.ts'
import { TROUBLE_CODES } from '../../../node-core/manager/kinds/trouble.ts'
import type { Trouble } from '../../../node-core/manager/watch/troubles.ts'
import { SAMPLE_TROUBLES } from '../../helpers/sample-troubles.ts'
import type { Sentence } from '../../../renderer/text/status-sentence.ts'
import type { NatState, QuicState } from '../../../node-core/network/types.ts'

const NOW = 1_700_000_000_000
const sample = (code: Trouble['code']): Trouble => SAMPLE_TROUBLES(NOW).find((trouble) => trouble.code === code) as Trouble

afterEach(() => void useLanguage('en'))

describe('the words of a trouble', () => {
  it('are there for each, in each language, and say something of their own', () => {
    expect([...new Set(SAMPLE_TROUBLES(NOW).map(({ code }) => code))].sort()).toEqual([...TROUBLE_CODES].sort())
    for (const language of ['en', 'de', 'es'] as const) {
      useLanguage(language)
      const texts = SAMPLE_TROUBLES(NOW).map((trouble) => troubleText(trouble, NOW))
      expect(new Set(texts.map(({ title }) => title)).size).toBe(texts.length)
      for (const { title, text } of texts) expect(`${title} ${text}`).not.toMatch(/undefined|NaN|\[object/)
      for (const trouble of SAMPLE_TROUBLES(NOW)) for (const action of offeredActions(trouble, true)) expect(actionText(trouble, action)).not.toBe('')
    }
  })

  it('carry the numbers', () => {
    expect(troubleText(sample('port-in-use'), NOW).title).toBe('Port 9944 for wallets and apps is in use')
    expect(troubleText(sample('folder-locked'), NOW).text).toContain('Process 4242')
    expect(troubleText(sample('clock-wrong'), NOW).title).toBe('The clock of this computer is 1 h slow')
    for (const byMs of [119_996, 120_004]) expect(troubleText({ ...sample('clock-jumped'), byMs } as Trouble, NOW).title).toBe('The clock jumped forward by 2 min')
    expect(troubleText(sample('disk-low'), NOW).text).toContain('2.1 GB left')
    expect(troubleText(sample('cannot-execute'), NOW)).toMatchObject({ title: 'This node cannot execute block #48,001', text: expect.stringContaining('7 peers have executed block #48,001') as string })
    expect(troubleText(sample('no-peers'), NOW).text).toContain('No peers for 2 min')
    expect(troubleText(sample('authoring-alone'), NOW).text).toContain('has 4 authorities, but no other node is connected')
    expect(troubleText(sample('authoring-again'), NOW).title).toBe('No blocks for 5 min: the clock was set back')
    expect(troubleText(sample('signing-record'), NOW)).toMatchObject({ title: 'Nothing is signed: the signing record cannot be read', text: expect.stringContaining('/signing-record/77afd6-babe-01.json') as string })
    expect(troubleText({ ...sample('signing-record'), kind: 'unwritable' } as Trouble, NOW).title).toBe('Nothing is signed: the signing record cannot be written')
    expect(troubleText({ ...sample('node-failed'), message: 'the database is gone.', hint: 'Look.' } as Trouble, NOW).text).toBe('The database is gone. Look.')
  })

  it('tell apart what the node said in English', () => {
    expect(troubleText(sample('runtime-trap'), NOW)).toMatchObject({ quote: 'wasm trap: unreachable', text: expect.not.stringContaining('wasm') as string })
    expect(troubleText(sample('cannot-execute'), NOW)).toMatchObject({ quote: 'The block leads to another state root.', text: expect.not.stringContaining('state root') as string })
    expect(troubleText({ ...sample('runtime-trap'), message: '' } as Trouble, NOW).quote).toBeUndefined()
    expect(troubleText(sample('router'), NOW).language).toBeUndefined()
    expect(troubleText({ ...sample('router'), problem: 'NAT_UNHEARD_OF' } as unknown as Trouble, NOW)).toMatchObject({ language: 'en', text: 'The router refused. Allow it.' })
  })

  it('say what happens by itself', () => {
    const outlook = (value: Trouble['outlook'], now = NOW) => troubleText({ ...sample('node-failed'), outlook: value }, now).outlook
    expect(outlook(undefined)).toBeUndefined()
    expect(outlook({ kind: 'waiting', attempt: 3, at: NOW + 8_000 })).toBe('Restarting automatically in 8 s (attempt 3 of 5).')
    expect(outlook({ kind: 'waiting', attempt: 3, at: NOW + 8_000 }, NOW + 9_000)).toBe('Restarting automatically…')
    expect(outlook({ kind: 'gave-up', attempts: 5 })).toBe('Restarted 5 times within ten minutes without success. Start it yourself.')
  })

  it('name the one action of a full disk by what it does', () => {
    expect(actionText(sample('disk-full'), 'start')).toBe('Start node')
    expect(actionText(sample('folder-locked'), 'start')).toBe('Try again')
  })
})

describe('the sentence on top', () => {
  it('says why the node does not run, and once only that it failed', () => {
    expect(failedSentence(sample('disk-full'), NOW)).toEqual({ text: 'Failed: The disk is full.', tone: 'trouble' })
    expect(failedSentence(sample('node-failed'), NOW).text).toBe('The node failed. Restarting automatically in 1 h (attempt 2 of 5).')
  })

  const toneWith = (tone: Sentence['tone'], ...codes: Trouble['code'][]) => tempered({ text: 'Running.', tone }, codes.map(sample)).tone

  it('is not well, nor merely busy, above a trouble', () => {
    expect([toneWith('well', 'runtime-trap'), toneWith('busy', 'runtime-trap')]).toEqual(['attention', 'attention'])
    expect([toneWith('trouble', 'runtime-trap'), toneWith('off', 'runtime-trap')]).toEqual(['trouble', 'off'])
    expect([toneWith('well', 'disk-low'), toneWith('busy')]).toEqual(['well', 'busy'])
  })
})

describe('a network of members', () => {
  it('that is alone is told of its members and of a way to them, not of the internet', () => {
    const alone = { ...sample('no-peers'), own: true } as Trouble
    const { title, text } = troubleText(alone, NOW + 60_000)
    expect(title).toBe('No other node of this network is connected')
    expect(text).toContain('Ask a member to start a node or to send an invitation')
    expect(text).not.toMatch(/internet|firewall/i)
    expect(offeredActions(alone, true)).toEqual(['connect', 'reconnect'])
    expect(actionText(alone, 'connect')).toBe('Connect to…')
  })
})

describe('what a card offers', () => {
  it('is to move the data where the disk is the trouble, and they can be moved from here', () => {
    expect(offeredActions(sample('disk-low'), true)).toEqual(['move-data', 'check'])
    expect(offeredActions(sample('disk-full'), true)).toEqual(['start', 'move-data'])
    expect(offeredActions(sample('no-peers'), true)).toEqual(['reconnect', 'connect'])
    expect(offeredActions(sample('authoring-alone'), true)).toEqual(['connect', 'reconnect'])
    expect(offeredActions(sample('old-runtime'), true)).toEqual(['add-network', 'dismiss'])
    const others = SAMPLE_TROUBLES(NOW).filter(({ code }) => code !== 'no-peers' && code !== 'authoring-alone')
    for (const trouble of others) expect(offeredActions(trouble, false)).toEqual(trouble.actions)
  })

  it('is called by what it does', () => {
    expect(actionText(sample('clock-wrong'), 'time-settings')).toBe('Open date and time settings')
    expect(actionText(sample('disk-low'), 'move-data')).toBe('Move data…')
  })
})

describe('the four facts', () => {
  const MAPPING = { transport: 'tcp', internalPort: 30333, externalPort: 30333, externalAddress: '45.33.32.1' } as const
  const read = (nat: NatState | undefined, addresses = ['/ip4/192.168.1.5/tcp/31000/p2p/12D3']) => {
    const { facts, advice } = connectivity(nat === undefined ? undefined : { nat, addresses })
    return { facts: Object.fromEntries(facts.map(({ id, value, tone }) => [id, `${value} ${tone}`])), advice }
  }

  it('are unknown before the start', () => {
    expect(read(undefined)).toEqual({ facts: { mapped: '– off', external: '– off', verified: '– off', relayed: '– off' }, advice: 'Known once the node is running.' })
  })

  it('are never green before somebody outside said so', () => {
    const { facts, advice } = read({ status: 'mapped', mappings: [MAPPING], reachable: false })
    expect(facts).toEqual({ mapped: 'yes busy', external: '45.33.32.1 busy', verified: 'not yet off', relayed: 'no off' })
    expect(advice).toContain('The port is forwarded')
    expect(Object.values(read({ status: 'verified', mappings: [MAPPING], reachable: true }).facts)).toEqual(['yes well', '45.33.32.1 busy', 'yes well', 'no off'])
  })

  it('say of QUIC whether it is there, and why not', () => {
    const nat = { status: 'off', mappings: [], reachable: false } as const
    const read = (quic: QuicState | undefined) => connectivity({ nat, addresses: [], quic })
    expect(read({ state: 'off' }).facts.map(({ id }) => id)).not.toContain('quic')
    expect(read({ state: 'available' }).facts.at(-1)).toMatchObject({ id: 'quic', value: 'on', tone: 'well' })
    for (const why of ['not-installed', 'no-socket', 'private-network'] as const) {
      const { facts, notes } = read({ state: 'unavailable', why, reason: 'x' })
      expect(facts.at(-1)).toMatchObject({ id: 'quic', value: 'not available here', tone: 'off' })
      expect(notes).toEqual([expect.stringContaining('QUIC is not available here')])
    }
    expect([quicNote(undefined), quicNote({ state: 'off' }), quicNote({ state: 'available' })]).toEqual([undefined, undefined, 'It is in use.'])
  })

  it('say what is given as a relay, and what is used of it', () => {
    const relay = { reservations: [{ peer: 'a', trusted: true, until: 1 }], maxReservations: 32, budget: { connectionMs: 120_000, connectionBytes: 131_072 }, trustedBudget: { connectionMs: 7_200_000, connectionBytes: 67_108_864 }, relayedBytes: 4_200_000 }
    const { notes } = connectivity({ nat: { status: 'off', mappings: [], reachable: false }, addresses: [], relay })
    expect(notes).toEqual(['Relay: 1 of 32 places taken, 4.2 MB passed on.', 'A connection may last 2 min and carry 131 kB; one to a reserved peer 2 h and 67 MB.'])
  })

  it('come with what to do', () => {
    expect(read({ status: 'failed', mappings: [], reachable: false }).advice).toContain('Forward port 31000')
    expect(read({ status: 'double-nat', mappings: [MAPPING], reachable: false }).facts['mapped']).toBe('two routers attention')
    expect(read({ status: 'off', mappings: [], reachable: true }).advice).toContain('Peers can reach this node')
    expect(read({ status: 'off', mappings: [], reachable: false }, ['/ip4/10.0.0.1/tcp/1/p2p/x/p2p-circuit']).facts['relayed']).toBe('yes attention')
    expect(read({ status: 'searching', mappings: [], reachable: false }, []).facts['mapped']).toBe('searching busy')
  })
})
