import { afterEach, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { ImportOutcome } from '../../../../node-core/chain/core/types.ts'
import type { PeerFault } from '../../../../node-core/network/contracts.ts'
import { encodeHeader } from '../../../../node-core/chain/scale/header.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { SyncService } from '../../../../node-core/chain/sync/sync-service.ts'
import type { BlockData, BlockRequest } from '../../../../node-core/chain/sync/types.ts'
import { BlockChain } from '../../../helpers/block-chain.ts'
import { GENESIS, extend, tipOf } from './world.ts'

const CHAIN = extend([GENESIS], 0, 300)

type Serve = (peer: string, request: BlockRequest, signal: AbortSignal) => Promise<readonly BlockData[]>

function setUp(serve: Serve, importBlock?: () => Promise<ImportOutcome>) {
  const chain = new BlockChain()
  const imported = new Map<string, number>()
  const reports: { peer: string; fault: PeerFault }[] = []
  const clock = new FakeClock()
  let best = tipOf([GENESIS])
  const blocks = {
    events: chain.events,
    best: () => best,
    finalized: () => chain.finalized(),
    hasBlock: (hash: string) => hash === GENESIS.hash || imported.has(hash),
    hashByNumber: (number: number) => (number <= best.number ? CHAIN[number]?.hash : undefined),
  }
  const importer = {
    importBlock: importBlock ?? (async ({ header }): Promise<ImportOutcome> => {
      best = { hash: blake2Hash(encodeHeader(header)), number: header.number }
      imported.set(best.hash, header.number)
      return { kind: 'imported', isBest: true }
    }),
    importJustification: async (): Promise<ImportOutcome> => ({ kind: 'known' }),
  } as ConstructorParameters<typeof SyncService>[0]['importer']
  const service = new SyncService({
    blocks, importer, clock, logger: silentLogger,
    source: { requestBlocks: serve },
    judge: { report: (peer, fault) => reports.push({ peer, fault }), reward: () => undefined },
  })
  return { service, clock, reports, imported, best: () => best }
}

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

async function started(serve: Serve, importBlock?: () => Promise<ImportOutcome>) {
  const world = setUp(serve, importBlock)
  await world.service.start()
  stop = () => world.service.stop()
  return world
}

const honest: Serve = async (_peer, { from, maxBlocks }) => CHAIN.slice(Number(from), Number(from) + maxBlocks)

it('carries out what the syncer decides, to the end', async () => {
  const { service, best } = await started(honest)
  expect(service.isMajorSyncing()).toBe(false)
  service.peerConnected('a', 'FULL', tipOf(CHAIN))
  expect(service.isMajorSyncing()).toBe(true)
  await service.idle()
  expect(best()).toEqual(tipOf(CHAIN))
  expect(service.status()).toMatchObject({ state: 'idle', currentBlock: 300, highestBlock: 300 })
})

it('knows at its start how far peers have come that were here before, and holds authors back until then', async () => {
  const world = setUp(honest)
  const { service, clock } = world
  expect(service.isMajorSyncing()).toBe(false)
  const at = (number: number) => CHAIN[number]!
  const { hash, header } = at(2)
  service.peerConnected('early', 'FULL', { hash, number: header.number })
  service.peerConnected('gone', 'FULL', tipOf(CHAIN))
  service.peerDisconnected('gone')
  expect(service.isMajorSyncing()).toBe(true)
  // They go on while this node is not at it yet.
  for (const number of [3, 300]) service.announced('early', at(number).header, at(number).hash, number === 300)
  clock.advance(60_000)
  await service.start()
  stop = () => service.stop()
  expect(service.status()).toMatchObject({ highestBlock: 300 })
  await service.idle()
  expect([world.best(), service.isMajorSyncing()]).toEqual([tipOf(CHAIN), false])
})

it('asks no light client for blocks, whatever height it tells of', async () => {
  const asked: string[] = []
  const { service, best } = await started(async (peer, request, signal) => {
    asked.push(peer)
    return honest(peer, request, signal)
  })
  service.peerConnected('light', 'LIGHT', { ...tipOf(CHAIN), number: 1_000_000 })
  await service.idle()
  expect([service.isMajorSyncing(), asked]).toEqual([false, []])
  service.peerConnected('full', 'FULL', tipOf(CHAIN))
  service.peerDisconnected('light')
  await service.idle()
  expect(best()).toEqual(tipOf(CHAIN))
  expect(new Set(asked)).toEqual(new Set(['full']))
  expect(service.status()).toMatchObject({ state: 'idle', highestBlock: 300 })
})

it('takes up peers that came before it was started, and are still there', async () => {
  const { service, best } = setUp(honest)
  service.peerConnected('a', 'FULL', tipOf(CHAIN))
  service.peerConnected('b', 'FULL', tipOf(CHAIN))
  service.peerDisconnected('b')
  await service.start()
  stop = () => service.stop()
  await service.idle()
  expect(best().number).toBe(300)
  expect(service.status()?.peers).toBe(1)
})

it('tells on a peer what its bad response costs, and on one that takes too long', async () => {
  const fault: PeerFault = { code: 'malformed-response', cost: -1000 }
  const { service, clock, reports } = await started(async (peer, _request, signal) => {
    if (peer === 'bad') throw Object.assign(new NodeError('RESPONSE_MALFORMED', 'no blocks'), { fault })
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NodeError('NETWORK_ABORTED', 'taken back'))))
  })
  service.peerConnected('bad', 'FULL', tipOf(CHAIN))
  await service.idle()
  expect(reports).toEqual([{ peer: 'bad', fault }])
  service.peerConnected('silent', 'FULL', tipOf(CHAIN))
  clock.advance(15_500)
  await service.idle()
  expect(reports.slice(1).map(({ peer, fault: { code } }) => [peer, code])).toEqual([['silent', 'sync-timeout']])
})

it('holds it against nobody that the network would not ask again', async () => {
  const { service, clock, reports } = await started(() => Promise.reject(new NodeError('NETWORK_REPEATED', 'asked a short while ago')))
  service.peerConnected('a', 'FULL', tipOf(CHAIN))
  for (let i = 0; i < 20; i++) {
    clock.advance(1000)
    await service.idle()
  }
  expect(reports).toEqual([])
  expect(service.peers()).toMatchObject([{ state: 'free', timeouts: 0, failures: 0 }])
})

it('stops with requests open, waits for the imports under way, and asks for nothing afterwards', async () => {
  let requests = 0
  const importing: ((outcome: ImportOutcome) => void)[] = []
  const { service, clock } = await started(
    async (peer, request, signal) => {
      requests++
      return peer === 'a' ? honest(peer, request, signal) : new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('taken back'))))
    },
    () => new Promise((resolve) => importing.push(resolve)),
  )
  service.peerConnected('a', 'FULL', tipOf(CHAIN))
  service.peerConnected('b', 'FULL', tipOf(CHAIN))
  await turns(100)
  expect(importing.length).toBeGreaterThan(0)
  const before = requests
  let isStopped = false
  const stopped = service.stop().then(() => (isStopped = true))
  await turns(100)
  expect(isStopped).toBe(false)
  for (const finish of importing) finish({ kind: 'imported', isBest: true })
  await stopped
  clock.advance(60_000)
  expect(requests).toBe(before)
  expect(service.status()).toBeUndefined()
})

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}
