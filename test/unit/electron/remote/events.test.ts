/** Subscriptions at another node: at the window's pace, bounded, begun anew where the window does not keep up. */
import { describe, expect, it } from 'vitest'
import { eventsOf, MAX_WAITING_CHARACTERS, MAX_WAITING_EVENTS, type EventSink } from '../../../../electron/remote/events.ts'

function source() {
  const sinks: EventSink[] = []
  let ended = 0
  const abort = new AbortController()
  const events = eventsOf((sink) => {
    sinks.push(sink)
    return { unsubscribe: () => (ended++, sink.end()) }
  }, abort.signal)
  return { events, abort, sinks, ended: () => ended, newest: () => sinks.at(-1) as EventSink }
}

describe('eventsOf', () => {
  it('gives what comes in its order, then the end', async () => {
    const { events, newest, ended } = source()
    const first = events.next()
    newest().data('a', 1)
    newest().data('b', 1)
    newest().end()
    expect([await first, await events.next(), await events.next()]).toEqual([{ value: 'a', done: false }, { value: 'b', done: false }, { value: undefined, done: true }])
    expect(ended()).toBe(1)
  })

  it('throws what the other node answers in its place', async () => {
    const { events, newest } = source()
    const first = events.next()
    newest().error(new Error('no such network'))
    await expect(first).rejects.toThrow('no such network')
  })

  it('ends with its signal, and with whoever lets go of it', async () => {
    const one = source()
    const waiting = one.events.next()
    one.abort.abort()
    expect(await waiting).toEqual({ value: undefined, done: true })
    const two = source()
    const first = two.events.next()
    two.newest().data('a', 1)
    await first
    await two.events.return()
    expect([one.ended(), two.ended()]).toEqual([1, 1])
  })

  it.each([
    ['events', MAX_WAITING_EVENTS + 1, 1],
    ['characters', 3, MAX_WAITING_CHARACTERS / 2],
  ])('begins anew where too many %s wait, with how things are then', async (_what, count, size) => {
    const { events, sinks, newest, ended } = source()
    const first = events.next()
    newest().data('first', 1)
    await first
    for (let i = 0; i < count; i++) newest().data(`old ${i}`, size)
    expect(ended()).toBe(1)
    // Nothing more is taken in before somebody asks for it.
    newest().data('late', 1)
    expect(sinks).toHaveLength(1)
    const next = events.next()
    await Promise.resolve()
    expect(sinks).toHaveLength(2)
    newest().data('anew', 1)
    expect(await next).toEqual({ value: 'anew', done: false })
  })
})
