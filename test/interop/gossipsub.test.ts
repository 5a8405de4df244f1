/** Gossipsub with another implementation: go-libp2p with go-libp2p-pubsub (test/interop/go-libp2p), over TCP on loopback. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../node-core/base/bytes.ts'
import { goProgram } from '../helpers/daemon-clients.ts'
import { GossipNode } from '../helpers/gossip-node.ts'
import { eventually } from '../helpers/network.ts'

const TOPIC = 'interop'
const program = goProgram('test/interop/go-libp2p', 'gossip', 'gossip-go')

/** What the program says: see the header of gossip/main.go. */
interface GoEvent {
  readonly event: 'listening' | 'peer' | 'graft' | 'message' | 'refused' | 'unpublished'
  readonly [name: string]: unknown
}

class GoPeer {
  readonly events: GoEvent[] = []
  readonly #child: ChildProcessWithoutNullStreams

  constructor(command: readonly string[]) {
    this.#child = spawn(command[0] as string, ['-topic', TOPIC])
    createInterface(this.#child.stdout).on('line', (line) => this.events.push(JSON.parse(line) as GoEvent))
  }

  all(event: GoEvent['event']): readonly GoEvent[] {
    return this.events.filter((each) => each.event === event)
  }

  async next(event: GoEvent['event'], holds: (event: GoEvent) => boolean = () => true): Promise<GoEvent> {
    await eventually(() => this.all(event).some(holds), `${event} of the Go program`)
    return this.all(event).find(holds) as GoEvent
  }

  publish(data: Uint8Array): void {
    this.#child.stdin.write(`publish ${Buffer.from(data).toString('base64')}\n`)
  }

  connect(address: string): void {
    this.#child.stdin.write(`connect ${address}\n`)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exit
  }
}

let nodes: GossipNode[] = []
let peers: GoPeer[] = []

async function node(): Promise<GossipNode> {
  const started = await GossipNode.start({
    topic: TOPIC,
    judge: ({ content }) => {
      if (content[0] === 0x21) return { kind: 'reject', fault: { code: 'nonsense', cost: -50 } }
      return content[0] === 0x3f ? { kind: 'ignore', reason: 'question' } : { kind: 'accept' }
    },
  })
  nodes.push(started)
  return started
}

async function goPeer(): Promise<{ readonly go: GoPeer; readonly id: string; readonly address: string }> {
  if (program.missing !== undefined) throw new Error(program.missing)
  const go = new GoPeer(program.command)
  peers.push(go)
  const { peer, address } = await go.next('listening')
  return { go, id: String(peer), address: String(address) }
}

const bytesOf = ({ data }: GoEvent): Uint8Array => new Uint8Array(Buffer.from(String(data), 'base64'))

describe.skipIf(program.missing !== undefined)(`gossipsub with go-libp2p-pubsub${program.missing === undefined ? '' : ` (skipped: ${program.missing})`}`, () => {
  afterEach(async () => {
    await Promise.all(nodes.map((each) => each.stop()))
    await Promise.all(peers.map((each) => each.stop()))
    nodes = []
    peers = []
  })

  it('speaks version 1.2, meshes, and brings signed messages both ways', async () => {
    const ours = await node()
    const { go, id, address } = await goPeer()
    await ours.dial(address)
    await ours.meets(id)
    expect(await go.next('graft')).toMatchObject({ peer: ours.id, topic: TOPIC })
    expect((await go.next('peer')).protocol).toBe('/meshsub/1.2.0')
    await ours.send(utf8('from here'))
    const heard = await go.next('message')
    expect(heard).toMatchObject({ from: ours.id, signed: true })
    expect(bytesOf(heard)).toEqual(utf8('from here'))
    const large = new Uint8Array(300_000).map((_, i) => i)
    go.publish(utf8('from there'))
    go.publish(large)
    await eventually(() => ours.arrivals.length === 2, 'two messages')
    expect(ours.arrivals).toMatchObject([{ source: id, from: id, content: utf8('from there') }, { source: id }])
    expect(ours.arrivals[1]?.content).toEqual(large)
    await ours.send(large)
    expect(bytesOf(await go.next('message', ({ bytes }) => bytes === large.length))).toEqual(large)
    expect(ours.faults).toEqual([])
  })

  it('is judged before it is passed on, there and here', async () => {
    // In the middle of two of theirs, ours passes on; in the middle of two of ours, theirs does.
    const [left, right] = [await node(), await node()]
    const { go: middle, id: middleId, address } = await goPeer()
    await left.dial(address)
    await right.dial(address)
    for (const ours of [left, right]) await ours.meets(middleId)
    await eventually(() => middle.all('graft').length === 2, 'a mesh of two')
    for (const text of ['!reject', '?ignore', 'accept']) await left.send(utf8(text))
    await eventually(() => right.arrivals.length > 0, 'what was accepted')
    expect(right.arrivals.map(({ content, source, from }) => [new TextDecoder().decode(content), source, from])).toEqual([['accept', left.id, middleId]])
    // It judges several at once: which of them comes first is its own.
    expect(middle.all('refused').map(({ reason }) => reason).sort()).toEqual(['validation failed', 'validation ignored'])
  })

  it('passes on between two of theirs what the owner here accepts', async () => {
    const ours = await node()
    const [first, second] = [await goPeer(), await goPeer()]
    for (const { go, id } of [first, second]) {
      go.connect(ours.address)
      await ours.meshes(id)
      await go.next('graft')
    }
    first.go.publish(utf8('accept'))
    const heard = await second.go.next('message')
    expect(heard).toMatchObject({ from: first.id, signed: true })
    expect(bytesOf(heard)).toEqual(utf8('accept'))
    expect(ours.arrivals).toMatchObject([{ source: first.id, from: first.id }])
  })
})
