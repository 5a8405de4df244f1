import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import type { UpdatesKeeper, UpdateState } from '../../../node-core/api/app/update-types.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Emitter } from '../../../node-core/base/events.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const IDLE: UpdateState = { phase: { kind: 'idle' }, checkedAt: undefined, notes: '', outcome: undefined }

class FakeUpdates implements UpdatesKeeper {
  readonly events = new Emitter<{ changed: UpdateState }>()
  readonly asked: string[] = []
  state = IDLE
  check = (): void => void this.asked.push('check')
  restart = (): void => void this.asked.push('restart')

  become(state: UpdateState): void {
    this.state = state
    this.events.emit('changed', state)
  }
}

function setUp(updates?: FakeUpdates) {
  const clock = new FakeClock(1_000_000)
  const abort = new AbortController()
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  return { clock, abort, caller: appRouter.createCaller({ manager: new FakeManager({ clock }), app, clock, updates }, { signal: abort.signal }) }
}

describe('updates', () => {
  it('are told as they are, then as they change, until the client goes', async () => {
    const updates = new FakeUpdates()
    const { clock, abort, caller } = setUp(updates)
    const states = (await caller.updates.watch())[Symbol.asyncIterator]() as AsyncIterator<UpdateState | null>
    expect((await states.next()).value).toEqual(IDLE)
    const next = states.next()
    updates.become({ ...IDLE, phase: { kind: 'ready', version: '2.0.0' } })
    clock.advance(100)
    expect((await next).value).toMatchObject({ phase: { kind: 'ready', version: '2.0.0' } })
    abort.abort()
    expect((await states.next()).done).toBe(true)
    expect(updates.events.listenerCount('changed')).toBe(0)
  })

  it('are looked for and installed when asked', async () => {
    const updates = new FakeUpdates()
    const { caller } = setUp(updates)
    await caller.updates.check()
    await caller.updates.restart()
    expect(updates.asked).toEqual(['check', 'restart'])
  })

  it('are none for a node from the command line, which says what to do', async () => {
    const { caller } = setUp()
    const states = (await caller.updates.watch())[Symbol.asyncIterator]() as AsyncIterator<UpdateState | null>
    expect((await states.next()).value).toBeNull()
    await expect(caller.updates.check()).rejects.toMatchObject({ cause: { code: 'UPDATE_NOT_HERE', hint: expect.stringContaining('npm') } })
  })
})
