/** What the screens of sync and topics say, and the points that the sync's charts are drawn from. */
import { describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { MOST_POINTS, EMPTY_COURSE, addPoint, upTo } from '../../../renderer/text/sync-course.ts'
import { syncTiles } from '../../../renderer/text/sync-tiles.ts'
import { roughSpan } from '../../../renderer/text/format.ts'
import { eventText, progressText, requestText, syncSentence } from '../../../renderer/text/sync-sentence.ts'
import { statusSentence } from '../../../renderer/text/status-sentence.ts'
import { contentText, duplicateShare, fateText, messageJson, messageMatches, topicsSentence, kindText, topicMeaning, topicName } from '../../../renderer/text/topic-messages.ts'
import type { TopicEntry } from '../../../node-core/api/network/network-state.ts'
import type { NodeStatus } from '../../../node-core/manager/types.ts'
import type { ChainContent } from '../../../node-core/chain/protocols/message-content.ts'
import type { InspectedMessage } from '../../../node-core/network/topics/message-types.ts'
import type { SyncEvent, SyncStatus } from '../../../node-core/chain/sync/types.ts'
import { PEERS, fakeTopic } from '../../helpers/fake-network.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

const NOW = 1_700_000_000_000
const HASH = `0x${'ab'.repeat(32)}` as const
const ref = (number: number) => ({ number, hash: HASH })

const NODE: NodeStatus = {
  state: 'running', failure: undefined, chainName: 'Development', newest: ref(48_120), settled: ref(48_118), peers: 3,
  startedAt: NOW - 60_000, newestChangedAt: NOW - 3_000, producing: false, intervalMs: 6_000, dataPath: undefined, details: chainDetails(),
}
const IDLE: SyncStatus = {
  state: 'idle', startingBlock: 48_120, currentBlock: 48_120, highestBlock: 48_120, blocksPerSecond: 0.2, secondsLeft: 0, peers: 3,
  queuedBlocks: 0, queuedBytes: 0, pendingRequests: 0, stalled: undefined,
}
const FAR = { state: 'major-sync', currentBlock: 31_900, highestBlock: 100_000 } as const

describe('the sentence of the sync', () => {
  const say = (sync: Partial<SyncStatus>, node: Partial<NodeStatus> = {}, serving = 0) => syncSentence({ ...IDLE, ...sync }, { ...NODE, ...node }, serving, NOW)

  it.each<[string, Partial<SyncStatus>, Partial<NodeStatus>, number, string, string]>([
    ['in step', {}, {}, 0, 'Up to date: best #48,120, 3 peers.', 'well'],
    ['no block since the start', {}, { newestChangedAt: undefined, startedAt: NOW - 5_000 }, 0, 'Waiting for a new block: best #48,120, 3 peers.', 'busy'],
    ['in step with nothing new', {}, { newestChangedAt: NOW - 45_000 }, 0, 'Up to date with 3 peers at #48,120, but the network has had no new block for 45 s.', 'attention'],
    ['far behind', { ...FAR, blocksPerSecond: 412.4, secondsLeft: 850 }, {}, 2, 'Catching up: 31 % done, about 14 min left, 412 blocks/s from 2 peers.', 'busy'],
    ['far behind, nothing came yet', { ...FAR, blocksPerSecond: 0, secondsLeft: undefined }, {}, 0, 'Catching up: 31 % done, 68,100 blocks to go from 3 peers.', 'busy'],
    ['near the top', { state: 'syncing', highestBlock: 48_122 }, {}, 0, 'Almost up to date: 2 blocks to go from 3 peers.', 'busy'],
    ['importing', { state: 'syncing' }, {}, 0, 'Importing the newest blocks: best #48,120.', 'busy'],
    ['alone', { peers: 0 }, {}, 0, 'No peers to compare with: best #48,120. Connect to one on the Peers screen.', 'attention'],
    [
      'alone and kept from authoring',
      { peers: 0 },
      { producing: true, details: chainDetails({ hold: { kind: 'alone', authorities: 2 } }) },
      0,
      'No peers, and this node produces no blocks alone: best #48,120. Connect to a peer on the Peers screen.',
      'attention',
    ],
    ['alone and authoring', { peers: 0 }, { producing: true }, 0, 'No peers to compare with: this node produces its own blocks, best #48,120.', 'busy'],
    ['stalled', { ...FAR, stalled: { reason: 'peers-do-not-answer', forMs: 40_000 } }, {}, 0, 'Stalled for 40 s: peers do not answer. Check your internet connection. Slow peers are replaced automatically; you can add others on the Peers screen.', 'attention'],
    [
      'stalled in a network of ones own',
      { ...FAR, stalled: { reason: 'peers-do-not-answer', forMs: 40_000 } },
      { details: chainDetails({ isPublic: false }) },
      0,
      'Stalled for 40 s: peers do not answer. Check whether the nodes of the other members are running and can reach this computer, or connect to one on the Peers screen.',
      'attention',
    ],
  ])('%s', (_what, sync, node, serving, text, tone) => {
    expect(say(sync, node, serving)).toEqual({ text, tone })
  })

  it('is said by no tile where nobody can compare', () => {
    const tiles = (sync: Partial<SyncStatus>, producing = false) => syncTiles({ ...IDLE, ...sync }, NOW, producing).map(({ value, context }) => [value, context])
    expect(tiles({})[0]).toEqual(['Up to date', 'All blocks announced by peers are here.'])
    const [stage, , left] = tiles({ peers: 0, currentBlock: 0, highestBlock: 0 })
    expect([stage, left]).toEqual([['Alone', 'No peer to tell how long the chain is.'], [undefined, 'Known once a peer is connected']])
    expect(tiles({ peers: 0 }, true)[0]).toEqual(['Producing alone', 'This node produces the blocks; there is no peer to compare with.'])
    expect(tiles({ ...FAR, peers: 0 })[0]?.[0]).toBe('Catching up')
  })

  it('never claims to be done, nor to the second', () => {
    expect([progressText(99_999, 100_000), progressText(5, 5), progressText(0, 0)]).toEqual(['99 %', '100 %', '100 %'])
    expect([roughSpan(200), roughSpan(59_000), roughSpan(100_000), roughSpan(90_000_000)]).toEqual(['1 s', '59 s', '1 min', '1 d 1 h'])
  })

  it('is said on the other screens, too, while the node is far behind', () => {
    const main = (catchingUp: NodeStatus['catchingUp'], change: Partial<NodeStatus> = {}) =>
      statusSentence({ kind: 'open' }, { id: 'dev', name: 'Development', kind: 'chain', screens: [], status: { ...NODE, catchingUp, ...change } }, NOW)
    expect(main({ highest: 150_000, msLeft: 850_000 })).toEqual({ text: 'Catching up: 32 % done, about 14 min left, 3 peers.', tone: 'busy' })
    expect(main({ highest: 150_000, msLeft: undefined }).text).toBe('Catching up: 32 % done, 3 peers.')
    expect(main({ highest: 150_000, msLeft: 1 }, { newestChangedAt: NOW - 60_000 }).tone).toBe('attention')
  })

  it('exists in every language, as do the events', () => {
    const events: SyncEvent[] = [
      { at: 0, kind: 'began', from: 1, to: 9 }, { at: 0, kind: 'caught-up', number: 9, blocks: 8, tookMs: 9000 }, { at: 0, kind: 'stalled', reason: 'import-is-slow' },
      { at: 0, kind: 'moves-again', afterMs: 1000 }, { at: 0, kind: 'reorganized', from: ref(3), to: ref(4), depth: 1 }, { at: 0, kind: 'forks-ended', head: ref(3), forks: 1 },
      { at: 0, kind: 'peer-charged', peer: PEERS[0], fault: 'sync-timeout', cost: -200 }, { at: 0, kind: 'peer-left', peer: PEERS[0], delivered: 1, fault: 'new-fault' },
    ]
    expect(eventText(events[6] as SyncEvent)).toBe('Peer 12D3Koo…c6iDEp did not answer in time (-200 points).')
    expect(eventText(events[7] as SyncEvent)).toContain('broke a protocol rule: new-fault')
    try {
      for (const language of ['de', 'es'] as const) {
        useLanguage(language)
        for (const text of [say({}).text, ...events.map(eventText)]) expect(text).not.toMatch(/undefined|\[object/)
      }
    } finally {
      useLanguage('en')
    }
  })

  it('names what a peer was asked for', () => {
    expect(requestText({ kind: 'range', from: 1001, blocks: 128, forMs: 0 })).toBe('#1,001 to #1,128')
    expect(requestText({ kind: 'search', from: 7, blocks: 1, forMs: 0 })).toBe('#7')
    expect(requestText({ kind: 'branch', from: HASH, blocks: 5, forMs: 0 })).toBe('0xabab…abab and up to 4 ancestors')
  })
})

describe('the course of the sync', () => {
  it('is flat while nothing changes, a gap while the node does not run, and bounded', () => {
    expect(addPoint(EMPTY_COURSE, 0, undefined)).toBe(EMPTY_COURSE)
    let course = addPoint(EMPTY_COURSE, 1000, IDLE)
    course = addPoint(course, 10_000, { ...IDLE, currentBlock: 48_121 })
    expect(course.times).toEqual([1, 9, 10])
    expect(course.best).toEqual([48_120, 48_120, 48_121])
    course = addPoint(course, 11_000, undefined)
    expect(course.best.at(-1)).toBeNull()
    expect(upTo(course, 20_000).times.at(-1)).toBe(20)
    for (let i = 12; i < 5000; i++) course = addPoint(course, i * 1000, IDLE)
    expect(course.times.length).toBeLessThanOrEqual(MOST_POINTS)
    expect([course.times.at(-1), course.best.length]).toEqual([4999, course.times.length])
  })
})

describe('topics', () => {
  const still = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, duplicates: 0, dropped: 0, rejected: 0 }
  const entry = (change: Partial<TopicEntry['perSecond']>, subscribers = 12): TopicEntry => ({ ...fakeTopic({ subscribers }), perSecond: { ...still, ...change } })

  it('say how much goes over them, and what is wrong', () => {
    const list = [entry({ messagesIn: 4, messagesOut: 6, duplicates: 0.32 }), entry({}), entry({}, 11)]
    expect(topicsSentence(list)).toEqual({ text: '3 topics, 12 peers: 4.0 messages/s in, 6.0 out, 8 % duplicates.', tone: 'well' })
    expect(topicsSentence([entry({})])).toEqual({ text: '1 topic, 12 peers: no messages in the last seconds.', tone: 'busy' })
    expect(topicsSentence([entry({}, 0)]).tone).toBe('attention')
    expect(topicsSentence([entry({ messagesIn: 10, dropped: 2, rejected: 1 })])).toMatchObject({ text: expect.stringMatching(/ 2\.0 dropped and 1\.0 rejected per second\.$/), tone: 'attention' })
    expect([duplicateShare({ duplicates: 1, messagesIn: 4 }), duplicateShare({ duplicates: 0, messagesIn: 0 })]).toEqual([0.25, undefined])
  })

  it.each<[ChainContent, string]>([
    [{ kind: 'block', block: ref(12), parentHash: HASH, isBest: true }, '#12 0xabab…abab, best'],
    [{ kind: 'vote', round: 8, setId: 2, vote: 'prevote', target: ref(12), authority: HASH }, 'prevote for #12 0xabab…abab, round 8, set 2'],
    [{ kind: 'commit', round: 8, setId: 2, target: ref(12), precommits: 9 }, '#12 0xabab…abab with 9 precommits, round 8, set 2'],
    [{ kind: 'neighbor', round: 8, setId: 2, finalized: 11 }, 'round 8, set 2, finalized #11'],
    [{ kind: 'catch-up-request', round: 8, setId: 2 }, 'round 8, set 2'],
    [{ kind: 'catch-up', round: 8, setId: 2, base: ref(9), prevotes: 3, precommits: 3 }, '6 votes, round 8, set 2, base #9 0xabab…abab'],
    [{ kind: 'transactions', count: 1, hashes: [HASH] }, '1 transaction: 0xabab…abab'],
    [{ kind: 'transactions', count: 3, hashes: [HASH, HASH, HASH] }, '3 transactions: 0xabab…abab, 0xabab…abab, …'],
    [{ kind: 'unreadable', reason: 'It does not decode.' }, 'It does not decode.'],
    [{ kind: 'unread' }, 'too long or above the rate limit: not decoded'],
  ])('have messages that say %j', (content, text) => {
    expect(contentText(content)).toBe(text)
  })

  it('of an owner that is newer than the words are shown as they are', () => {
    const content = { kind: 'beefy-vote', round: 8 }
    expect([topicName('beefy'), topicName('grandpa'), topicMeaning('beefy'), kindText(content), contentText(content)]).toEqual(['beefy', 'Finality votes', undefined, 'beefy-vote', '{"round":8}'])
    expect([topicName('toString'), kindText({ kind: 'constructor' })]).toEqual(['toString', 'constructor'])
  })

  it('have messages that are found by peer, kind, way, fate and content', () => {
    const message: InspectedMessage<ChainContent> = {
      at: NOW, direction: 'in', peer: PEERS[1], size: 20, fate: 'ignored', reason: 'final already', hex: '0x00', content: { kind: 'neighbor', round: 8, setId: 2, finalized: 11 },
    }
    const found = ['', PEERS[1].slice(-6), 'NEIGHBOUR', 'in', 'final already', '#11', 'setId'].map((text) => messageMatches(message, text))
    expect(found).toEqual(found.map(() => true))
    expect(messageMatches(message, 'commit')).toBe(false)
    expect(fateText({ fate: 'duplicate', reason: 'duplicate' })).toBe('duplicate')
    expect(JSON.parse(messageJson(message))).toMatchObject({ at: new Date(NOW).toISOString(), content: { round: 8 } })
  })
})
