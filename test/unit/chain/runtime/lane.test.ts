/** The main side of an executor thread, with a thread that is a puppet and a clock that is turned by hand. */
import { describe, expect, test } from 'vitest'
import { ROOT, call, code, methods, setUp, started, type PuppetThread } from './puppet-lane.ts'

test('requests go out one at a time, in order', async () => {
  const { lane, threads } = await started()
  const results = [call(lane, 'a'), call(lane, 'b')]
  expect(methods(threads[0]!)).toEqual(['a'])
  threads[0]!.answer(Uint8Array.of(1))
  expect(methods(threads[0]!)).toEqual(['a', 'b'])
  threads[0]!.answer(Uint8Array.of(2))
  expect(await Promise.all(results)).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
})

test('is idle when what runs and what waits is answered', async () => {
  const { lane, threads } = await started()
  let isIdle = false
  await lane.idle()
  const results = [call(lane, 'a'), call(lane, 'b')]
  const idle = lane.idle().then(() => (isIdle = true))
  threads[0]!.answer(new Uint8Array(1))
  await results[0]
  expect(isIdle).toBe(false)
  threads[0]!.answer(new Uint8Array(1))
  await idle
  expect(isIdle).toBe(true)
})

test('what an answer cost is what its thread says, however long the clock says it took', async () => {
  const { lane, threads, clock } = await started()
  const answer = lane.request('readProof', { stateRoot: ROOT, keys: new Uint8Array(1), childKey: null, maxBytes: 1 }, 60_000)
  clock.advance(30_000)
  threads[0]!.say({ kind: 'result', id: 1, result: new Uint8Array(1), workMs: 3 })
  expect((await answer).workMs).toBe(3)
})

test('errors arrive with code, data and hint', async () => {
  const { lane, threads } = await started()
  const result = call(lane, 'a')
  threads[0]!.say({ kind: 'error', id: 1, error: { code: 'RUNTIME_TRAP', message: 'no', hint: 'do', data: { panic: 'p' } } })
  await expect(result).rejects.toMatchObject({ code: 'RUNTIME_TRAP', message: 'no', hint: 'do', data: { panic: 'p' } })
})

describe('a call that takes too long', () => {
  test('fails, its worker is ended, and the next worker gets what waited', async () => {
    const { lane, threads, clock } = await started()
    const slow = expect(call(lane, 'slow', 100)).rejects.toThrow(code('RUNTIME_TIMEOUT'))
    const next = call(lane, 'next')
    clock.advance(99)
    expect(threads[0]!.terminated).toBe(false)
    clock.advance(1)
    await slow
    expect(threads[0]!.terminated).toBe(true)
    threads[1]!.say({ kind: 'ready' })
    threads[1]!.answer(Uint8Array.of(5))
    expect(await next).toEqual(Uint8Array.of(5))
  })

  test('takes blocks under construction with it', async () => {
    const { lane, threads, clock } = await started()
    const slow = expect(call(lane, 'slow', 100, 1)).rejects.toThrow(code('RUNTIME_TIMEOUT'))
    const tied = expect(call(lane, 'tied', 100, 1)).rejects.toThrow(code('RUNTIME_STOPPED'))
    clock.advance(100)
    await slow
    threads[1]!.say({ kind: 'ready' })
    await tied
    expect(threads[1]!.requests).toEqual([])
  })

  test('is measured from when it runs, not from when it waits', async () => {
    const { lane, threads, clock } = await started()
    const first = call(lane, 'first', 100)
    const second = call(lane, 'second', 100)
    clock.advance(90)
    threads[0]!.answer(Uint8Array.of(1))
    clock.advance(90)
    threads[0]!.answer(Uint8Array.of(2))
    expect(await Promise.all([first, second])).toHaveLength(2)
  })

  test('cannot answer late', async () => {
    const { lane, threads, clock } = await started()
    const slow = expect(call(lane, 'slow', 100)).rejects.toThrow(code('RUNTIME_TIMEOUT'))
    const next = call(lane, 'next')
    clock.advance(100)
    threads[1]!.say({ kind: 'ready' })
    threads[0]!.say({ kind: 'result', id: 2, result: Uint8Array.of(66), workMs: 0 })
    threads[1]!.answer(Uint8Array.of(7))
    await slow
    expect(await next).toEqual(Uint8Array.of(7))
  })
})

describe('a worker that dies', () => {
  test('fails the running call only', async () => {
    const { lane, threads } = await started()
    const victim = expect(call(lane, 'victim')).rejects.toThrow(code('RUNTIME_TRAP'))
    const next = call(lane, 'next')
    threads[0]!.die(new Error('boom'))
    await victim
    threads[1]!.say({ kind: 'ready' })
    threads[1]!.answer(Uint8Array.of(3))
    expect(await next).toEqual(Uint8Array.of(3))
  })

  test('of memory exhaustion says so', async () => {
    const { lane, threads } = await started()
    const victim = expect(call(lane, 'victim')).rejects.toThrow(code('RUNTIME_OUT_OF_MEMORY'))
    threads[0]!.die(Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }))
    await victim
  })

  test('before it is ready fails the start', async () => {
    const { lane, threads } = setUp()
    const start = expect(lane.start()).rejects.toThrow(code('RUNTIME_STOPPED'))
    threads[0]!.die(new Error('no database'))
    await start
    expect(threads).toHaveLength(1)
  })

  test('before it is ready does not come back again and again', async () => {
    const { lane, threads } = await started()
    threads[0]!.die(new Error('boom'))
    const waiting = [call(lane, 'a'), call(lane, 'b')].map((result) => expect(result).rejects.toThrow(code('RUNTIME_TRAP')))
    threads[1]!.die(new Error('boom'))
    await Promise.all(waiting)
    expect(threads).toHaveLength(2)
  })

  test('because it does not get ready counts as dead', async () => {
    const { lane, clock } = setUp()
    const start = expect(lane.start()).rejects.toThrow(code('RUNTIME_STOPPED'))
    clock.advance(1000)
    await start
  })
})

test('a full queue refuses', async () => {
  const { lane, threads } = await started({ maxQueue: 1 })
  const kept = [call(lane, 'running'), call(lane, 'waiting')]
  await expect(call(lane, 'surplus')).rejects.toThrow(code('RUNTIME_TIMEOUT'))
  threads[0]!.answer(Uint8Array.of(1))
  threads[0]!.answer(Uint8Array.of(1))
  expect(await Promise.all(kept)).toHaveLength(2)
})

describe('stop', () => {
  test('waits for a thread that opens the database, and has it closed', async () => {
    const { lane, threads } = setUp()
    const start = lane.start()
    const stop = lane.stop()
    await new Promise((resolve) => setImmediate(resolve))
    expect(threads[0]!.terminated).toBe(false)
    threads[0]!.say({ kind: 'ready' })
    await start
    await new Promise((resolve) => setImmediate(resolve))
    expect(threads[0]!.requests.map(({ name }) => name)).toEqual(['close'])
    threads[0]!.answer(new Uint8Array())
    await stop
    expect(threads[0]!.terminated).toBe(true)
  })

  test('does not wait for long for a thread that never gets ready', async () => {
    const { lane, threads, clock } = setUp()
    void lane.start().catch(() => undefined)
    const stop = lane.stop()
    clock.advance(500)
    await stop
    expect(threads[0]!.terminated).toBe(true)
    expect(threads[0]!.requests).toEqual([])
  })

  test('finishes what runs, fails what waits, and refuses what comes', async () => {
    const { lane, threads } = await started()
    const running = call(lane, 'running')
    const waiting = expect(call(lane, 'waiting')).rejects.toThrow(code('RUNTIME_STOPPED'))
    const stop = lane.stop()
    await waiting
    await expect(call(lane, 'late')).rejects.toThrow(code('RUNTIME_STOPPED'))
    expect(threads[0]!.terminated).toBe(false)
    threads[0]!.answer(Uint8Array.of(9))
    expect(await running).toEqual(Uint8Array.of(9))
    await Promise.resolve()
    await Promise.resolve()
    expect(methods(threads[0]!)).toEqual(['running', 'close'])
    threads[0]!.answer(new Uint8Array(0))
    await stop
    expect(threads[0]!.terminated).toBe(true)
    await lane.stop()
  })

  test('waits for a bounded time', async () => {
    const { lane, threads, clock } = await started()
    const running = expect(call(lane, 'running', 10_000)).rejects.toThrow(code('RUNTIME_STOPPED'))
    const stop = lane.stop()
    clock.advance(500)
    await stop
    await running
    expect(threads[0]!.terminated).toBe(true)
  })
})

describe('a thread that is told to close', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  async function closing() {
    const all = await started()
    const stop = all.lane.stop()
    await turn()
    expect(methods(all.threads[0]!)).toEqual(['close'])
    return { ...all, stop, thread: all.threads[0]! }
  }

  // In one turn, as Node delivers what a thread says last and its end.
  test.each([
    ['answers and ends', (thread: PuppetThread) => (thread.answer(new Uint8Array(0)), thread.exit(0))],
    ['ends and answers', (thread: PuppetThread) => (thread.exit(0), thread.answer(new Uint8Array(0)))],
    ['ends without an answer', (thread: PuppetThread) => thread.exit(0)],
    ['is ended by force', (thread: PuppetThread) => thread.exit(1)],
  ] as const)('%s: no error, and the lane is stopped', async (_, end) => {
    const { stop, thread, threads, complaints } = await closing()
    end(thread)
    await stop
    expect(complaints).toEqual([])
    expect(threads).toHaveLength(1)
  })

  test('and throws instead is a warning', async () => {
    const { stop, thread, complaints } = await closing()
    thread.die(new Error('no disk'))
    await stop
    expect(complaints).toEqual(['an executor thread failed while it was stopped'])
  })

  test('and hangs is ended when its time is over', async () => {
    const { stop, thread, clock, complaints } = await closing()
    clock.advance(500)
    await stop
    expect(thread.terminated).toBe(true)
    expect(complaints).toEqual([])
  })

  test('while one that ends unasked is an error, also with exit code 0', async () => {
    const { threads, complaints } = await started()
    threads[0]!.exit(0)
    expect(complaints).toEqual(['the test executor thread ended: exit code 0'])
  })
})

describe('a lane that is not always needed', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  test('has no thread before the first request, and lets it go after a while without one', async () => {
    const { lane, threads, clock, complaints } = setUp({ idleMs: 60_000 })
    expect(threads).toHaveLength(0)
    const first = call(lane, 'first')
    threads[0]!.say({ kind: 'ready' })
    threads[0]!.answer(Uint8Array.of(1))
    await first
    clock.advance(59_999)
    const second = call(lane, 'second')
    threads[0]!.answer(Uint8Array.of(2))
    await second
    clock.advance(59_999)
    expect(methods(threads[0]!)).toEqual(['first', 'second'])
    clock.advance(1)
    expect(methods(threads[0]!)).toEqual(['first', 'second', 'close'])
    threads[0]!.answer(new Uint8Array(0))
    threads[0]!.exit(0)
    await turn()
    expect(threads[0]!.terminated).toBe(true)

    const third = call(lane, 'third')
    threads[1]!.say({ kind: 'ready' })
    threads[1]!.answer(Uint8Array.of(3))
    expect(await third).toEqual(Uint8Array.of(3))
    expect(complaints).toEqual([])
  })

  test('takes a request while the idle thread closes', async () => {
    const { lane, threads, clock } = await started({ idleMs: 10 })
    clock.advance(10)
    const next = call(lane, 'next')
    threads[0]!.answer(new Uint8Array(0))
    threads[0]!.exit(0)
    threads[1]!.say({ kind: 'ready' })
    threads[1]!.answer(Uint8Array.of(1))
    expect(await next).toEqual(Uint8Array.of(1))
  })

  test('waits for an idle thread that closes when it is stopped', async () => {
    const { lane, threads, clock } = await started({ idleMs: 10 })
    clock.advance(10)
    let over = false
    const stop = lane.stop().then(() => (over = true))
    await turn()
    expect(over).toBe(false)
    threads[0]!.answer(new Uint8Array(0))
    await stop
  })

  test('gives it the time that the computer takes to end it, however fast the clock goes', async () => {
    const { lane, threads, clock, complaints } = await started({ idleMs: 10 })
    const end = Promise.withResolvers<number>()
    threads[0]!.terminate = () => end.promise
    clock.advance(10)
    threads[0]!.answer(new Uint8Array(0))
    await turn()
    clock.advance(60_000)
    await turn()
    end.resolve(1)
    await lane.stop()
    expect(complaints).toEqual([])
  })

  test('is stopped without ever having had one', async () => {
    const { lane, threads } = setUp({ idleMs: 10 })
    await lane.stop()
    expect(threads).toHaveLength(0)
    await expect(call(lane, 'late')).rejects.toThrow(code('RUNTIME_STOPPED'))
  })
})
