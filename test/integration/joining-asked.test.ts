/** What screens and services ask of a node that joins: answered with what is known, and never with an error that a person would see. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { getTRPCErrorFromUnknown } from '@trpc/server'
import { appRouter } from '../../node-core/api/router.ts'
import { toHex } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import type { LogRecord } from '../../node-core/base/logger.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'
import { encodeHeader } from '../../node-core/chain/scale/header.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import type { ChainPlan } from '../../node-core/manager/kinds/chain/chain.ts'
import { NodeManager } from '../../node-core/manager/manager.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'

const CHAINS = join(import.meta.dirname, '../../out/chains')
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Its node joins, and nobody is there. */
async function alone(spec: ChainSpec) {
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-asked-'))
  ends.push(() => rm(basePath, { recursive: true, force: true }))
  const options = nodeOptionsSchema.parse({ chain: 'dev', basePath, validator: true, account: 'alice', sync: 'warp', rpc: { port: 0 }, prometheus: { enabled: true, port: 0 }, network: { port: 0, mdns: false } })
  const logs: LogRecord[] = []
  const clock = new FakeClock(1_700_000_001_000)
  const manager = new NodeManager(
    { plan: (): ChainPlan => ({ spec, options }), installation: { chainsPath: CHAINS }, logSinks: [(record) => logs.push(record)], clock },
    { networks: [{ id: 'dev', kind: 'chain', name: 'Development', dataPath: join(basePath, 'chains', spec.id) }], logFilter: { default: 'debug' } },
  )
  ends.push(() => manager.stopAll())
  await manager.start('dev')
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const caller = appRouter.createCaller({ manager, app, clock }, { signal: abort.signal })
  ends.push(async () => abort.abort())
  return { manager, caller, clock, logs }
}

type Caller = Awaited<ReturnType<typeof alone>>['caller']

/** All that the window asks for by itself, screen by screen. */
const network = { network: 'dev' } as const
const WATCHES: Record<string, (caller: Caller) => Promise<AsyncIterable<unknown>>> = {
  accounts: (caller) => caller.accounts.watch(network),
  authorities: (caller) => caller.authorities.watch(network),
  blocks: (caller) => caller.blocks.watch({ ...network, count: 50 }),
  chain: (caller) => caller.explorer.chain(network),
  keys: (caller) => caller.keys.watch(network),
  peers: (caller) => caller.peers.watch(network),
  sync: (caller) => caller.sync.watch(network),
  'sync details': (caller) => caller.sync.details(network),
  topics: (caller) => caller.topics.watch(network),
  traffic: (caller) => caller.traffic.watch(network),
  troubles: (caller) => caller.troubles.watch(),
  upgrade: (caller) => caller.upgrade.watch(network),
}

/** What a person asks for that a chain must be there for. */
const WISHES: Record<string, (caller: Caller) => Promise<unknown>> = {
  'a block': (caller) => caller.explorer.block({ ...network, block: 0 }),
  'a search': (caller) => caller.explorer.search({ ...network, text: 'Alice' }),
  'a transfer': (caller) => caller.accounts.send({ ...network, from: 'Alice', to: 'Bob', amount: '1' }),
  'new session keys': (caller) => caller.keys.rotate(network),
  'an upgrade': (caller) => caller.upgrade.details(network),
  sealing: (caller) => caller.development.seal(network),
}

/** A specification as light clients get it. */
function lightSpec(spec: ChainSpec): ChainSpec {
  const stateRoot = `0x${'11'.repeat(32)}` as const
  const header = encodeHeader({ parentHash: stateRoot, number: 7, stateRoot, extrinsicsRoot: stateRoot, digest: [] })
  const grandpaAuthoritySet = toHex(new ScaleWriter().vec([stateRoot], (writer, key) => writer.hash(key).u64(1)).u64(0).finish())
  return { ...spec, genesis: { stateRootHash: stateRoot }, lightSyncState: { finalizedBlockHeader: toHex(header), grandpaAuthoritySet } }
}

it.each([['a genesis state', (spec: ChainSpec) => spec], ['none', lightSpec]])('answers every screen while nobody is there to join through, with %s', async (_, of) => {
  const { manager, caller, clock, logs } = await alone(of(await loadChainSpec('dev', { chainsPath: CHAINS })))
  const shown = new Set<string>()
  const failed: Record<string, unknown> = {}
  for (const [name, watch] of Object.entries(WATCHES)) {
    const first = watch(caller).then((updates) => updates[Symbol.asyncIterator]().next())
    first.then(() => shown.add(name), (error: unknown) => (failed[name] = error))
  }
  for (const [name, wish] of Object.entries(WISHES)) {
    const { cause } = getTRPCErrorFromUnknown(await wish(caller).then(() => undefined, (error: unknown) => error))
    expect(cause, name).toMatchObject({ code: 'API_NODE_JOINING' })
  }
  expect(manager.networks()[0]?.status).toMatchObject({ state: 'running', details: { rpcAddress: undefined, joining: { stage: 'peers', hold: 'no-peers' } } })
  expect(manager.latestBlocks('dev', 10)).toEqual([])
  await expect.poll(() => [...shown].sort()).toEqual(Object.keys(WATCHES).sort())

  logs.length = 0
  for (let second = 0; second < 40; second++) {
    clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // Threads that start meanwhile live by the computer's clock, which this one leaves behind.
  const calm = (): LogRecord[] => logs.filter(({ level, module }) => level !== 'debug' && module !== 'runtime')
  const told = calm().map(({ module, message }) => `${module}: ${message}`)
  expect(told).toEqual(Array(4).fill('joining: waiting for peers to join the chain through'))
  expect(failed).toEqual({})
  await manager.stop('dev')
  expect(calm().filter(({ level }) => level !== 'info')).toEqual([])
})
