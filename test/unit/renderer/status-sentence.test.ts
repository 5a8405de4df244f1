/** The one true sentence, in every state a node or the connection to it can be in. */
import { describe, expect, it } from 'vitest'
import { FINALITY_LAG_LIMIT, stallLimit, statusSentence, type ConnectionState } from '../../../renderer/text/status-sentence.ts'
import type { NetworkSummary, NodeState, NodeStatus } from '../../../node-core/manager/types.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

const NOW = 1_700_000_000_000
const OPEN: ConnectionState = { kind: 'open' }
const HASH = `0x${'ab'.repeat(32)}` as const

const RUNNING: NodeStatus = {
  state: 'running',
  failure: undefined,
  chainName: 'Development',
  newest: { hash: HASH, number: 48_120 },
  settled: { hash: HASH, number: 48_118 },
  peers: 12,
  startedAt: NOW - 60_000,
  newestChangedAt: NOW - 3_000,
  producing: false,
  intervalMs: 6_000,
  dataPath: undefined,
  details: chainDetails(),
}

function network(change: Partial<NodeStatus> = {}): NetworkSummary {
  return { id: 'dev', name: 'Development', kind: 'chain', screens: [], status: { ...RUNNING, ...change } }
}

const say = (change: Partial<NodeStatus>) => statusSentence(OPEN, network(change), NOW)

describe('statusSentence', () => {
  it.each<[string, Partial<NodeStatus>, string, string]>([
    ['following', {}, 'Following the chain: best #48,120, finalized 2 blocks behind, 12 peers.', 'well'],
    ['one of each', { settled: { hash: HASH, number: 48_119 }, peers: 1 }, 'Following the chain: best #48,120, finalized 1 block behind, 1 peer.', 'well'],
    ['authoring alone', { producing: true, peers: 0 }, 'Producing blocks: best #48,120, finalized 2 blocks behind, no peers.', 'well'],
    [
      'kept from authoring because it is alone',
      { producing: true, peers: 0, newest: { hash: HASH, number: 0 }, settled: { hash: HASH, number: 0 }, details: chainDetails({ hold: { kind: 'alone', authorities: 4 } }) },
      'Not producing blocks because no other node of the network is connected: best #0, only the genesis block so far, no peers.',
      'attention',
    ],
    [
      'kept from authoring by its clock',
      { producing: true, details: chainDetails({ hold: { kind: 'clock-behind', untilSlot: (NOW + 4_000) / 6_000 + 20 } }) },
      'Not producing blocks for 2 min 4 s, because the clock was set back: best #48,120, finalized 2 blocks behind, 12 peers.',
      'attention',
    ],
    [
      'blocks on request, for hours',
      { producing: true, peers: 0, newestChangedAt: NOW - 9_000_000, settled: { hash: HASH, number: 40_000 }, details: chainDetails({ sealing: 'manual' }) },
      'Blocks are produced on request: best #48,120, finalized 8,120 blocks behind, no peers.',
      'busy',
    ],
    [
      'a block for each transaction',
      { producing: true, peers: 0, newestChangedAt: NOW - 9_000_000, settled: RUNNING.newest, details: chainDetails({ sealing: 'instant' }) },
      'Each transaction gets a block: best #48,120, all finalized, no peers.',
      'busy',
    ],
    [
      'kept from authoring because its keys are listened for',
      { producing: true, details: chainDetails({ hold: { kind: 'listening', untilSlot: (NOW + 4_000) / 6_000 + 3 } }) },
      'Listening for another 22 s before signing, in case another computer uses the same keys: best #48,120, finalized 2 blocks behind, 12 peers.',
      'busy',
    ],
    [
      'kept from authoring because another computer has its keys',
      { producing: true, details: chainDetails({ hold: { kind: 'signed-elsewhere' } }) },
      'Not signing, because another computer signs with the same keys: best #48,120, finalized 2 blocks behind, 12 peers.',
      'attention',
    ],
    ['a follower without peers', { peers: 0 }, 'Looking for peers: best #48,120, finalized 2 blocks behind, no peers.', 'busy'],
    ['no block since the start', { newestChangedAt: NOW - 90_000, startedAt: NOW - 5_000, intervalMs: 60_000 }, 'Waiting for a new block: best #48,120, finalized 2 blocks behind, 12 peers.', 'busy'],
    ['all final', { settled: RUNNING.newest }, 'Following the chain: best #48,120, all finalized, 12 peers.', 'well'],
    ['no block yet', { newest: undefined, settled: undefined }, 'Running: waiting for the first block.', 'busy'],
    ['only the genesis block', { newest: { hash: HASH, number: 0 }, settled: { hash: HASH, number: 0 } }, 'Running: waiting for the first block.', 'busy'],
    ['nothing finalized yet', { newest: { hash: HASH, number: 3 }, settled: { hash: HASH, number: 0 }, producing: true, peers: 0 }, 'Producing blocks: best #3, nothing finalized yet, no peers.', 'busy'],
    ['never anything final', { newest: { hash: HASH, number: 50 }, settled: { hash: HASH, number: 0 } }, 'New blocks, but finality is stuck: best #50, nothing finalized yet, 12 peers.', 'attention'],
    [
      'no block after the genesis',
      { newest: { hash: HASH, number: 0 }, settled: { hash: HASH, number: 0 }, newestChangedAt: NOW - 90_000, peers: 0 },
      'No new block for 1 min 30 s and no peers to sync from: best #0, only the genesis block so far, no peers.',
      'attention',
    ],
    ['no new block', { newestChangedAt: NOW - 45_000 }, 'No new block for 45 s: best #48,120, finalized 2 blocks behind, 12 peers.', 'attention'],
    ['no peers', { peers: 0, newestChangedAt: NOW - 45_000 }, 'No new block for 45 s and no peers to sync from: best #48,120, finalized 2 blocks behind, no peers.', 'attention'],
    ['no finality', { settled: { hash: HASH, number: 48_000 } }, 'New blocks, but finality is stuck: best #48,120, finalized 120 blocks behind, 12 peers.', 'attention'],
    ['stopped before any block', { state: 'stopped', newest: undefined }, 'Stopped. Press Start to run Development.', 'off'],
    ['stopped', { state: 'stopped' }, 'Stopped at block #48,120. Press Start to run Development.', 'off'],
    ['starting', { state: 'starting' }, 'Starting Development: opening the database and loading the runtime.', 'busy'],
    ['starting with older data', { state: 'starting', preparing: 0.999 }, 'Starting Development: carrying data of an earlier version over, 99 % done.', 'busy'],
    ['stopping', { state: 'stopping' }, 'Stopping: finishing the current block and closing the database.', 'busy'],
    [
      'failed with a hint',
      { state: 'failed', failure: { code: 'RPC_PORT_IN_USE', message: 'Port 9944 is in use', hint: 'Stop the other program.' } },
      'Failed: Port 9944 is in use. Stop the other program.',
      'trouble',
    ],
    ['failed without one', { state: 'failed', failure: { code: 'X', message: 'The disk is full.', hint: undefined } }, 'Failed: The disk is full.', 'trouble'],
    ['failed for no given reason', { state: 'failed' }, 'Failed without a reason. See the log.', 'trouble'],
  ])('%s', (_what, change, text, tone) => {
    expect(say(change)).toEqual({ text, tone })
  })

  it.each<[ConnectionState, string, string]>([
    [{ kind: 'connecting' }, 'Connecting to the node…', 'busy'],
    [{ kind: 'lost', since: NOW - 12_000 }, 'Connection to the node lost 12 s ago. Reconnecting; the values below are old.', 'trouble'],
    [{ kind: 'refused' }, 'This address is no longer valid because the node was restarted. Open the address it printed last.', 'trouble'],
  ])('says of the connection %j what is so, whatever was known of the node', (connection, text, tone) => {
    expect(statusSentence(connection, network(), NOW)).toEqual({ text, tone })
  })

  it('has something to say without any network', () => {
    expect(statusSentence(OPEN, undefined, NOW)).toEqual({ text: 'No network yet.', tone: 'off' })
  })

  it('is well at the limits and not beyond them', () => {
    const lagging = (lag: number) => say({ settled: { hash: HASH, number: 48_120 - lag } }).tone
    expect([lagging(FINALITY_LAG_LIMIT), lagging(FINALITY_LAG_LIMIT + 1)]).toEqual(['well', 'attention'])
    const quiet = (ms: number) => say({ newestChangedAt: NOW - ms }).tone
    expect([quiet(stallLimit(6_000)), quiet(stallLimit(6_000) + 1)]).toEqual(['well', 'attention'])
    expect([stallLimit(undefined), stallLimit(1_000), stallLimit(12_000)]).toEqual([30_000, 15_000, 60_000])
  })

  it('counts from the start where no block came since', () => {
    expect(say({ newestChangedAt: undefined, startedAt: NOW - 100_000 }).tone).toBe('attention')
  })

  it('is never well unless the node runs', () => {
    for (const state of ['stopped', 'starting', 'stopping', 'failed'] satisfies NodeState[]) expect(say({ state }).tone).not.toBe('well')
  })
})
