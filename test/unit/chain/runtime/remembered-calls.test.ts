/** What is kept of runtime calls, and for how long. */
import { expect, test } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { RememberedCalls } from '../../../../node-core/chain/runtime/threads/remembered-calls.ts'

const [A, B]: [Hash, Hash] = [`0x${'aa'.repeat(32)}`, `0x${'bb'.repeat(32)}`]
const ARGS = Uint8Array.of(1, 2)

/** Asks, and tells how often it was really asked. */
class Counting {
  readonly calls: RememberedCalls
  asked = 0
  next: () => Promise<Uint8Array> = async () => Uint8Array.of(this.asked)

  constructor(limitBytes?: number) {
    this.calls = new RememberedCalls(limitBytes)
  }

  ask(root: Hash = A, method = 'Api_a', args = ARGS): Promise<Uint8Array> {
    return this.calls.answer(root, method, args, () => {
      this.asked++
      return this.next()
    })
  }
}

test('the same call is made once; another state, function or argument is another call', async () => {
  const counting = new Counting()
  const first = await counting.ask()
  expect(await counting.ask(A, 'Api_a', ARGS.slice())).toBe(first)
  expect(counting.asked).toBe(1)
  await counting.ask(B)
  await counting.ask(A, 'Api_b')
  await counting.ask(A, 'Api_a', Uint8Array.of(1))
  expect(counting.asked).toBe(4)
  expect(await counting.ask()).toBe(first)
})

test('what is being asked for is asked once, and failures are not kept', async () => {
  const counting = new Counting()
  counting.next = () => Promise.reject(new Error('trapped'))
  const failed = await Promise.allSettled([counting.ask(), counting.ask()])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(counting.asked).toBe(1)
  counting.next = async () => ARGS
  expect(await counting.ask()).toBe(ARGS)
  expect(counting.asked).toBe(2)
})

test('memory is bounded: the oldest go, long arguments and long answers are not kept', async () => {
  const counting = new Counting(4096)
  for (let i = 0; i < 100; i++) await counting.ask(A, 'Api_a', Uint8Array.of(i))
  expect(counting.calls.bytes).toBeLessThanOrEqual(4096)
  expect(counting.calls.bytes).toBeGreaterThan(0)
  await counting.ask(A, 'Api_a', Uint8Array.of(99))
  expect(counting.asked).toBe(100)
  await counting.ask(A, 'Api_a', Uint8Array.of(0))
  expect(counting.asked).toBe(101)

  const large = new Counting()
  for (let i = 0; i < 2; i++) await large.ask(A, 'Api_a', new Uint8Array(1025))
  large.next = async () => new Uint8Array(2 * 1024 * 1024 + 1)
  for (let i = 0; i < 2; i++) await large.ask()
  expect(large.asked).toBe(4)
  expect(large.calls.bytes).toBe(0)
})

test('what was forgotten while it was asked for is not kept; what the asking itself made forget is', async () => {
  const counting = new Counting()
  const { promise, resolve } = Promise.withResolvers<Uint8Array>()
  counting.next = () => promise
  const asked = counting.ask()
  counting.calls.forget()
  resolve(ARGS)
  expect(await asked).toBe(ARGS)
  counting.next = async () => {
    counting.calls.forget()
    return ARGS
  }
  await counting.ask()
  await counting.ask()
  expect(counting.asked).toBe(2)
})
