/** Sealed messages between nodes on loopback: to who is there, to who comes later, and over a peer who keeps them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import { FakeClock, systemClock } from '../../../node-core/base/clock.ts'
import { loadIdentity, NodeIdentity } from '../../../node-core/network/host/identity.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { seal } from '../../../node-core/net/sealed/envelope.ts'
import { Post } from '../../../node-core/net/sealed/post.ts'
import { SEALED_PROTOCOL, type Outcome, type RequestKind } from '../../../node-core/net/sealed/wire.ts'
import { connect, MailNetwork, serveChat, type MailNode } from '../../helpers/mailboxes.ts'
import { eventually } from '../../helpers/network.ts'

const DAY_MS = 24 * 3_600_000
const never = new AbortController().signal

let net: MailNetwork
beforeEach(() => {
  net = new MailNetwork()
})
afterEach(() => net.stop())

const say = (from: MailNode, to: { readonly id: string }, text: string) => from.mailbox.send(to.id, 'chat', utf8(text))
const identityOf = ({ dataPath }: MailNode): Promise<NodeIdentity> => loadIdentity(dataPath, undefined)

/** Hands over one envelope as `from` would, without its mailbox. */
async function hand(from: MailNode, to: MailNode, kind: RequestKind, envelope: Uint8Array): Promise<Outcome> {
  const post = await Post.open({ door: from.network.streams, clock: systemClock }, to.id, never)
  try {
    return await post.hand({ kind, envelope })
  } finally {
    await post.close()
  }
}

async function sealedBy(node: MailNode, to: { readonly id: string }, counter: number, time = Date.now(), service = 'chat'): Promise<Uint8Array> {
  return seal(await identityOf(node), { recipient: to.id, service, counter, time, payload: utf8(`number ${counter}`) })
}

describe('to who is there', () => {
  test('a message is delivered, and says who sent it', async () => {
    const [alice, bob] = [await net.start(), await net.start()]
    await connect(alice, bob)
    await expect(say(alice, bob, 'hello')).resolves.toMatchObject({ state: 'delivered', relays: [] })
    expect(bob.messages).toMatchObject([{ sender: alice.id, service: 'chat', payload: utf8('hello'), kept: false }])
    expect(alice.delivered).toMatchObject([{ recipient: bob.id }])
    expect(alice.mailbox.statistics.outbox.messages).toBe(0)
  })

  test('many at once, both ways, come once each, the largest as well', async () => {
    const [alice, bob] = [await net.start(), await net.start()]
    await connect(alice, bob)
    const texts = Array.from({ length: 60 }, (_, i) => `message ${i}`)
    const receipts = await Promise.all(texts.flatMap((text) => [say(alice, bob, text), say(bob, alice, text)]))
    expect(new Set(receipts.map(({ state }) => state))).toEqual(new Set(['delivered']))
    expect([[...alice.got].sort(), [...bob.got].sort()]).toEqual([[...texts].sort(), [...texts].sort()])
    const payload = new Uint8Array(256 * 1024).fill(7)
    await expect(alice.mailbox.send(bob.id, 'chat', payload)).resolves.toMatchObject({ state: 'delivered' })
    expect(bob.messages.at(-1)?.payload).toEqual(payload)
  })

  test('a service that nobody runs gets it when somebody does', async () => {
    const clock = new FakeClock(Date.now())
    const [alice, bob] = [await net.start({ clock }), await net.start({ serves: false })]
    await connect(alice, bob)
    await expect(say(alice, bob, 'early')).resolves.toMatchObject({ state: 'waiting' })
    serveChat(bob)
    clock.advance(10 * 60_000)
    await eventually(() => bob.got.length === 1, 'the message')
    await eventually(() => alice.delivered.length === 1, 'its receipt')
    expect(alice.mailbox.statistics.outbox.messages).toBe(0)
  })

  test('clocks that differ by more than two minutes do not lose it', async () => {
    const [alice, bob] = [await net.start({ clock: new FakeClock(Date.now() - 600_000) }), await net.start()]
    await connect(alice, bob)
    await expect(say(alice, bob, 'from the past')).resolves.toMatchObject({ state: 'delivered' })
    expect(bob.messages).toMatchObject([{ kept: true }])
  })
})

describe('to who is not there', () => {
  test('a message waits, over a restart of its sender too, until the recipient comes', async () => {
    const [first, bob] = [await net.start({ finds: false }), await net.start()]
    await expect(say(first, bob, 'one')).resolves.toMatchObject({ state: 'waiting', relays: [] })
    await net.end(first)
    const alice = await net.start({ dataPath: first.dataPath, finds: false })
    expect(alice.id).toBe(first.id)
    await expect(say(alice, bob, 'two')).resolves.toMatchObject({ state: 'waiting' })
    await connect(bob, alice)
    await eventually(() => bob.got.length === 2, 'both messages')
    expect(bob.got).toEqual(['one', 'two'])
    await eventually(() => alice.delivered.length === 2, 'both receipts')
  })

  test('a third peer keeps it, sees nothing of it, and hands it over when the sender is gone', async () => {
    const relay = await net.start()
    const [alice, offline] = [await net.start({ relays: [relay.id] }), await net.start()]
    await net.end(offline)
    await connect(alice, relay)
    await expect(say(alice, offline, 'kept')).resolves.toMatchObject({ state: 'waiting', relays: [relay.id] })
    expect(relay.mailbox.statistics.kept.messages).toBe(1)
    await net.end(alice)
    // The relay may restart as well.
    await net.end(relay)
    const later = await net.start({ dataPath: relay.dataPath })
    const bob = await net.start({ dataPath: offline.dataPath })
    await connect(bob, later)
    await eventually(() => bob.got.length === 1, 'the message')
    expect(bob.messages).toMatchObject([{ sender: alice.id, payload: utf8('kept'), kept: true }])
    await eventually(() => later.mailbox.statistics.kept.messages === 0, 'the end of the copy')
    expect(later.got).toEqual([])
    // The sender has it still, and hands it over again: the service does not see it twice.
    const again = await net.start({ dataPath: alice.dataPath })
    await connect(again, bob)
    await eventually(() => again.delivered.length === 1, 'the receipt')
    expect(bob.got).toEqual(['kept'])
    expect(bob.mailbox.statistics.came.get('known')).toBe(1)
  })

  test('what nobody could deliver in seven days is lost, here and at the relay', async () => {
    const clock = new FakeClock(Date.now())
    const relay = await net.start({ clock })
    const [alice, bob] = [await net.start({ clock, relays: [relay.id] }), await net.start()]
    await net.end(bob)
    await connect(alice, relay)
    await say(alice, bob, 'in vain')
    expect([alice.mailbox.statistics.outbox.messages, relay.mailbox.statistics.kept.messages]).toEqual([1, 1])
    clock.advance(7 * DAY_MS + 11 * 60_000)
    await eventually(() => alice.lost.length === 1 && relay.mailbox.statistics.kept.messages === 0, 'the end of both')
    expect(alice.lost).toMatchObject([{ recipient: bob.id, reason: 'expired' }])
  })

  test('who keeps nothing for others says so, and who does has a bound for each sender', async () => {
    const [unwilling, relay] = [await net.start({ keepsForOthers: false }), await net.start({ kept: { senderMessages: 2 } })]
    const alice = await net.start({ relays: [unwilling.id, relay.id] })
    const nobody = { id: new NodeIdentity(new Uint8Array(32).fill(9)).peerId }
    await connect(alice, unwilling)
    await connect(alice, relay)
    const receipts = []
    for (const text of ['one', 'two', 'three']) receipts.push(await say(alice, nobody, text))
    expect(receipts.map(({ relays }) => relays)).toEqual([[relay.id], [relay.id], []])
    expect([relay.mailbox.statistics.kept.messages, unwilling.mailbox.statistics.came.get('unwilling')]).toEqual([2, 3])
    expect(relay.mailbox.statistics.came.get('full')).toBe(1)
  })
})

describe('what somebody made up', () => {
  test('is refused, and costs who brings it', async () => {
    const [eve, bob] = [await net.start(), await net.start()]
    const alice = new NodeIdentity(new Uint8Array(32).fill(1))
    await connect(eve, bob)
    const envelope = seal(alice, { recipient: bob.id, service: 'chat', counter: 1, time: Date.now(), payload: utf8('hi') })
    const damaged = envelope.with(200, (envelope[200] as number) ^ 1)
    // Not its sender; changed; not for this node; no envelope.
    expect(await hand(eve, bob, 'deliver', envelope)).toBe('refused')
    expect(await hand(eve, bob, 'deliver-kept', damaged)).toBe('refused')
    expect(await hand(eve, bob, 'deliver-kept', await sealedBy(bob, eve, 1))).toBe('refused')
    expect(await hand(eve, bob, 'keep', await sealedBy(eve, bob, 1))).toBe('refused')
    expect(await hand(eve, bob, 'keep', envelope)).toBe('refused')
    expect(await hand(eve, bob, 'deliver-kept', new Uint8Array(3))).toBe('refused')
    expect(bob.faults).toEqual(new Array(6).fill({ peer: eve.id, fault: expect.objectContaining({ code: 'malformed' }) as unknown }))
    expect(bob.got).toEqual([])
    expect(await hand(eve, bob, 'deliver-kept', envelope)).toBe('taken')
    expect(bob.messages).toMatchObject([{ sender: alice.peerId }])
  })

  test('or recorded is not taken twice, by whatever way and after whatever restart', async () => {
    const [alice, first] = [await net.start(), await net.start()]
    await connect(alice, first)
    const [fresh, old] = [await sealedBy(alice, first, 5), await sealedBy(alice, first, 6, Date.now() - 3 * DAY_MS)]
    expect([await hand(alice, first, 'deliver', fresh), await hand(alice, first, 'deliver-kept', fresh), await hand(alice, first, 'deliver', fresh)]).toEqual(['taken', 'known', 'known'])
    expect([await hand(alice, first, 'deliver', old), await hand(alice, first, 'deliver-kept', old)]).toEqual(['late', 'taken'])
    expect(await hand(alice, first, 'deliver-kept', await sealedBy(alice, first, 7, Date.now() - 8 * DAY_MS))).toBe('late')
    await net.end(first)
    const bob = await net.start({ dataPath: first.dataPath })
    await connect(alice, bob)
    expect([await hand(alice, bob, 'deliver', fresh), await hand(alice, bob, 'deliver-kept', old), await hand(alice, bob, 'deliver-kept', await sealedBy(alice, bob, 7))]).toEqual(['known', 'known', 'taken'])
    expect(bob.got).toEqual(['number 7'])
  })

  test('a frame that is too long ends the stream, and costs', async () => {
    const [eve, bob] = [await net.start(), await net.start()]
    await connect(eve, bob)
    const { stream } = await eve.network.streams.open(bob.id, [SEALED_PROTOCOL])
    stream.send(encodeFrame(new Uint8Array(300_000)))
    await eventually(() => bob.faults.length === 1 && stream.status !== 'open', 'the end of the stream')
    expect(bob.faults[0]?.fault.code).toBe('bad-frame')
  })

  test('more than the rate is not even looked at', async () => {
    const [eve, bob] = [await net.start(), await net.start({ clock: new FakeClock(Date.now()) })]
    await connect(eve, bob)
    const post = await Post.open({ door: eve.network.streams, clock: systemClock }, bob.id, never)
    const outcomes: Outcome[] = []
    for (let i = 0; i < 520; i++) outcomes.push(await post.hand({ kind: 'deliver-kept', envelope: new Uint8Array(4) }))
    await post.close()
    expect([outcomes.filter((outcome) => outcome === 'refused').length, outcomes.slice(-1)]).toEqual([512, ['full']])
    expect(bob.faults.at(-1)?.fault.code).toBe('rate-exceeded')
  })
})

describe('a mailbox', () => {
  test('refuses what cannot be sent, and sends nothing before its start and after its end', async () => {
    const alice = await net.start({ finds: false, outbox: { maxMessages: 1, senderMessages: 1 } })
    const somebody = { id: new NodeIdentity(new Uint8Array(32).fill(9)).peerId }
    await expect(alice.mailbox.send('nobody', 'chat', utf8('x'))).rejects.toMatchObject({ code: 'NET_SEALED_KEY' })
    await expect(alice.mailbox.send(somebody.id, 'No Name', utf8('x'))).rejects.toMatchObject({ code: 'NET_SEALED_SERVICE' })
    await expect(say(alice, alice, 'x')).rejects.toMatchObject({ code: 'NET_SEALED_KEY' })
    await say(alice, somebody, 'x')
    await expect(say(alice, somebody, 'y')).rejects.toMatchObject({ code: 'NET_SEALED_FULL' })
    expect(() => serveChat(alice)).toThrow(expect.objectContaining({ code: 'NET_SEALED_SERVICE' }))
    await alice.mailbox.stop()
    await alice.mailbox.stop()
    await expect(say(alice, somebody, 'z')).rejects.toMatchObject({ code: 'NET_SEALED_CLOSED' })
  })

  test('ends also while a service never answers, and the message counts as taken', async () => {
    const [alice, bob] = [await net.start(), await net.start({ serves: false })]
    let came = 0
    bob.mailbox.serve('chat', () => {
      came++
      return new Promise(() => undefined)
    })
    await connect(alice, bob)
    const sending = say(alice, bob, 'hello')
    await eventually(() => came === 1, 'the message')
    await bob.mailbox.stop()
    await expect(sending).resolves.toMatchObject({ state: 'waiting' })
    await bob.network.stop()
    const after = await net.start({ dataPath: bob.dataPath })
    await connect(alice, after)
    await eventually(() => alice.delivered.length === 1, 'the receipt')
    expect(after.got).toEqual([])
  })
})

