/** Joining a chain in words: every stage, every hold and how it ended, in numbers that are never ahead of the truth. */
import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { joinedText, joiningSentence, joiningTiles, stageRows } from '../../../renderer/text/chain-joining.ts'
import { statusSentence } from '../../../renderer/text/status-sentence.ts'
import { bestTile, finalizedTile } from '../../../renderer/text/tiles.ts'
import type { JoiningStatus } from '../../../node-core/chain/joining/types.ts'
import type { SyncStatus } from '../../../node-core/chain/sync/types.ts'
import type { NodeStatus } from '../../../node-core/manager/types.ts'
import { chainDetails } from '../../helpers/chain-status.ts'
import { brief, fetchingState, provingFinality } from '../../helpers/joining-status.ts'

afterEach(() => useLanguage('en'))

const NOTHING = { hash: `0x${'00'.repeat(32)}`, number: 0 } as const
const asking = provingFinality({ proofs: { fragments: 0, block: NOTHING, highest: 25_100_200, secondsLeft: undefined } })
const anchor = fetchingState({ assembled: 1 }, { stage: 'anchor' })

describe('the sentence', () => {
  it.each<[string, JoiningStatus, string, string]>([
    ['nobody is there', provingFinality({ stage: 'peers', peers: 0, hold: 'no-peers', proofs: undefined }), 'Joining the chain: no peers yet. It begins with the first one that connects.', 'busy'],
    ['those who are there know nothing new', provingFinality({ hold: 'no-peers' }), 'Joining the chain: all 3 peers are still behind the block where the proofs begin. Waiting for others.', 'attention'],
    ['nothing came yet', asking, 'Proving finality: waiting for the first answer, 3 peers.', 'busy'],
    ['proofs', provingFinality(), 'Proving finality: 812 fragments, #12,050,117 of #25,100,200, about 47 s left, 3 peers.', 'busy'],
    [
      'proofs whose end is not known', provingFinality({ peers: 1, proofs: { fragments: 1, block: { ...NOTHING, number: 9 }, highest: 9, secondsLeft: undefined } }),
      'Proving finality: 1 fragment, #9 of #9, 1 peer.', 'busy',
    ],
    [
      'nobody serves proofs', provingFinality({ hold: 'nobody-serves-proofs' }),
      'None of 3 peers serves finality proofs. If none does within a minute, this node executes every block from the first one.', 'attention',
    ],
    [
      'nobody serves proofs, and there is no other way', provingFinality({ hold: 'nobody-serves-proofs', peers: 1, fallsBack: false }),
      'The one connected peer serves no finality proofs. The node waits for one that does: its chain spec has no genesis state to begin with.', 'attention',
    ],
    ['the state is asked for', fetchingState({ bytes: 0, entries: 0, share: 0, secondsLeft: undefined }), 'Fetching the state of #25,100,004: waiting for the first answer, 3 peers.', 'busy'],
    ['the state', fetchingState(), 'Fetching the state: 412 MB, 38 %, about 3 min left, 3 peers.', 'busy'],
    ['the state at an unknown pace', fetchingState({ secondsLeft: undefined, share: 0.9999 }), 'Fetching the state: 412 MB, 99 %, 3 peers.', 'busy'],
    ['the state, and everybody went', fetchingState({}, { peers: 0, hold: 'no-peers' }), 'Fetching the state: 412 MB, 38 %, no peers. It continues with the next one that connects.', 'attention'],
    ['nobody has the state', fetchingState({}, { hold: 'nobody-serves-state' }), 'None of 3 peers has the state of #25,100,004. A newer block is proven next, and its state is fetched.', 'attention'],
    ['the state is here', fetchingState({ assembled: 0.646, share: 1 }), 'Putting the state together: 412 MB, 64 %.', 'busy'],
    ['the end', anchor, 'The state of #25,100,004 is verified. Starting to follow the chain from there.', 'busy'],
  ])('says it when: %s', (_, status, text, tone) => {
    expect(joiningSentence(brief(status))).toEqual({ text, tone })
  })

  it('is that of the overview, whatever else is known of the node', () => {
    const status: NodeStatus = {
      state: 'running', failure: undefined, chainName: 'Polkadot', newest: NOTHING, settled: NOTHING, peers: 3, startedAt: 0, newestChangedAt: undefined,
      producing: false, intervalMs: 6_000, dataPath: undefined, catchingUp: { highest: 25_100_004, msLeft: 190_000 }, details: chainDetails({ joining: brief(fetchingState()) }),
    }
    const { text } = statusSentence({ kind: 'open' }, { id: 'polkadot', name: 'Polkadot', kind: 'chain', screens: [], status }, 90 * 60_000)
    expect(text).toBe('Fetching the state: 412 MB, 38 %, about 3 min left, 3 peers.')
    expect([bestTile(status, 0).value, finalizedTile(status).value]).toEqual([undefined, undefined])
  })

  it('is said in each language', () => {
    useLanguage('de')
    expect(joiningSentence(brief(fetchingState())).text).toBe('Lädt den State: 412 MB, 38 %, noch etwa 3 Min., 3 Peers.')
    expect(joiningSentence(brief(fetchingState({}, { hold: 'nobody-serves-state', peers: 1 }))).text).toBe(
      'Der einzige verbundene Peer hat den State von #25.100.004 nicht. Als Nächstes wird ein neuerer Block geprüft und sein State geladen.',
    )
    useLanguage('es')
    expect(joiningSentence(brief(provingFinality())).text).toBe('Verificando la finalidad: 812 fragmentos, #12.050.117 de #25.100.200, quedan unos 47 s, 3 pares.')
  })
})

describe('the stages', () => {
  const marks = (status: JoiningStatus | undefined, ...rest: [Parameters<typeof stageRows>[1]?, Parameters<typeof stageRows>[2]?]) =>
    stageRows(status && brief(status), rest[0], rest[1]).map(({ id, mark, text, share }) => [id, mark, text, share])

  it('begin with the proofs', () => {
    expect(marks(asking)).toEqual([
      ['proofs', 'now', 'Waiting for the first answer', undefined],
      ['state', 'next', 'Begins at the newest finalized block', undefined],
      ['following', 'next', 'Begins with the verified state', undefined],
    ])
    expect(marks(provingFinality({ peers: 0, hold: 'no-peers' }))[0]).toEqual(['proofs', 'held', 'Begins with the first peer', 12_050_117 / 25_100_200])
    expect(marks(provingFinality())[0]).toEqual(['proofs', 'now', '812 fragments, #12,050,117 of #25,100,200', 12_050_117 / 25_100_200])
    expect(marks(provingFinality({ hold: 'nobody-serves-proofs' }))[0]?.[1]).toBe('held')
  })

  it('go on with the state, which is downloaded and then put together', () => {
    expect(marks(fetchingState())).toEqual([
      ['proofs', 'done', '1,604 fragments, proven up to #25,100,004', undefined],
      ['state', 'now', '412 MB, 3,120,450 entries, 38 %', 0.382],
      ['following', 'next', 'Begins with the verified state', undefined],
    ])
    expect(marks(fetchingState({ assembled: 0.5 }))[1]).toEqual(['state', 'now', '412 MB here, putting it together: 50 %', 0.5])
    expect(marks(anchor).map(([, mark]) => mark)).toEqual(['done', 'done', 'now'])
  })

  it('are told afterwards until the node stops, and not where nothing was joined', () => {
    const joined = { kind: 'joined', block: { ...NOTHING, number: 25_100_004 }, fragments: 1_604, bytes: 1_080_000_000, tookMs: 312_000 } as const
    expect(marks(undefined, joined, { currentBlock: 25_100_120 } as SyncStatus)).toEqual([
      ['proofs', 'done', '1,604 fragments, proven up to #25,100,004', undefined],
      ['state', 'done', '1.1 GB, root verified', undefined],
      ['following', 'now', 'Best #25,100,120', undefined],
    ])
    const gap = { from: 1, to: 20_000_003, perSecond: 214, msLeft: 93_457_000, foreign: undefined }
    expect(marks(undefined, joined, { currentBlock: 25_100_120, gap } as SyncStatus)[2]).toEqual(
      ['blocks', 'now', '20,000,003 blocks missing, 214 blocks/s, about 1 d 1 h left', 5_100_000 / 25_100_003],
    )
    // After another start nothing is told of the stages that are over.
    expect(marks(undefined, undefined, { currentBlock: 25_100_120, gap: { ...gap, perSecond: 0, msLeft: undefined } } as SyncStatus)).toEqual([
      ['blocks', 'now', '20,000,003 blocks missing', undefined],
      ['following', 'now', 'Best #25,100,120', undefined],
    ])
    expect(marks(undefined, joined, { currentBlock: 25_100_120, gap: { ...gap, foreign: 'another genesis' } } as SyncStatus)[2]?.slice(1, 3)).toEqual(['held', 'The earlier blocks belong to another chain. The log says why.'])
    expect(joinedText(joined)).toBe('Joined at #25,100,004 after 5 min 12 s.')
    expect(marks(undefined, { kind: 'unserved' })).toEqual([])
    expect(joinedText({ kind: 'unserved' })).toBe('No peer served finality proofs, so this node executes every block from the first one.')
    expect(joinedText(undefined)).toBeUndefined()
  })
})

it('the tiles have a number where there is one, and say when there will be one where not', () => {
  const tiles = (status: JoiningStatus) => joiningTiles(brief(status), 0).map(({ value, context }) => [value, context])
  expect(tiles(provingFinality())).toEqual([
    ['Finality', 'Checking who finalized what, up to the newest block.'],
    [undefined, 'Known once the state arrives'],
    ['47 s', expect.stringMatching(/^until about \d\d:\d\d$/)],
    [undefined, '812 proof fragments'],
  ])
  expect(tiles(fetchingState())).toEqual([
    ['State', 'Downloading the state of the newest finalized block.'],
    ['3.7 MB/s', 'over the last seconds'],
    ['3 min', expect.stringMatching(/^until about/)],
    ['412 MB', '3,120,450 entries'],
  ])
  // Where nothing moves no time is told.
  expect(tiles(fetchingState({}, { hold: 'no-peers', peers: 0 }))[2]).toEqual([undefined, 'Known once something arrives'])
  expect(tiles(anchor)[2]).toEqual([undefined, 'Not known for this stage'])
})
