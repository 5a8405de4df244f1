/** Events of the net: a queue that holds nobody, channels that move, and what a program may hear. */
import { describe, expect, it } from 'vitest'
import { ChannelWatch } from '../../../../node-core/net/channels/channel-events.ts'
import type { Channel, ChannelState } from '../../../../node-core/net/channels/types.ts'
import { EventQueue } from '../../../../node-core/net/events/event-queue.ts'
import type { NetEvent } from '../../../../node-core/net/events/net-events.ts'
import { ScopeSet } from '../../../../node-core/net/ipc/scopes.ts'
import { mayHear } from '../../../../node-core/net/ipc/session/events.ts'

const gone = (peer: string): NetEvent => ({ kind: 'peer-disconnected', peer })
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a listener that is slow', () => {
  it('loses its own oldest events, is told how many, and holds nobody', async () => {
    const heard: string[] = []
    let go: () => void = () => undefined
    const handler = async (event: NetEvent, lost: number): Promise<void> => {
      heard.push(`${event.peer} ${lost}`)
      await new Promise<void>((resolve) => (go = resolve))
    }
    const queue = new EventQueue({ handler, onError: () => undefined }, 3)
    queue.push(gone('a'))
    // Nothing is handed over where it happens.
    expect(heard).toEqual([])
    await settle()
    for (const peer of ['b', 'c', 'd', 'e', 'f']) queue.push(gone(peer))
    for (let i = 0; i < 4; i++) {
      go()
      await settle()
    }
    expect(heard).toEqual(['a 0', 'd 2', 'e 0', 'f 0'])
  })

  it('hears the next where it fails with one, and nothing more when it has ended', async () => {
    const [heard, errors]: [string[], unknown[]] = [[], []]
    const queue = new EventQueue({ handler: ({ peer }) => { heard.push(peer); throw new Error(peer) }, onError: (error) => errors.push(error) })
    queue.push(gone('a'))
    queue.push(gone('b'))
    await settle()
    queue.push(gone('c'))
    queue.close()
    queue.push(gone('d'))
    await settle()
    expect([heard, errors.length]).toEqual([['a', 'b'], 2])
  })
})

describe('channels', () => {
  const channel = (id: string, path: ChannelState['path'], closed: Promise<undefined>): Channel =>
    ({ closed, state: { id, peer: 'ada', service: 'chat', class: 'normal', direction: 'inbound', open: true, phase: 'open', found: 'inbound', path } }) as unknown as Channel

  it('are told to have moved when their session goes from a relayed path to a direct one, also over a gap, and never back', async () => {
    const watch = new ChannelWatch()
    const told: string[] = []
    watch.events.on('opened', ({ id, path }) => told.push(`opened ${id} ${path}`))
    watch.events.on('moved', ({ id, path }) => told.push(`moved ${id} ${path}`))
    watch.events.on('closed', ({ id, error }) => told.push(`closed ${id} ${error}`))
    const end = Promise.withResolvers<undefined>()
    const [one, other] = [channel('1', 'relayed', end.promise), channel('2', 'relayed', end.promise)]
    watch.onPath('ada', 'direct', () => [one])
    watch.opened(one)
    watch.opened(other)
    watch.onPath('ada', undefined, () => [one, other])
    watch.onPath('ada', 'direct', () => [one, other])
    watch.onPath('ada', 'direct', () => [one, other])
    watch.onPath('ada', 'relayed', () => [one, other])
    end.resolve(undefined)
    await settle()
    expect(told).toEqual(['opened 1 relayed', 'opened 2 relayed', 'moved 1 direct', 'moved 2 direct', 'closed 1 undefined', 'closed 2 undefined'])
  })
})

describe('a program', () => {
  it('hears of peers, and of channels and services that it may use', () => {
    const may = new ScopeSet(['events', 'channels:chat', 'groups:table', 'discovery:chess'])
    const opened = (service: string): NetEvent => ({ kind: 'channel-opened', channel: '1', peer: 'ada', service, direction: 'inbound', path: 'direct' })
    const lost = (service: string): NetEvent => ({ kind: 'service-lost', service, peer: 'ada', reason: 'expired' })
    expect(mayHear(may, gone('ada'))).toBe(true)
    expect(['chat', 'bank', 'group/table', 'group/other', 'table'].map((service) => mayHear(may, opened(service)))).toEqual([true, false, true, false, false])
    expect(['chess', 'chat'].map((service) => mayHear(may, lost(service)))).toEqual([true, false])
  })
})
