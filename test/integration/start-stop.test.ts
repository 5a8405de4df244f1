/**
 * Starting and stopping a node twenty times, as a person does with one button: afterwards nothing of it is left in the
 * process. The first rounds are not counted: they fill caches that stay.
 */
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import { NodeManager } from '../../node-core/manager/manager.ts'
import type { ChainPlan } from '../../node-core/manager/kinds/chain/chain.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'

const ROUNDS = 20
const WARM_UP = 4
/** What a round may leave of the heap, which no two measurements find alike. */
const HEAP_PER_ROUND = 150_000

const EVENTS = ['status', 'removed', 'block', 'finalized', 'log', 'troubles'] as const
const CHAINS = join(import.meta.dirname, '../../out/chains')

interface Held {
  /** Kinds of what keeps an event loop alive, worker threads among them, with how many there are. */
  readonly resources: Record<string, number>
  readonly timers: number
  /** What is open; sockets and pipes by kind. Linux alone tells. */
  readonly files: Record<string, number>
  readonly listeners: number
  readonly heap: number
}

/** Of which kinds of resources and files there are more than before. */
function moreThan(before: Held, after: Held): Record<string, number> {
  const counts = (held: Held): [string, number][] => Object.entries({ ...held.resources, ...held.files })
  const known = new Map(counts(before))
  return Object.fromEntries(counts(after).filter(([kind, count]) => count > (known.get(kind) ?? 0)))
}

it('leaves nothing behind', { timeout: 240_000 }, async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-rounds-'))
  const spec = await loadChainSpec('dev', { chainsPath: CHAINS })
  const options = nodeOptionsSchema.parse({
    chain: 'dev', basePath, validator: true, account: 'alice', rpc: { port: 0 }, prometheus: { enabled: true, port: 0 }, network: { port: 0, mdns: false, upnp: false },
  })
  const manager = new NodeManager(
    { plan: (): ChainPlan => ({ spec, options }), installation: { chainsPath: CHAINS }, logSinks: [] },
    { networks: [{ id: 'dev', kind: 'chain', name: 'Development', dataPath: join(basePath, 'chains', spec.id) }], logFilter: { default: 'info' } },
  )
  const nodes: WeakRef<object>[] = []
  const measure = async (): Promise<Held> => {
    // Finalizers, and what they close, take a few turns.
    for (let turn = 0; turn < 5; turn++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return { ...resources(), files: await openFiles(), listeners: EVENTS.reduce((sum, name) => sum + manager.events.listenerCount(name), 0), heap: process.memoryUsage().heapUsed }
  }
  try {
    let before: Held | undefined
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      if (round === 0) before = await measure()
      await manager.start('dev')
      nodes.push(new WeakRef(manager.node('dev') as object))
      await manager.stop('dev')
    }
    if (before === undefined) throw new Error('nothing was measured')
    const was = before
    // What closes a socket or a file may come to it later.
    await expect.poll(async () => moreThan(was, await measure())).toEqual({})
    const after = await measure()
    const status = manager.networks()[0]?.status
    expect(status).toMatchObject({ state: 'stopped', failure: undefined })
    // The runner has some of its own, which come and go.
    expect(after.timers).toBeLessThanOrEqual(before.timers + 2)
    expect(after.listeners).toBe(before.listeners)
    // The last one may still be held by what a promise returned last; the one before it is let go of within a second.
    const held = (): number => (collect(), nodes.filter((node) => node.deref() !== undefined).length)
    await expect.poll(held, { timeout: 10_000 }).toBeLessThanOrEqual(1)
    expect((after.heap - before.heap) / ROUNDS).toBeLessThan(HEAP_PER_ROUND)
  } finally {
    await manager.stopAll()
    await rm(basePath, { recursive: true, force: true })
  }
})

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function resources(): Pick<Held, 'resources' | 'timers'> {
  const names = process.getActiveResourcesInfo()
  const timers = names.filter((name) => name === 'Timeout')
  return { resources: counted(names.filter((name) => name !== 'Timeout' && name !== 'Immediate')), timers: timers.length }
}

async function openFiles(): Promise<Record<string, number>> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => 'closed')))
  return counted(targets.filter((target) => !target.startsWith('/proc/') && target !== 'closed').map((target) => target.replace(/\d+/g, '#')))
}
