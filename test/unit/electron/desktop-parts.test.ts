/** The parts of the desktop app that need no Electron: addresses, tray text, and the end of the app. */
import { describe, expect, it } from 'vitest'
import { canStart, canStop, isAlive, trayLine } from '../../../electron/actions.ts'
import { isAppUrl } from '../../../electron/app-url.ts'
import { Shutdown, STOP_TIME_LIMIT_MS } from '../../../electron/shutdown.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

describe('isAppUrl', () => {
  it.each(['app://nodestead/', 'app://nodestead/index.html#x'])('knows %s', (url) => expect(isAppUrl(url)).toBe(true))
  it.each([
    '', 'app:', 'app://nodestead.evil/', 'app://evil/nodestead/', 'app://nodestead@evil/', 'app://user@nodestead/', 'https://nodestead/',
    'file:///nodestead/', 'data:text/html,app://nodestead/', 'about:blank', 'app2://nodestead/', 'app://nodestead:1/',
  ])('does not take %j for ours', (url) => expect(isAppUrl(url)).toBe(false))
})

describe('the tray', () => {
  const network = () => new FakeManager({ clock: new FakeClock() }).networks()[0]

  it('says how the node is', async () => {
    const manager = new FakeManager({ clock: new FakeClock() })
    const line = () => trayLine(manager.networks()[0])
    expect(trayLine(undefined)).toBe('No network')
    expect(line()).toBe('Development: stopped')
    await manager.start('dev')
    for (let i = 0; i < 1234; i++) manager.produce('dev')
    expect(line()).toBe('Development: block 1,234, final 1,232')
    manager.setStatus('dev', { state: 'failed' })
    expect(line()).toBe('Development: failed, open to see why')
  })

  it.each([
    ['stopped', true, false, false],
    ['starting', false, true, true],
    ['running', false, true, true],
    ['stopping', false, false, true],
    ['failed', true, false, false],
  ] as const)('%s: start %s, stop %s, alive %s', (state, start, stop, alive) => {
    const status = network()?.status
    if (status === undefined) throw new Error('no network')
    const now = { ...status, state }
    expect([canStart(now), canStop(now), isAlive(now)]).toEqual([start, stop, alive])
  })
})

describe('Shutdown', () => {
  function setUp(stopAll: () => Promise<void>) {
    const clock = new FakeClock()
    const exits: number[] = []
    let waiting = 0
    const shutdown = new Shutdown({ stopAll, exit: (code) => exits.push(code), onWaiting: () => waiting++, clock, logger: silentLogger })
    let held = 0
    const quit = () => shutdown.onBeforeQuit({ preventDefault: () => held++ })
    return { clock, exits, shutdown, quit, held: () => held, waiting: () => waiting }
  }
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }

  it('holds the quit back until the nodes have stopped, once', async () => {
    const stopped = Promise.withResolvers<void>()
    let stops = 0
    const { quit, exits, held, waiting, shutdown } = setUp(() => (stops++, stopped.promise))
    expect(shutdown.isUnderWay).toBe(false)
    quit()
    quit()
    await settle()
    expect([held(), stops, waiting(), exits, shutdown.isUnderWay]).toEqual([2, 1, 1, [], true])
    stopped.resolve()
    await settle()
    expect(exits).toEqual([0])
    quit()
    expect(held()).toBe(2)
  })

  it('does not wait for ever', async () => {
    const { quit, exits, clock } = setUp(() => new Promise(() => undefined))
    quit()
    clock.advance(STOP_TIME_LIMIT_MS - 1)
    await settle()
    expect(exits).toEqual([])
    clock.advance(1)
    await settle()
    expect(exits).toEqual([1])
  })

  it('ends even where stopping fails', async () => {
    const { quit, exits } = setUp(() => Promise.reject(new Error('no')))
    quit()
    await settle()
    expect(exits).toEqual([1])
  })
})
