/** The API as a client of any transport sees it. */
import { getTRPCErrorFromUnknown, getTRPCErrorShape } from '@trpc/server'
import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import type { BlocksBatch } from '../../../node-core/api/network/blocks.ts'
import type { LogsBatch } from '../../../node-core/api/network/logs.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { FakeManager, fakeHash } from '../../helpers/fake-manager.ts'

function setUp() {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const abort = new AbortController()
  const ctx = { manager, app, clock }
  const caller = appRouter.createCaller(ctx, { signal: abort.signal })
  return { clock, manager, app, abort, ctx, caller }
}

/** Lets everything run that is waiting for nothing but its turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

type Iterator<T> = AsyncIterator<T, unknown, undefined>

function iterate<T>(subscription: AsyncIterable<T>): Iterator<T> {
  return subscription[Symbol.asyncIterator]() as Iterator<T>
}

async function take<T>(iterator: Iterator<T>): Promise<T> {
  const { value, done } = await iterator.next()
  if (done === true) throw new Error('the subscription ended')
  return value
}

async function problemOf(work: Promise<unknown>): Promise<{ code: string; data: Record<string, unknown> }> {
  try {
    await work
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown)
    const shape = getTRPCErrorShape({ config: appRouter._def._config, error, type: 'unknown', path: 'x', input: undefined, ctx: undefined })
    expect(JSON.stringify(shape)).not.toMatch(/"stack"|node_modules|\.ts:/)
    return { code: shape.data.code, data: { ...shape.data.problem } }
  }
  throw new Error('it did not fail')
}

describe('queries and mutations', () => {
  it('tells what runs', async () => {
    const { caller, app } = setUp()
    expect(await caller.app.info()).toEqual(app)
    expect((await caller.networks.list()).map(({ id }) => id)).toEqual(['dev', 'local'])
  })

  it('starts, stops and restarts the node of a network', async () => {
    const { caller, manager } = setUp()
    const state = () => manager.networks()[0]?.status.state
    await caller.node.start({ network: 'dev' })
    expect(state()).toBe('running')
    await caller.node.stop({ network: 'dev' })
    expect(state()).toBe('stopped')
    await caller.node.restart({ network: 'dev' })
    expect(state()).toBe('running')
  })

  it('answers a network that is not there with those that are', async () => {
    const { caller } = setUp()
    expect(await problemOf(caller.node.start({ network: 'nowhere' }))).toEqual({
      code: 'NOT_FOUND',
      data: { code: 'API_UNKNOWN_NETWORK', message: 'Network "nowhere" does not exist.', hint: 'Known networks: dev, local.' },
    })
  })

  it.each(['', '../etc', 'a/b', '.hidden', 'x'.repeat(65), 'dev\n'])('refuses %j as the identifier of a network', async (network) => {
    const { caller, manager } = setUp()
    expect((await problemOf(caller.node.start({ network }))).data['code']).toBe('API_BAD_INPUT')
    expect(manager.networks()[0]?.status.state).toBe('stopped')
  })

  it('refuses fields that it does not know', async () => {
    const { caller } = setUp()
    const input = { network: 'dev', force: true }
    expect((await problemOf(caller.node.start(input))).code).toBe('BAD_REQUEST')
  })

  it('passes on what the node says of its failure, and what to do', async () => {
    const { caller, manager } = setUp()
    manager.failNextStart = new NodeError('RPC_PORT_IN_USE', 'Port 9944 is in use.', { hint: 'Stop the other program.' })
    expect((await problemOf(caller.node.start({ network: 'dev' }))).data).toEqual({
      code: 'RPC_PORT_IN_USE',
      message: 'Port 9944 is in use.',
      hint: 'Stop the other program.',
    })
  })

  it('gives the latest blocks newest first, as many as asked for and not thousands', async () => {
    const { caller, manager } = setUp()
    for (let i = 0; i < 5; i++) manager.produce('dev')
    expect((await caller.blocks.latest({ network: 'dev', count: 3 })).map(({ number }) => number)).toEqual([5, 4, 3])
    expect((await problemOf(caller.blocks.latest({ network: 'dev', count: 201 }))).data['code']).toBe('API_BAD_INPUT')
  })

  it('makes text of whatever a log record carries', async () => {
    const { caller, manager } = setUp()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    manager.log('warn', 'rpc', 'odd', { big: 10n, inner: { n: 1n }, error: new Error('why'), circular, long: 'x'.repeat(1000), none: undefined })
    const fields = Object.fromEntries((await caller.logs.recent({ count: 1 }))[0]?.fields ?? [])
    expect(fields).toMatchObject({ big: '"10"', inner: '{"n":"1"}', error: 'why', circular: '[object Object]', none: 'undefined' })
    expect(fields['long']).toHaveLength(401)
  })
})

describe('networks.watch', () => {
  it('begins with all networks and goes on with what changed, one message for a burst', async () => {
    const { caller, manager, clock } = setUp()
    const watch = iterate(await caller.networks.watch())
    const first = await take(watch)
    expect([first.reset, first.networks.map(({ id }) => id), first.removed]).toEqual([true, ['dev', 'local'], []])
    const next = take(watch)
    for (let peers = 1; peers <= 50; peers++) manager.setStatus('dev', { peers })
    await settle()
    clock.advance(100)
    const { reset, networks } = await next
    expect(reset).toBe(false)
    expect(networks.map(({ id, status }) => [id, status.peers])).toEqual([['dev', 50]])
  })

  it('leaves no listener behind when the client goes', async () => {
    const { caller, manager, abort } = setUp()
    const watch = iterate(await caller.networks.watch())
    await take(watch)
    expect(manager.events.listenerCount('status')).toBe(1)
    const waiting = watch.next()
    abort.abort()
    expect((await waiting).done).toBe(true)
    expect(manager.events.listenerCount('status')).toBe(0)
  })

  it('ends at once for a client that went before it began', async () => {
    const { caller, manager, abort } = setUp()
    abort.abort()
    const watch = iterate(await caller.networks.watch())
    expect((await watch.next()).done).toBe(true)
    expect(manager.events.listenerCount('status')).toBe(0)
  })
})

describe('blocks.watch', () => {
  const numbers = ({ blocks }: BlocksBatch) => blocks.map(({ number }) => number)

  it('begins with the latest blocks and goes on with new ones and with finality', async () => {
    const { caller, manager, clock } = setUp()
    for (let i = 0; i < 3; i++) manager.produce('dev')
    const watch = iterate(await caller.blocks.watch({ network: 'dev', count: 2 }))
    const first = await take(watch)
    expect([first.reset, numbers(first)]).toEqual([true, [3, 2]])
    const next = take(watch)
    manager.produce('dev')
    manager.produce('dev')
    manager.produce('local')
    await settle()
    clock.advance(100)
    const second = await next
    expect([second.reset, numbers(second), second.finalized]).toEqual([false, [4, 5], { hash: fakeHash(3), number: 3 }])
  })

  it('keeps the newest for a client that is slow, and says how many it missed', async () => {
    const { caller, manager, clock } = setUp()
    const watch = iterate(await caller.blocks.watch({ network: 'dev', count: 1 }))
    await take(watch)
    const next = take(watch)
    await settle()
    clock.advance(100)
    for (let i = 0; i < 250; i++) manager.produce('dev')
    const { blocks, dropped } = await next
    expect([blocks.length, dropped, blocks.at(-1)?.number]).toEqual([200, 50, 250])
  })

  it('starts the list anew when the node was started again', async () => {
    const { caller, manager, clock } = setUp()
    manager.produce('dev')
    const watch = iterate(await caller.blocks.watch({ network: 'dev', count: 5 }))
    await take(watch)
    const next = take(watch)
    await caller.node.start({ network: 'dev' })
    await settle()
    clock.advance(100)
    expect((await next).reset).toBe(true)
  })

  it('leaves no listener behind', async () => {
    const { caller, manager, abort } = setUp()
    const watch = iterate(await caller.blocks.watch({ network: 'dev', count: 5 }))
    await take(watch)
    const waiting = watch.next()
    abort.abort()
    await waiting
    for (const name of ['block', 'finalized', 'status'] as const) expect(manager.events.listenerCount(name)).toBe(0)
  })
})

describe('logs.watch', () => {
  it('begins with the newest records and goes on, oldest first', async () => {
    const { caller, manager, clock } = setUp()
    for (let i = 0; i < 5; i++) manager.log('info', 'core', `old ${i}`)
    const watch = iterate(await caller.logs.watch({ tail: 2 }))
    const first: LogsBatch = await take(watch)
    expect([first.reset, first.lines.map(({ message }) => message)]).toEqual([true, ['old 3', 'old 4']])
    const next = take(watch)
    manager.log('info', 'core', 'new 1')
    manager.log('info', 'core', 'new 2')
    await settle()
    clock.advance(100)
    expect((await next).lines.map(({ message }) => message)).toEqual(['new 1', 'new 2'])
  })

  it('counts what a slow client missed, once', async () => {
    const { caller, manager, clock } = setUp()
    const watch = iterate(await caller.logs.watch({ tail: 1 }))
    await take(watch)
    for (const [logged, missed] of [[2010, 10], [2003, 3], [5, 0]] as const) {
      const next = take(watch)
      await settle()
      clock.advance(100)
      for (let i = 0; i < logged; i++) manager.log('debug', 'core', `line ${i}`)
      const batch = await next
      expect([batch.lines.length, batch.dropped]).toEqual([Math.min(logged, 2000), missed])
    }
  })
})
