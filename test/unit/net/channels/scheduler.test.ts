import { expect, test } from 'vitest'
import type { ChannelClass } from '../../../../node-core/net/channels/frames/frames.ts'
import { QUANTUM, Scheduler } from '../../../../node-core/net/channels/session/scheduler.ts'

interface Member {
  readonly name: string
  readonly class: ChannelClass
}

function member(name: string, cls: ChannelClass): Member {
  return { name, class: cls }
}

/** Sends frames of a length by turns, and counts bytes by name. */
function run(scheduler: Scheduler<Member>, frames: number, length: (member: Member) => number): Map<string, number> {
  const bytes = new Map<string, number>()
  for (let i = 0; i < frames; i++) {
    const next = scheduler.pick()
    if (next === undefined) break
    bytes.set(next.name, (bytes.get(next.name) ?? 0) + length(next))
    scheduler.spent(next, length(next))
  }
  return bytes
}

test('members of a class share by bytes, however long their frames are', () => {
  const scheduler = new Scheduler<Member>()
  const members = [member('short', 'normal'), member('long', 'normal'), member('middle', 'normal')]
  for (const each of members) scheduler.ready(each, each.class)
  const lengths: Record<string, number> = { short: 100, long: 64 * 1024, middle: 5000 }
  const bytes = run(scheduler, 100_000, ({ name }) => lengths[name] as number)
  const [most, least] = [Math.max(...bytes.values()), Math.min(...bytes.values())]
  expect(most - least).toBeLessThanOrEqual(2 * 64 * 1024)
})

test('classes share 16 to 4 to 1 where all have something to send', () => {
  const scheduler = new Scheduler<Member>()
  for (const cls of ['bulk', 'control', 'normal'] as const) scheduler.ready(member(cls, cls), cls)
  const bytes = run(scheduler, 21_000, () => 1024)
  expect((bytes.get('control') ?? 0) / (bytes.get('bulk') ?? 1)).toBeCloseTo(16, 0)
  expect((bytes.get('normal') ?? 0) / (bytes.get('bulk') ?? 1)).toBeCloseTo(4, 0)
})

test('control goes next, whatever the others have sent', () => {
  const scheduler = new Scheduler<Member>()
  const [bulk, control] = [member('bulk', 'bulk'), member('control', 'control')]
  scheduler.ready(bulk, 'bulk')
  for (let i = 0; i < 50; i++) {
    run(scheduler, 7, () => 9000)
    scheduler.ready(control, 'control')
    expect(scheduler.pick()).toBe(control)
    scheduler.spent(control, 200)
    scheduler.idle(control)
    expect(scheduler.pick()).toBe(bulk)
  }
})

test('a class that comes back does not get what it left unused', () => {
  const scheduler = new Scheduler<Member>()
  const [bulk, normal] = [member('bulk', 'bulk'), member('normal', 'normal')]
  scheduler.ready(bulk, 'bulk')
  run(scheduler, 10_000, () => QUANTUM)
  scheduler.ready(normal, 'normal')
  const bytes = run(scheduler, 20, () => QUANTUM)
  expect(bytes.get('bulk')).toBeGreaterThanOrEqual(3 * QUANTUM)
})

test('only a named class is picked where one is named, and nobody who is idle or gone', () => {
  const scheduler = new Scheduler<Member>()
  const [bulk, normal] = [member('bulk', 'bulk'), member('normal', 'normal')]
  scheduler.ready(bulk, 'bulk')
  scheduler.ready(normal, 'normal')
  expect(scheduler.pick('control')).toBeUndefined()
  expect(scheduler.pick('bulk')).toBe(bulk)
  scheduler.idle(normal)
  expect(scheduler.pick()).toBe(bulk)
  scheduler.remove(bulk)
  expect(scheduler.pick()).toBeUndefined()
})
