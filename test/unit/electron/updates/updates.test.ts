import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UpdateRecord } from '../../../../electron/updates/update-record.ts'
import { CHECK_INTERVAL_MS, FIRST_CHECK_MS, RETRY_INTERVAL_MS, STALL_LIMIT_MS, Updates, type FoundUpdate, type UpdateEngine } from '../../../../electron/updates/updates.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'

const FOUND: FoundUpdate = { version: '0.2.0', notes: 'Better.', bytes: 1000 }

class FakeEngine implements UpdateEngine {
  found: FoundUpdate | undefined
  checkError: Error | undefined
  installError: Error | undefined
  readonly done: string[] = []
  progress: (bytes: number) => void = () => undefined
  finish: () => void = () => undefined
  fail: (error: unknown) => void = () => undefined

  check(byHand: boolean): Promise<FoundUpdate | undefined> {
    this.done.push(`check${byHand ? ' by hand' : ''}`)
    return this.checkError === undefined ? Promise.resolve(this.found) : Promise.reject(this.checkError)
  }

  download(onProgress: (bytes: number) => void): { done: Promise<void>; cancel: () => void } {
    this.progress = onProgress
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.finish = resolve
    this.fail = reject
    return { done: promise, cancel: () => reject(new Error('cancelled')) }
  }

  install(restart: boolean): 'installed' {
    if (this.installError !== undefined) throw this.installError
    this.done.push(`install${restart ? ' and restart' : ''}`)
    return 'installed'
  }

  startAgain(): void {
    this.done.push('start again')
  }
}

let folder: string
let clock: FakeClock
let engine: FakeEngine
let told: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodestead-updates-'))
  clock = new FakeClock(1_000_000)
  engine = new FakeEngine()
  told = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const record = (): UpdateRecord => new UpdateRecord(join(folder, 'updates.json'))
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function make(version = '0.1.0', off?: 'no-feed'): Updates {
  return new Updates(
    {
      clock, logger: silentLogger, record: record(),
      openEngine: () => Promise.resolve(engine),
      onReady: (ready) => told.push(`ready ${ready}`),
      running: () => ['dev'],
      quit: () => told.push('quit'),
    },
    { version, off },
  )
}

async function ready(): Promise<Updates> {
  engine.found = FOUND
  const updates = make()
  updates.check()
  await settle()
  engine.finish()
  await settle()
  expect(updates.state.phase).toEqual({ kind: 'ready', version: '0.2.0' })
  return updates
}

describe('updates', () => {
  it('are looked for a while after the start, and every six hours', async () => {
    const updates = make()
    updates.start()
    clock.advance(FIRST_CHECK_MS - 1)
    expect(engine.done).toEqual([])
    clock.advance(1)
    await settle()
    expect(engine.done).toEqual(['check'])
    expect(updates.state).toMatchObject({ phase: { kind: 'idle' }, checkedAt: 1_000_000 + FIRST_CHECK_MS })
    clock.advance(CHECK_INTERVAL_MS)
    await settle()
    expect(engine.done).toEqual(['check', 'check'])
    updates.stop()
    clock.advance(CHECK_INTERVAL_MS)
    expect(engine.done).toHaveLength(2)
  })

  it('are not looked for where this build says none', () => {
    const updates = make('0.1.0', 'no-feed')
    updates.start()
    updates.check()
    clock.advance(CHECK_INTERVAL_MS)
    expect(engine.done).toEqual([])
    expect(updates.state.phase).toEqual({ kind: 'off', reason: 'no-feed' })
  })

  it('are tried again within the hour after a failure, which is shown', async () => {
    engine.checkError = new NodeError('UPDATE_BAD_SIGNATURE', 'Not signed by us.')
    const updates = make()
    updates.start()
    clock.advance(FIRST_CHECK_MS)
    await settle()
    expect(updates.state.phase).toEqual({ kind: 'failed', problem: { code: 'UPDATE_BAD_SIGNATURE', message: 'Not signed by us.', hint: undefined } })
    engine.checkError = undefined
    clock.advance(RETRY_INTERVAL_MS)
    await settle()
    expect(updates.state.phase.kind).toBe('idle')
  })

  it('are downloaded, told once, and installed when the app ends', async () => {
    engine.found = FOUND
    const updates = make()
    updates.check()
    updates.check()
    await settle()
    expect(engine.done).toEqual(['check by hand'])
    clock.advance(1000)
    engine.progress(500)
    expect(updates.state.phase).toEqual({ kind: 'downloading', version: '0.2.0', doneBytes: 500, totalBytes: 1000 })
    engine.finish()
    await settle()
    expect(told).toEqual(['ready 0.2.0'])
    expect(updates.state.notes).toBe('Better.')
    expect(updates.onExit(0)).toBe(true)
    expect(engine.done).toEqual(['check by hand', 'install'])
    expect(make('0.2.0').state.outcome).toEqual({ from: '0.1.0', to: '0.2.0', succeeded: true, reason: undefined })
  })

  it('stop the nodes first when asked for now, and start them afterwards', async () => {
    const updates = await ready()
    updates.restart()
    expect(told).toEqual(['ready 0.2.0', 'quit'])
    expect(engine.done).not.toContain('install and restart')
    updates.onExit(0)
    expect(engine.done).toContain('install and restart')
    const after = make('0.2.0')
    expect(after.finished).toMatchObject({ succeeded: true, running: ['dev'] })
    expect(make('0.2.0').finished).toBeUndefined()
  })

  it('leave the old version where installing fails, start it again, and say why', async () => {
    const updates = await ready()
    engine.installError = new Error('The disk is read-only.')
    updates.restart()
    expect(updates.onExit(0)).toBe(true)
    expect(engine.done.at(-1)).toBe('start again')
    const after = make('0.1.0')
    expect(after.state.outcome).toEqual({ from: '0.1.0', to: '0.2.0', succeeded: false, reason: 'The disk is read-only.' })
    expect(after.finished?.running).toEqual(['dev'])
  })

  it('are not installed over nodes that did not stop cleanly', async () => {
    const updates = await ready()
    expect(updates.onExit(1)).toBe(true)
    expect(engine.done).not.toContain('install')
    expect(make().state.outcome).toMatchObject({ succeeded: false })
  })

  it('are given up where nothing comes any more', async () => {
    engine.found = FOUND
    const updates = make()
    updates.check()
    await settle()
    clock.advance(STALL_LIMIT_MS - 1)
    engine.progress(10)
    clock.advance(STALL_LIMIT_MS - 1)
    expect(updates.state.phase.kind).toBe('downloading')
    clock.advance(1)
    await settle()
    expect(updates.state.phase).toMatchObject({ kind: 'failed', problem: { code: 'UPDATE_DOWNLOAD_STALLED' } })
  })

  it('are cut off where more comes than was signed', async () => {
    engine.found = FOUND
    const updates = make()
    updates.check()
    await settle()
    engine.progress(1001)
    await settle()
    expect(updates.state.phase).toMatchObject({ kind: 'failed', problem: { code: 'UPDATE_TOO_LONG' } })
  })

  it('cannot be installed before they are there', () => {
    expect(() => make().restart()).toThrow(expect.objectContaining({ code: 'UPDATE_NOT_READY' }))
  })
})

describe('the record of updates', () => {
  it('remembers the newest offer of each channel', () => {
    const first = record()
    first.see('stable', '0.3.0')
    first.see('stable', '0.2.0')
    first.see('preview', '0.4.0-beta.1')
    expect([record().seen('stable'), record().seen('preview')]).toEqual(['0.3.0', '0.4.0-beta.1'])
  })

  it('draws its lot once', () => {
    const draw = (): string => String(Math.random())
    const lot = record().lot(draw)
    expect(record().lot(draw)).toBe(lot)
  })

  it('begins anew where it is damaged', () => {
    writeFileSync(join(folder, 'updates.json'), '{"seen": 5')
    expect(record().seen('stable')).toBeUndefined()
    record().see('stable', '0.2.0')
    expect(JSON.parse(readFileSync(join(folder, 'updates.json'), 'utf8'))).toEqual({ seen: { stable: '0.2.0' } })
  })
})
