import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { MalformedError } from '../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { Verdict } from '../../../../node-core/network/contracts.ts'
import { DirectSpreader } from '../../../../node-core/network/spread/direct.ts'
import { messageId, sha256 } from '../../../../node-core/network/spread/message-id.ts'
import { Seen } from '../../../../node-core/network/spread/seen.ts'
import type { Arrival, Links, OutgoingMessage, Sink, SpreadReport, Spreader, Way } from '../../../../node-core/network/spread/spread.ts'
import { TAGS, TopicSpread } from '../../../../node-core/network/spread/topic-spread.ts'

const CONTENT = Uint8Array.of(5, 6, 7)
const NONCE = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1)

/** A way whose frames are whole messages of a source that the first byte names. */
class NamedSource implements Spreader {
  readonly way: Way
  readonly selective: boolean
  readonly maxContentBytes = 1000
  readonly outgoing: OutgoingMessage[] = []
  readonly #links: Links
  readonly #sink: Sink
  #stop = (): void => {}

  constructor(way: 'chunks' | 'tree', links: Links, sink: Sink) {
    this.way = way
    this.selective = way === 'chunks'
    this.#links = links
    this.#sink = sink
  }

  start(): void {
    this.#stop = this.#links.listen({
      onFrame: (from, frame) => {
        const content = frame.subarray(9)
        const source = `peer-${String(frame[0])}`
        return this.#sink.deliver({ id: messageId('news', source, frame.subarray(1, 9), sha256(content)), content, source, from, way: this.way })
      },
      onOpen: () => {},
      onClosed: () => {},
    })
  }

  spread(message: OutgoingMessage, to: readonly string[]): SpreadReport {
    this.outgoing.push(message)
    return { sent: to, unsent: [] }
  }

  stop(): void {
    this.#stop()
  }
}

function build(owner: (arrival: Arrival) => Verdict | Promise<Verdict> = () => ({ kind: 'accept' })) {
  const clock = new FakeClock()
  const sent: { readonly peers: readonly string[]; readonly frame: Uint8Array }[] = []
  const arrivals: Arrival[] = []
  const open = ['peer-1', 'peer-2', 'peer-3', 'peer-4']
  const ways = new Map<Way, Spreader>()
  const topic = new TopicSpread(
    {
      links: {
        topic: 'news',
        localPeer: 'peer-0',
        maxFrameBytes: 500,
        peers: () => open,
        send(peers, frame) {
          const reached = peers.filter((peer) => open.includes(peer))
          sent.push({ peers: reached, frame })
          return reached
        },
      },
      seen: new Seen({ clock }, { entries: 100, spanMs: 1000 }),
      logger: silentLogger,
      nonce: () => NONCE,
      owner(arrival) {
        arrivals.push(arrival)
        return owner(arrival)
      },
      spreaders(links, sink) {
        const list = [new DirectSpreader({ links: links('direct'), sink }), new NamedSource('chunks', links('chunks'), sink), new NamedSource('tree', links('tree'), sink)]
        for (const spreader of list) ways.set(spreader.way, spreader)
        return list
      },
    },
    { topology: 'mesh', large: 'tree' },
  )
  return { topic, sent, arrivals, clock, ways }
}

const direct = Uint8Array.of(TAGS.direct, ...NONCE, ...CONTENT)
const relayed = (way: 'chunks' | 'tree', source: number): Uint8Array => Uint8Array.of(TAGS[way], source, ...NONCE, ...CONTENT)

describe('what comes', () => {
  test('is judged at once where its owner does not have to wait', async () => {
    const { topic } = build()
    await topic.start()
    expect(topic.onFrame('peer-1', direct)).toEqual({ kind: 'accept' })
    expect(topic.onFrame('peer-1', direct)).toEqual({ kind: 'ignore', reason: 'duplicate' })
  })

  test('is handed to the owner once, in whichever way it came', async () => {
    const { topic, arrivals, clock } = build()
    await topic.start()
    expect(await topic.onFrame('peer-2', relayed('tree', 1))).toEqual({ kind: 'accept' })
    for (const [peer, frame] of [['peer-1', direct], ['peer-3', relayed('chunks', 1)], ['peer-2', relayed('tree', 1)]] as const) {
      expect(await topic.onFrame(peer, frame)).toEqual({ kind: 'ignore', reason: 'duplicate' })
    }
    expect(arrivals).toHaveLength(1)
    expect(arrivals[0]).toMatchObject({ source: 'peer-1', from: 'peer-2', way: 'tree', content: CONTENT })
    expect(Object.fromEntries(topic.statistics())).toEqual({
      direct: { delivered: 0, duplicates: 1 },
      chunks: { delivered: 0, duplicates: 1 },
      tree: { delivered: 1, duplicates: 1 },
    })
    clock.advance(1000)
    await topic.onFrame('peer-1', direct)
    expect(arrivals).toHaveLength(2)
  })

  test('is a message of its own where the source or the nonce is another one', async () => {
    const { topic, arrivals } = build()
    await topic.start()
    await topic.onFrame('peer-1', direct)
    await topic.onFrame('peer-2', direct)
    await topic.onFrame('peer-1', Uint8Array.of(TAGS.direct, ...NONCE.map((byte) => byte + 1), ...CONTENT))
    expect(arrivals.map(({ source }) => source)).toEqual(['peer-1', 'peer-2', 'peer-1'])
    expect(new Set(arrivals.map(({ id }) => id)).size).toBe(3)
  })

  test('is a duplicate while the owner still thinks about it', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    const { topic } = build(() => promise)
    await topic.start()
    const first = topic.onFrame('peer-1', direct)
    expect(await topic.onFrame('peer-3', relayed('chunks', 1))).toEqual({ kind: 'ignore', reason: 'duplicate' })
    resolve({ kind: 'reject', fault: { code: 'bad', cost: -1 } })
    expect(await first).toEqual({ kind: 'reject', fault: { code: 'bad', cost: -1 } })
  })

  test('and does not decode is the fault of whoever is charged; any other error of the owner is not', async () => {
    const malformed = build(() => {
      throw new MalformedError('X', 'no')
    })
    await malformed.topic.start()
    expect(await malformed.topic.onFrame('peer-1', direct)).toMatchObject({ kind: 'reject', fault: { code: 'malformed' } })
    const failing = build(() => Promise.reject(new Error('full')))
    await failing.topic.start()
    expect(await failing.topic.onFrame('peer-1', direct)).toEqual({ kind: 'ignore', reason: 'handler-error' })
  })

  test.each([[[]], [[0]], [[9, 1, 2]], [[TAGS.direct, 1, 2, 3]]])('as the frame %j is malformed', async (bytes) => {
    const { topic } = build()
    await topic.start()
    expect(() => topic.onFrame('peer-1', Uint8Array.from(bytes))).toThrow(MalformedError)
  })

  test('after the end is of a way that is not there', async () => {
    const { topic } = build()
    await topic.start()
    await topic.stop()
    await topic.stop()
    expect(() => topic.onFrame('peer-1', direct)).toThrow(MalformedError)
    await expect(topic.send(CONTENT, 'everybody')).rejects.toMatchObject({ code: 'SPREAD_STOPPED' })
  })
})

describe('what is sent', () => {
  test('goes to everybody, to a list, or to all but a list', async () => {
    const { topic, sent } = build()
    await topic.start()
    expect(await topic.send(CONTENT, 'everybody')).toMatchObject({ way: 'direct', sent: ['peer-1', 'peer-2', 'peer-3', 'peer-4'], unsent: [] })
    expect(await topic.send(CONTENT, { only: ['peer-2', 'peer-9', 'peer-2', 'peer-0'] })).toMatchObject({ sent: ['peer-2'], unsent: ['peer-9'] })
    expect(await topic.send(CONTENT, { except: ['peer-2', 'peer-3'] })).toMatchObject({ sent: ['peer-1', 'peer-4'], unsent: [] })
    expect(sent.map(({ frame }) => frame)).toEqual([direct, direct, direct])
  })

  test('does not come back', async () => {
    const { topic, arrivals, ways } = build()
    await topic.start()
    const { id } = await topic.send(CONTENT, 'everybody', 'tree')
    expect((ways.get('tree') as NamedSource).outgoing).toEqual([{ id, nonce: NONCE, content: CONTENT }])
    expect(id).toBe(messageId('news', 'peer-0', NONCE, sha256(CONTENT)))
    expect(await topic.onFrame('peer-3', relayed('tree', 0))).toEqual({ kind: 'ignore', reason: 'duplicate' })
    expect(arrivals).toEqual([])
  })

  test('is refused where it is too long, or the way cannot leave anybody out', async () => {
    const { topic } = build()
    await topic.start()
    await expect(topic.send(new Uint8Array(492), 'everybody')).rejects.toMatchObject({ code: 'SPREAD_TOO_LARGE' })
    expect(await topic.send(new Uint8Array(491), 'everybody')).toMatchObject({ way: 'direct' })
    await expect(topic.send(CONTENT, { only: ['peer-1'] }, 'tree')).rejects.toMatchObject({ code: 'SPREAD_WAY_UNFIT' })
    await expect(topic.send(CONTENT, 'everybody', 'gossip')).rejects.toMatchObject({ code: 'SPREAD_WAY_UNFIT' })
    expect(await topic.send(CONTENT, { only: ['peer-1'] }, 'chunks')).toMatchObject({ way: 'chunks' })
  })
})
