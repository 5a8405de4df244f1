/** A lane that sends requests ahead of the one that runs. */
import { expect, test } from 'vitest'
import { call, code, methods, started, type PuppetThread } from './puppet-lane.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const answerOf = (thread: PuppetThread, id: number, byte: number): void => thread.say({ kind: 'result', id, result: Uint8Array.of(byte), workMs: 0 })

test('has so many requests lie at the worker beside the one that runs, and those of one turn cross together', async () => {
  const { lane, threads } = await started({ ahead: 2 })
  const results = ['a', 'b', 'c', 'd'].map((method) => call(lane, method))
  await turn()
  expect([methods(threads[0]!), threads[0]!.messages]).toEqual([['a', 'b', 'c'], 2])
  answerOf(threads[0]!, 1, 1)
  await results[0]
  await turn()
  expect(methods(threads[0]!)).toEqual(['a', 'b', 'c', 'd'])
  for (const id of [2, 3, 4]) answerOf(threads[0]!, id, id)
  expect((await Promise.all(results)).map(([byte]) => byte)).toEqual([1, 2, 3, 4])
  await lane.idle()
})

test('gives away what runs, and copies what may have to be asked again', async () => {
  const { lane, threads } = await started({ ahead: 2 })
  const results = [call(lane, 'a'), call(lane, 'b')]
  await turn()
  expect(threads[0]!.transferred).toEqual([1, 0])
  for (const id of [1, 2]) answerOf(threads[0]!, id, id)
  await Promise.all(results)
})

test('measures each from when those before it are answered', async () => {
  const { lane, threads, clock } = await started({ ahead: 2 })
  const [first, second] = [call(lane, 'first', 100), call(lane, 'second', 100)]
  await turn()
  clock.advance(90)
  answerOf(threads[0]!, 1, 1)
  await first
  clock.advance(99)
  expect(threads[0]!.terminated).toBe(false)
  const late = expect(second).rejects.toThrow(code('RUNTIME_TIMEOUT'))
  clock.advance(1)
  await late
})

test('asks another worker what the one that died had not begun, in the same order', async () => {
  const { lane, threads } = await started({ ahead: 3 })
  const [victim, ...others] = ['victim', 'b', 'c', 'd', 'e'].map((method) => call(lane, method))
  await turn()
  threads[0]!.die(new Error('boom'))
  await expect(victim).rejects.toThrow(code('RUNTIME_TRAP'))
  threads[1]!.say({ kind: 'ready' })
  await turn()
  expect(methods(threads[1]!)).toEqual(['b', 'c', 'd', 'e'])
  for (const { id } of threads[1]!.requests) answerOf(threads[1]!, id, id)
  await Promise.all(others)
})

test('fails all of it when it is stopped in the middle', async () => {
  const { lane, threads, clock } = await started({ ahead: 3 })
  const results = ['a', 'b', 'c'].map((method) => expect(call(lane, method, 10_000)).rejects.toThrow(code('RUNTIME_STOPPED')))
  const stop = lane.stop()
  clock.advance(500)
  await Promise.all(results)
  await stop
  expect(threads[0]!.terminated).toBe(true)
})
