/** What peers who ask wrongly are told and what it costs them, by a clock that is turned; and an opener whose peer answers wrongly. */
import type { Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { firstFrame } from '../../../../node-core/net/link/first-frame.ts'
import { Opener } from '../../../../node-core/net/link/opener.ts'
import { Places } from '../../../../node-core/net/link/places.ts'
import { NO_RULES, withOpening, type LinkRules } from '../../../../node-core/net/link/rules.ts'
import { Serving } from '../../../../node-core/net/link/serving.ts'
import { decodeAnswer, encodeAnswer, encodeAsk, IP_LINK, LINK_PROTOCOL, MAX_ANSWER_BYTES } from '../../../../node-core/net/link/wire.ts'
import { encodeFrame } from '../../../../node-core/network/framing.ts'
import type { Path } from '../../../../node-core/network/streams.ts'
import { eventually } from '../../../helpers/network.ts'

const ADA = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

let clock: FakeClock
let faults: string[]
let rules: LinkRules
let serving: Serving
/** For which peers the IP link is open. */
let ipPeers: string[]
let carried: string[]
const ip: ConstructorParameters<typeof Serving>[0]['ip'] = {
  finds: (peer, path) => (!ipPeers.includes(peer) ? 'not-opened' : path === 'direct' ? 'open' : 'relayed'),
  take: async ({ peer }) => void carried.push(peer),
}
beforeEach(() => {
  clock = new FakeClock()
  faults = []
  ipPeers = []
  carried = []
  rules = withOpening(NO_RULES, { port: 80, peers: [ADA] })
  serving = new Serving({ rules: () => rules, ip, places: new Places({ perPeer: 300, all: 300 }), report: (_, { code }) => faults.push(code), clock, logger: silentLogger })
})

/** The other end of a stream that is being taken. */
async function asking(path: Path = 'direct'): Promise<{ readonly stream: Stream; readonly done: Promise<void> }> {
  const [mine, theirs] = await streamPair()
  return { stream: theirs, done: serving.take({ stream: mine, peer: ADA, protocol: LINK_PROTOCOL, path }) }
}
const answerOn = async (stream: Stream): Promise<string> => decodeAnswer((await firstFrame(stream, MAX_ANSWER_BYTES, new AbortController().signal)).frame)

describe('a peer that asks for the IP link', () => {
  it.each([
    ['is let in where it is opened for it', [ADA], 'direct', 'open', [ADA]],
    ['is refused where it is not', [], 'direct', 'not-opened', []],
    ['is refused over a relay where that is not allowed', [ADA], 'relayed', 'relayed', []],
  ] as const)('%s', async (_, peers, path, answer, taken) => {
    ipPeers = [...peers]
    const { stream, done } = await asking(path)
    stream.send(encodeFrame(encodeAsk(IP_LINK)))
    expect(await answerOn(stream)).toBe(answer)
    await stream.close()
    await done
    expect(carried).toEqual(taken)
    expect(faults).toEqual([])
  })
})

describe('a peer that asks', () => {
  it.each([
    ['what is no ask', encodeFrame(Uint8Array.of(9, 9))],
    ['too much', encodeFrame(new Uint8Array(1000))],
    ['and goes on before it is answered', Uint8Array.of(...encodeFrame(encodeAsk({ port: 80 })), 1)],
  ])('%s is reset, and it costs', async (_, bytes) => {
    const { stream, done } = await asking()
    stream.send(bytes)
    await done
    await eventually(() => stream.status === 'reset', 'the reset')
    expect(faults).toEqual(['malformed'])
  })

  it('nothing is reset in time, and it costs', async () => {
    const { stream, done } = await asking()
    clock.advance(10_000)
    await done
    await eventually(() => stream.status === 'reset', 'the reset')
    expect(faults).toEqual(['handshake-timeout'])
  })

  it('and goes costs nothing', async () => {
    const { stream, done } = await asking()
    await stream.close()
    await done
    expect(faults).toEqual([])
  })

  it('for what is not opened, or not over a relay, is told so, and loses the stream if it stays', async () => {
    for (const [wanted, path, answer] of [[{ port: 81 }, 'direct', 'not-opened'], [{ port: 80 }, 'relayed', 'relayed'], [{ port: 81 }, 'relayed', 'not-opened']] as const) {
      const { stream, done } = await asking(path)
      stream.send(encodeFrame(encodeAsk(wanted)))
      expect(await answerOn(stream)).toBe(answer)
      await done
      clock.advance(10_000)
      await eventually(() => stream.status === 'reset', 'the reset')
    }
    expect(faults).toEqual([])
    expect(serving.total.figures).toMatchObject({ refused: 3, opened: 0 })
  })

  it('too often is reset at once, and may ask again later', async () => {
    const ask = async (): Promise<Stream> => {
      const { stream, done } = await asking()
      await stream.close()
      await done
      return stream
    }
    for (let i = 0; i < 200; i++) await ask()
    expect(faults).toEqual([])
    await ask()
    expect(faults).toEqual(['rate-exceeded'])
    clock.advance(1000)
    await ask()
    expect(faults).toEqual(['rate-exceeded'])
  })
})

describe('an opener', () => {
  const open = async (answer: (stream: Stream) => void, relayed = false): Promise<unknown> => {
    const [mine, theirs] = await streamPair()
    answer(theirs)
    const opener = new Opener({
      door: { open: async (peer, protocols, options) => (options?.relayed === relayed ? { stream: mine, peer, protocol: protocols[0] as string, path: 'direct' } : Promise.reject(new Error('another path'))) },
      reach: async (_, options) => (options.relayed === relayed ? undefined : Promise.reject(new Error('another path'))),
      report: (_, { code }) => faults.push(code),
      clock,
      logger: silentLogger,
    })
    return opener.open(ADA, { port: 80 }, { relayed, signal: new AbortController().signal })
  }

  it('hands on what came with the answer', async () => {
    const opened = await open((stream) => void stream.send(Uint8Array.of(...encodeFrame(encodeAnswer('open')), 7, 8)), true)
    expect(opened).toMatchObject({ peerRest: Uint8Array.of(7, 8) })
  })

  it('says what a peer refused', async () => {
    await expect(open((stream) => void stream.send(encodeFrame(encodeAnswer('busy'))))).rejects.toMatchObject({ code: 'NET_LINK_BUSY', data: { peer: ADA, wanted: 'port 80' } })
    expect(faults).toEqual([])
  })

  it('tells on a peer whose answer is none', async () => {
    for (const bytes of [encodeFrame(Uint8Array.of(99)), encodeFrame(new Uint8Array(100))]) await expect(open((stream) => void stream.send(bytes))).rejects.toMatchObject({ code: 'NET_LINK_MALFORMED' })
    expect(faults).toEqual(['malformed', 'malformed'])
  })

  it('does not wait for ever, and sees a stream that was broken off', async () => {
    const waiting = open(() => undefined)
    const refused = expect(waiting).rejects.toMatchObject({ code: 'NET_LINK_NO_ANSWER' })
    await eventually(() => clock.nextDue() !== undefined, 'the wait')
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(60_000)
    await refused
    await expect(open((stream) => stream.abort(new Error('no')))).rejects.toMatchObject({ code: 'NET_LINK_NO_ANSWER' })
  })
})
