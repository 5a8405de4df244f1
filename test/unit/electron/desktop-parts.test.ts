/** The parts of the desktop app that need no Electron: addresses, tray text, and the end of the app. */
import { describe, expect, it } from 'vitest'
import { canStart, canStop, isAlive, keepsApp, trayLine } from '../../../electron/actions.ts'
import { isAppUrl } from '../../../electron/app-url.ts'
import { wordsFor } from '../../../electron/i18n/words.ts'
import { PATIENCE_MS, Shutdown, STAGE_TIME_LIMIT_MS, STOP_TIME_LIMIT_MS } from '../../../electron/shutdown.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import type { JoiningStatus } from '../../../node-core/chain/joining/types.ts'
import { chainDetails } from '../../helpers/chain-status.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'
import { brief, fetchingState, provingFinality } from '../../helpers/joining-status.ts'

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
    const line = (language = 'en') => trayLine(manager.networks()[0], wordsFor(language, 'en'))
    expect(trayLine(undefined, wordsFor('en', 'en'))).toBe('No network')
    expect(line()).toBe('Development: stopped')
    await manager.start('dev')
    for (let i = 0; i < 1234; i++) manager.produce('dev')
    expect(line()).toBe('Development: best #1,234, finalized #1,232')
    expect(line('de')).toBe('Development: bester Block #1.234, finalisiert #1.232')
    manager.setStatus('dev', { producing: false, peers: 0 })
    expect([line(), line('de'), line('es')]).toEqual(['Development: best #1,234, no peers', 'Development: bester Block #1.234, keine Peers', 'Development: mejor bloque #1.234, sin pares'])
    manager.setStatus('dev', { producing: false, peers: 2 })
    expect(line()).toBe('Development: best #1,234, finalized #1,232')
    manager.setStatus('dev', { catchingUp: { highest: 5000, msLeft: undefined } })
    expect(line('es')).toBe('Development: poniéndose al día, 24 %')
    const joining = (status: JoiningStatus): void => manager.setStatus('dev', { details: chainDetails({ joining: brief(status) }) })
    joining(fetchingState())
    expect([line(), line('de'), line('es')]).toEqual(['Development: fetching the state, 38 %', 'Development: lädt den State, 38 %', 'Development: descargando el estado, 38 %'])
    joining(provingFinality())
    expect(line()).toBe('Development: proving finality, 48 %')
    joining(provingFinality({ hold: 'nobody-serves-proofs' }))
    expect(line()).toBe('Development: waiting for peers to join through')
    joining(fetchingState({ assembled: 1 }))
    expect(line()).toBe('Development: putting the state together, 99 %')
    manager.setStatus('dev', { state: 'failed' })
    expect(line()).toBe('Development: failed, open to see why')
    expect(keepsApp(manager.networks()[0]?.status as never)).toBe(false)
    manager.setStatus('dev', { restartAt: 1 })
    expect(line()).toBe('Development: failed, restarting soon')
    expect(keepsApp(manager.networks()[0]?.status as never)).toBe(true)
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
    const told: string[] = []
    const asked: string[] = []
    let stages: string[] = ['Development: rpc']
    const { promise: answer, resolve: decide } = Promise.withResolvers<boolean>()
    const shutdown = new Shutdown({
      stopAll,
      waitingFor: () => stages,
      exit: (code) => exits.push(code),
      onWaiting: (now) => told.push(now.join()),
      onSlow: (now) => (asked.push(now.join()), answer),
      clock,
      logger: silentLogger,
    })
    let held = 0
    const quit = () => shutdown.onBeforeQuit({ preventDefault: () => held++ })
    return { clock, exits, shutdown, quit, told, asked, decide, held: () => held, enter: (stage: string) => (stages = [stage]) }
  }
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }

  it('holds the quit back until the nodes have stopped, once', async () => {
    const stopped = Promise.withResolvers<void>()
    let stops = 0
    const { quit, exits, held, told, shutdown } = setUp(() => (stops++, stopped.promise))
    expect(shutdown.isUnderWay).toBe(false)
    quit()
    quit()
    await settle()
    expect([held(), stops, told, exits, shutdown.isUnderWay]).toEqual([2, 1, ['Development: rpc'], [], true])
    stopped.resolve()
    await settle()
    expect(exits).toEqual([0])
    quit()
    expect(held()).toBe(2)
  })

  it('gives up where one stage does not end, and says which', async () => {
    const { quit, exits, clock, told, asked, enter } = setUp(() => new Promise(() => undefined))
    quit()
    clock.advance(2_000)
    enter('Development: network')
    clock.advance(1_000)
    expect(told).toEqual(['Development: rpc', 'Development: network'])
    clock.advance(PATIENCE_MS)
    expect(asked).toEqual(['Development: network'])
    clock.advance(STAGE_TIME_LIMIT_MS)
    await settle()
    expect([exits, asked.length]).toEqual([[1], 1])
  })

  it('does not wait for ever, whatever stages there are', async () => {
    const { quit, exits, clock, enter } = setUp(() => new Promise(() => undefined))
    quit()
    for (let at = 0; at < STOP_TIME_LIMIT_MS - 1_000; at += 1_000) {
      enter(`stage ${at}`)
      clock.advance(1_000)
    }
    expect(exits).toEqual([])
    clock.advance(1_000)
    expect(exits).toEqual([1])
  })

  it('ends at once where the person does not want to wait', async () => {
    const { quit, exits, clock, decide } = setUp(() => new Promise(() => undefined))
    quit()
    clock.advance(PATIENCE_MS)
    decide(true)
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
