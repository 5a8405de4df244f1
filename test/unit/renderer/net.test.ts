/** The network opened to services and programs, in words: how messages, files and channels fare, and what a person typed. */
import { describe, expect, it } from 'vitest'
import { channelsSentence, deliverySentence, fetchText, filesSentence, foundText, isHexText, isRoot, linesIn, nameIn, serviceTopicName, scopeWarnings, shareOf, splitScopes } from '../../../renderer/text/net.ts'
import { topicMeaning, topicName } from '../../../renderer/text/topic-messages.ts'
import type { FetchEntry } from '../../../node-core/api/net/resources.ts'
import type { Delivery } from '../../../node-core/net/topics/service-topic.ts'
import { NO_TRAFFIC } from '../../helpers/fake-net.ts'
import { PEERS } from '../../helpers/fake-network.ts'

const ROOT = 'ab'.repeat(32)
const progress: NonNullable<FetchEntry['progress']> = { length: 48_000_000, wantedBytes: 48_000_000, hadBytes: 12_000_000, wastedBytes: 0, bytesPerSecond: 2_000_000, secondsLeft: 18, peers: [{ peer: PEERS[0], state: 'ready', bytes: 1, bytesPerSecond: 1, hasAll: true }] }
const fetch = (change: Partial<FetchEntry> = {}): FetchEntry => ({ root: ROOT, path: '/data/a.iso', state: 'fetching', progress, problem: undefined, ...change })

describe('a fetch', () => {
  it('says state, bytes, speed, time left and peers, as far as they are known', () => {
    expect(fetchText(fetch())).toBe('fetching · 12 MB of 48 MB · 2.0 MB/s · 18 s left · 1 peer')
    expect(fetchText(fetch({ progress: { ...progress, peers: [], bytesPerSecond: 0, secondsLeft: undefined } }))).toBe('fetching · 12 MB of 48 MB · looking for peers that have it')
    expect(fetchText(fetch({ progress: undefined }))).toBe('fetching')
    expect(fetchText(fetch({ state: 'paused' }))).toBe('paused · 12 MB of 48 MB')
    expect(fetchText(fetch({ state: 'done', progress: { ...progress, hadBytes: 48_000_000 } }))).toBe('complete · 48 MB')
  })

  it('has a share once the length is known, and all of it where it is done or empty', () => {
    expect(shareOf(fetch())).toBe(0.25)
    expect(shareOf(fetch({ progress: { ...progress, wantedBytes: undefined } }))).toBeUndefined()
    expect(shareOf(fetch({ progress: { ...progress, wantedBytes: 0, hadBytes: 0 } }))).toBe(1)
    expect(shareOf(fetch({ state: 'done', progress: undefined }))).toBe(1)
  })
})

describe('the sentence', () => {
  const entry = { root: ROOT, path: '/a', length: 1, modified: 1, added: 1 }
  it('of files counts what is offered and fetched, and calls for attention where something is wrong', () => {
    const batch = { opening: 'open', adding: undefined } as const
    expect(filesSentence({ ...batch, shared: [], fetches: [] })).toEqual({ tone: 'off', text: '0 files shared, nothing is being fetched.' })
    expect(filesSentence({ ...batch, shared: [entry], fetches: [] }).tone).toBe('well')
    expect(filesSentence({ ...batch, shared: [entry], fetches: [fetch(), fetch({ state: 'paused' })] })).toEqual({ tone: 'busy', text: '1 file shared, 1 file being fetched at 2.0 MB/s.' })
    expect(filesSentence({ ...batch, shared: [{ ...entry, withdrawn: 'gone' }], fetches: [] })).toEqual({ tone: 'attention', text: '0 files shared, nothing is being fetched.' })
    expect(filesSentence({ ...batch, shared: [], fetches: [fetch({ state: 'failed' })] }).tone).toBe('attention')
  })

  it('of channels sums their rates, and counts each peer once', () => {
    const channel = { id: '1', peer: PEERS[0], service: 'chat', class: 'normal', direction: 'inbound', open: true, phase: 'open', found: 'inbound', path: 'direct', metrics: NO_TRAFFIC, perSecond: { bytesIn: 1000, bytesOut: 500 } } as const
    expect(channelsSentence({ opening: 'open', channels: [channel, { ...channel, id: '2' }], peers: [] })).toEqual({ tone: 'well', text: '2 channels with 1 peer: 2.0 kB/s in, 1.0 kB/s out.' })
    expect(channelsSentence({ opening: 'open', channels: [], peers: [] }).tone).toBe('off')
  })

  it('of a message says who has it, by a list or by the way it went', () => {
    const delivery: Delivery = { id: '0x', way: 'direct', sent: [...PEERS], taken: [], undelivered: [] }
    expect(deliverySentence(delivery, undefined)).toEqual({ tone: 'well', text: 'Sent to 3 peers (direct).' })
    expect(deliverySentence({ ...delivery, sent: [] }, undefined).tone).toBe('attention')
    expect(deliverySentence({ ...delivery, taken: [PEERS[0]] }, 2)).toEqual({ tone: 'attention', text: 'Delivered to 1 of 2 peers.' })
    expect(deliverySentence({ ...delivery, taken: [PEERS[0]] }, 1).tone).toBe('well')
    expect(deliverySentence({ ...delivery, way: undefined, sent: [] }, 0).text).toContain('services of this node only')
  })
})

it('a topic of services goes by the name that services know', () => {
  expect([serviceTopicName('net/news/world'), serviceTopicName('grandpa'), topicName('net/news'), topicMeaning('net/news'), topicMeaning('other')]).toEqual(['news/world', undefined, 'news', 'Messages of services and programs.', undefined])
})

it('what a person types is read as several, as bytes, as a root', () => {
  expect(linesIn(' a\nb, c;a ')).toEqual(['a', 'b', 'c'])
  expect(['', '0x00fF', 'abc', 'zz'].map(isHexText)).toEqual([true, true, false, false])
  expect([ROOT, `0x${ROOT.toUpperCase().replace('0X', '0x')}`, ROOT.slice(2), `${ROOT}00`].map(isRoot)).toEqual([true, true, false, false])
  expect(['/a/b.txt', 'C:\\x\\b.txt', '/a/folder/', '/'].map(nameIn)).toEqual(['b.txt', 'b.txt', 'folder', '/'])
  expect([foundText('kademlia'), foundText('my own')]).toEqual(['Kademlia', 'my own'])
  expect([['dht'], ['resources', 'streams'], ['resources:/home/me', 'resources:*']].map((scopes) => scopeWarnings(scopes).length)).toEqual([0, 2, 2])
  expect(scopeWarnings(['resources:*'])[0]).toContain('every file that your user can read')
  expect(splitScopes(['dht', 'topics:news/*'])).toEqual({ kinds: ['dht'], patterns: ['topics:news/*'] })
})
