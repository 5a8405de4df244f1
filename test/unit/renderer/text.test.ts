/** Formats, tiles, the block list, the log's filter, errors: what the screens show, without a screen. */
import { describe, expect, it } from 'vitest'
import { applyBatch } from '../../../renderer/text/block-list.ts'
import { formatAge, formatCount, formatDateTime, formatDuration, formatHeight, formatTime, isHash, shortId } from '../../../renderer/text/format.ts'
import { lineText, matcher } from '../../../renderer/text/log-filter.ts'
import { problemOf } from '../../../renderer/text/problem.ts'
import { bestTile, diskTile, finalizedTile, peersTile, uptime } from '../../../renderer/text/tiles.ts'
import { retryDelay } from '../../../renderer/trpc/client.ts'
import type { BlocksBatch } from '../../../node-core/api/network/blocks.ts'
import type { LogLine } from '../../../node-core/api/network/logs.ts'
import type { BlockSummary } from '../../../node-core/manager/kinds/kind.ts'
import type { NodeStatus } from '../../../node-core/manager/types.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { PEERS } from '../../helpers/fake-network.ts'
import { FakeManager, fakeHash } from '../../helpers/fake-manager.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

describe('formats', () => {
  it.each([
    [-5, '0 s'], [0, '0 s'], [999, '0 s'], [45_000, '45 s'], [60_000, '1 min'], [200_000, '3 min 20 s'], [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'], [86_400_000, '1 d'], [356_400_000, '4 d 3 h'],
  ])('%i ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it.each([[0, 'now'], [999, 'now'], [-4000, 'now'], [3_000, '3 s ago'], [200_000, '3 min ago'], [7_500_000, '2 h ago']])('%i ms ago is %s', (ms, text) =>
    expect(formatAge(1_000_000_000 - ms, 1_000_000_000)).toBe(text))

  it('writes numbers and counts', () => {
    expect([formatHeight(48_120), formatCount(1, 'peer'), formatCount(1200, 'peer'), formatCount(2, 'entry', 'entries')]).toEqual([
      '#48,120', '1 peer', '1,200 peers', '2 entries',
    ])
  })

  it('shortens hashes in the middle, and nothing that is short', () => {
    const hash = `0x3f9a${'0'.repeat(56)}c2a1`
    expect([isHash(hash), shortId(hash), shortId('0x1234'), isHash('0x1234')]).toEqual([true, '0x3f9a…c2a1', '0x1234', false])
    expect([shortId(PEERS[0]), shortId('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')]).toEqual(['12D3Koo…c6iDEp', '5Grwva…utQY'])
  })

  it('writes times by the clock of 24 hours, with or without a day', () => {
    const instant = new Date(2026, 10, 21, 0, 4, 5).getTime()
    expect([formatTime(instant), formatDateTime(instant)]).toEqual(['00:04:05', 'Nov 21, 2026, 00:04:05'])
  })
})

describe('tiles', () => {
  async function status(change: Partial<NodeStatus> = {}): Promise<NodeStatus> {
    const manager = new FakeManager({ clock: new FakeClock(1_000_000) })
    await manager.start('dev')
    for (let i = 0; i < 5; i++) manager.produce('dev')
    manager.setStatus('dev', change)
    const found = manager.networks()[0]
    if (found === undefined) throw new Error('no network')
    return found.status
  }

  it('put each number into context', async () => {
    const running = await status()
    expect(bestTile(running, 1_003_000)).toMatchObject({ value: '#5', context: '3 s ago, block time 6 s' })
    expect(finalizedTile(running)).toMatchObject({ value: '#3', context: '2 blocks behind best' })
    expect(peersTile(running)).toMatchObject({ value: '0', context: 'Producing blocks alone' })
    expect(uptime(running, 1_090_000)).toBe('1 min 30 s')
  })

  it('show nothing that is not so', async () => {
    const stopped = await status({ state: 'stopped', startedAt: undefined })
    expect(bestTile(stopped, 0)).toMatchObject({ value: '#5', context: 'When it was stopped' })
    expect(peersTile(stopped)).toMatchObject({ value: undefined, context: 'Not running' })
    expect(uptime(stopped, 0)).toBeUndefined()
    expect(diskTile(undefined)).toMatchObject({ value: undefined, context: 'Measuring…' })
    const use = { dataBytes: 1_200_000_000, freeBytes: 64e9, totalBytes: 1e12, parts: undefined }
    expect(diskTile(use)).toMatchObject({ value: '1.2 GB', context: '64 GB free' })
    expect(diskTile({ ...use, parts: { state: 1_100_000_000, blocks: 40_000_000 } }).context).toBe('State 1.1 GB, blocks 40 MB, 64 GB free')
    // What was just written is in no table yet.
    expect(diskTile({ ...use, parts: { state: 1_100_000_000, blocks: 0 } }).context).toBe('64 GB free')
    expect(diskTile({ ...use, parts: { state: 90_000_000, blocks: 40_000_000 } }).context).toBe('64 GB free')
    const empty = await status({ newest: undefined, settled: undefined })
    expect([bestTile(empty, 0).value, finalizedTile(empty).value]).toEqual([undefined, undefined])
    const closed = { ...empty, state: 'stopped' } as const
    expect([bestTile(closed, 0).context, finalizedTile(closed).context]).toEqual(['Known once the node is running', 'Known once the node is running'])
    expect(peersTile(await status({ producing: true, details: chainDetails({ hold: { kind: 'alone', authorities: 2 } }) })).context).toBe('Not producing blocks alone')
    expect(peersTile(await status({ producing: false })).context).toBe('No peers to sync from')
  })
})

describe('applyBatch', () => {
  const block = (number: number, salt = 0, parentSalt = 0): BlockSummary => ({
    number, hash: fakeHash(number, salt), parentHash: fakeHash(number - 1, parentSalt), author: 'Alice', extrinsics: 1, time: number * 1000 + salt, finalized: false,
  })
  const batch = (change: Partial<BlocksBatch>): BlocksBatch => ({ reset: false, blocks: [], finalized: undefined, dropped: 0, ...change })
  const seen = (list: readonly BlockSummary[]) => list.map(({ number, finalized }) => `${number}${finalized ? '!' : ''}`)

  it('keeps the newest on top and no more than asked for', () => {
    const list = applyBatch([block(2), block(1)], batch({ blocks: [block(3), block(4)] }), 3)
    expect(seen(list)).toEqual(['4', '3', '2'])
  })

  it('forgets what was before a reset', () => {
    expect(seen(applyBatch([block(9)], batch({ reset: true, blocks: [block(1)] }), 10))).toEqual(['1'])
  })

  it('takes the same block once', () => {
    expect(seen(applyBatch([block(1)], batch({ blocks: [block(1)] }), 10))).toEqual(['1'])
  })

  it('marks the chain below the final block and drops the forks beside it', () => {
    const list = [block(3), block(3, 7, 0), block(2), block(2, 7, 0), block(1)]
    const finalized = { hash: fakeHash(2), number: 2 }
    expect(applyBatch(list, batch({ finalized }), 10).map(({ hash, finalized }) => [hash, finalized])).toEqual([
      [fakeHash(3, 7), false],
      [fakeHash(3), false],
      [fakeHash(2), true],
      [fakeHash(1), true],
    ])
  })

  it('changes nothing for a final block that it does not have', () => {
    expect(seen(applyBatch([block(3)], batch({ finalized: { hash: fakeHash(9), number: 9 } }), 10))).toEqual(['3'])
  })
})

describe('the log filter', () => {
  const line: LogLine = { time: 0, level: 'warn', module: 'rpc', message: 'Refused a request', fields: [['origin', 'evil.example']], network: 'dev' }

  it.each([
    ['trace', '', true], ['warn', '', true], ['error', '', false], ['info', 'REFUSED', true], ['info', 'rpc', true],
    ['info', 'origin=evil', true], ['info', 'babe', false], ['info', '  ', true],
  ] as const)('level %s and text %j: %s', (level, text, shown) => expect(matcher(level, '', text)(line)).toBe(shown))

  it('keeps to one module, and writes a line as the log file does', () => {
    expect([line.module, 'nobody'].map((module) => matcher('trace', module, '')(line))).toEqual([true, false])
    expect([matcher('trace', '', '', 'dev')(line), matcher('trace', '', '', 'local')(line), matcher('trace', '', '', 'local')({ ...line, network: undefined })]).toEqual([true, false, true])
    expect(lineText(line)).toContain(' [dev] ')
    expect(lineText(line)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Z]{4,5} /)
    expect(lineText(line)).toContain(line.message)
  })
})

describe('problemOf', () => {
  it('reads what the API says and makes the best of anything else', () => {
    const problem = { code: 'X', message: 'What happened.', hint: 'What to do.' }
    expect(problemOf(Object.assign(new Error('x'), { data: { problem } }))).toEqual(problem)
    expect(problemOf({ data: { problem: { code: 'X', message: 'm' } } })).toEqual({ code: 'X', message: 'm', hint: undefined })
    expect(problemOf(new Error('WebSocket closed'))).toEqual({ code: 'UI_NO_ANSWER', message: 'WebSocket closed', hint: undefined })
    expect(problemOf({ data: { problem: 7 } }).code).toBe('UI_NO_ANSWER')
  })
})

describe('reconnecting', () => {
  it('tries at once, then more slowly, never less than every five seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(retryDelay)).toEqual([0, 500, 1000, 2000, 4000, 5000, 5000])
  })
})
