/** The sync service over a real database that begins in the middle of a chain. */
import { expect, it, onTestFinished } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import { GapFiller } from '../../../../../node-core/chain/core/import/gap-filler.ts'
import type { StateService } from '../../../../../node-core/chain/state/state-service.ts'
import { DEFAULT_GAP_OPTIONS, type GapOptions } from '../../../../../node-core/chain/sync/gap/types.ts'
import { SyncService } from '../../../../../node-core/chain/sync/sync-service.ts'
import type { BlockData, BlockRequest } from '../../../../../node-core/chain/sync/types.ts'
import { anchorDatabase } from '../../state/anchored.ts'
import { startService, temporaryFolder } from '../../state/service-fixture.ts'
import { answerFrom, storedChain } from './stored-chain.ts'

const HEIGHT = 300
const { blocks: CHAIN, anchor: ANCHOR } = storedChain(HEIGHT)
const TIP = { hash: ANCHOR.hash, number: HEIGHT }

interface Running {
  readonly sync: SyncService
  readonly state: StateService
  readonly clock: FakeClock
  readonly reports: string[]
  readonly asked: BlockRequest[]
}

async function started(serve: (request: BlockRequest, signal: AbortSignal) => Promise<readonly BlockData[]>, options: Partial<GapOptions> = {}, folder?: string): Promise<Running> {
  const path = folder ?? (await temporaryFolder())
  if (folder === undefined) await anchorDatabase(path, ANCHOR)
  const state = await startService(path)
  const clock = new FakeClock(1_700_000_000_000)
  const reports: string[] = []
  const asked: BlockRequest[] = []
  const sync = new SyncService({
    blocks: state.blocks, clock, logger: silentLogger,
    importer: { importBlock: async () => ({ kind: 'known' }), importJustification: async () => ({ kind: 'known' }) },
    source: {
      requestBlocks: (_peer, request, signal) => {
        asked.push(request)
        return serve(request, signal)
      },
    },
    judge: { report: (_peer, { code }) => reports.push(code), reward: () => undefined },
    gap: { blocks: state.blocks, filler: new GapFiller(state.filling, async () => false), options: { ...DEFAULT_GAP_OPTIONS, keep: undefined, ...options } },
  })
  await sync.start()
  onTestFinished(() => sync.stop())
  return { sync, state, clock, reports, asked }
}

/** Lets time pass until all is done that follows from it. */
async function pass({ sync, clock }: Running, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(100)
    await sync.idle()
  }
}

const honest = async (request: BlockRequest): Promise<BlockData[]> => answerFrom(CHAIN, request)

it('fetches older blocks while there is nothing to sync, and shows how far it is', async () => {
  const running = await started(honest, { blocksPerSecond: 64 })
  const { sync, state, asked, reports } = running
  await pass(running, 1_000)
  expect([asked, sync.status()?.gap]).toEqual([[], { from: 1, to: HEIGHT - 1, perSecond: 0, msLeft: undefined, foreign: undefined }])
  sync.peerConnected('a', 'FULL', TIP)
  await pass(running, 2_000)
  const gap = sync.status()?.gap
  expect(gap?.to).toBeLessThan(HEIGHT - 64)
  expect([gap?.from, gap?.to, (gap?.msLeft ?? 0) > 500]).toEqual([1, state.blocks.gap()?.to, true])
  await pass(running, 6_000)
  expect([sync.status()?.gap, state.blocks.gap(), reports, sync.status()?.state]).toEqual([undefined, undefined, [], 'idle'])
  for (const { hash, header, body } of CHAIN) expect([state.blocks.hashByNumber(header.number), await state.blocks.body(hash)]).toEqual([hash, body])
})

it('asks for nothing while the chain has to be caught up with', async () => {
  const running = await started((request, signal) => (typeof request.from === 'number' ? untilAborted(signal) : honest(request)))
  running.sync.peerConnected('a', 'FULL', { hash: `0x${'cd'.repeat(32)}`, number: HEIGHT + 1000 })
  await passBeside(running, 3_000)
  expect(running.asked.length).toBeGreaterThan(0)
  expect(running.asked.filter(({ direction }) => direction === 'descending')).toEqual([])
  expect(running.state.blocks.gap()).toEqual({ from: 1, to: HEIGHT - 1 })
})

it('leaves free peers alone too, while others are said to have more', async () => {
  const running = await started(async (request) => {
    if (typeof request.from === 'number') throw new NodeError('NETWORK_REFUSED', 'not now')
    return honest(request)
  })
  for (const id of ['a', 'b']) running.sync.peerConnected(id, 'FULL', { hash: `0x${'cd'.repeat(32)}`, number: HEIGHT + 1000 })
  running.sync.peerConnected('c', 'FULL', TIP)
  await pass(running, 3_000)
  expect(running.sync.status()?.state).toBe('major-sync')
  expect(running.asked.filter(({ direction }) => direction === 'descending')).toEqual([])
  for (const id of ['a', 'b']) running.sync.peerDisconnected(id)
  await pass(running, 1_000)
  expect(running.state.blocks.gap()?.to).toBeLessThan(HEIGHT - 1)
})

it('goes on after a restart with what is still missing', async () => {
  const folder = await temporaryFolder()
  await anchorDatabase(folder, ANCHOR)
  const first = await started(honest, { blocksPerSecond: 64 }, folder)
  first.sync.peerConnected('a', 'FULL', TIP)
  await pass(first, 2_000)
  const left = first.state.blocks.gap()?.to ?? 0
  await first.sync.stop()
  await first.state.stop()
  const again = await started(honest, {}, folder)
  again.sync.peerConnected('a', 'FULL', TIP)
  await pass(again, 2_000)
  expect([left < HEIGHT - 1, left > 64, again.state.blocks.gap()]).toEqual([true, true, undefined])
  // But for the block above, of which the body might be missing.
  expect(again.asked[0]?.from).toBe(CHAIN[left]?.hash)
})

it('stops while a request is out, and charges who sends rubbish', async () => {
  const fault = { code: 'malformed-response', cost: -1000 }
  const bad = await started(async () => Promise.reject(Object.assign(new NodeError('RESPONSE_MALFORMED', 'no blocks'), { fault })))
  bad.sync.peerConnected('a', 'FULL', TIP)
  await pass(bad, 1_000)
  expect(bad.reports).toEqual(['malformed-response'])
  let aborted = false
  const silent = await started((_request, signal) => {
    signal.addEventListener('abort', () => (aborted = true))
    return untilAborted(signal)
  })
  silent.sync.peerConnected('a', 'FULL', TIP)
  silent.clock.advance(500)
  expect(silent.asked.length).toBe(1)
  await silent.sync.stop()
  expect([aborted, silent.reports, silent.clock.nextDue()]).toEqual([true, [], undefined])
})

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NodeError('NETWORK_ABORTED', 'taken back'))))
}

/** As {@link pass}, where a request stays out. */
async function passBeside({ clock }: Running, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
