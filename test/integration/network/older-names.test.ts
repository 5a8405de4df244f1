/** Nodes that know a chain's protocols by their older names only, and networks that a fork id tells apart. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import type { RequestHandler } from '../../../node-core/network/contracts.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { ProtobufWriter } from '../../../node-core/chain/protocols/requests/protobuf.ts'
import { BareHost } from '../../helpers/bare-host.ts'
import { DevNode } from '../../helpers/dev-node.ts'
import { readChainFile } from '../../helpers/chain-files.ts'
import { AMPLE, PREFIX, RecordingTopic, TestNetwork, eventually } from '../../helpers/network.ts'

const HELLO = Uint8Array.of(1)
const ECHO: RequestHandler = {
  spec: { protocol: '/echo/1', maxRequestBytes: 100, maxResponseBytes: 100, timeoutMs: 5_000, perMinute: 100, budget: AMPLE },
  onRequest: (_, bytes) => Promise.resolve({ kind: 'response', bytes }),
}

let net: TestNetwork
let peer: BareHost
let status: RecordingTopic
let votes: RecordingTopic

beforeEach(async () => {
  net = new TestNetwork()
  peer = await BareHost.start({ listen: true })
  status = new RecordingTopic()
  votes = new RecordingTopic('grandpa', { olderName: '/paritytech/grandpa/1' })
})
afterEach(async () => {
  await peer.stop()
  await net.stop()
})

describe('a node that knows older names only', () => {
  test('is offered them after the present ones: topics open and requests are answered', async () => {
    await peer.accept('/dot/block-announces/1', HELLO)
    await peer.accept('/paritytech/grandpa/1', HELLO)
    await peer.serve('/dot/echo/1', (stream) => {
      stream.send(encodeFrame(utf8('yes')))
      void stream.close()
    })
    const target = await net.start([status, votes], { namespace: { prefix: PREFIX, olderPrefix: '/dot' }, bootnodes: [peer.address] })
    await eventually(() => votes.opened.length === 1, 'the topics')
    target.network.topics.send('grandpa', Uint8Array.of(7), { except: [] })
    await eventually(() => peer.frames.get('/paritytech/grandpa/1')?.length === 2, 'the message')
    expect(await target.network.requests.request(peer.id, ECHO.spec, utf8('anybody?'))).toEqual(utf8('yes'))
    expect(target.network.state.protocolTraffic().map(({ protocol }) => protocol)).toEqual(expect.arrayContaining(['/block-announces/1', '/echo/1']))
  })

  test('is accepted under them: topics, requests, and questions to the routing table', async () => {
    await peer.accept('/dot/block-announces/1', HELLO)
    const target = await net.start([status], { namespace: { prefix: PREFIX, olderPrefix: '/dot' }, requests: [ECHO] })
    const connection = await peer.dial(target.address)
    await BareHost.open(connection, '/dot/block-announces/1', HELLO)
    await eventually(() => status.opened.length === 1, 'the topic')
    const answerTo = async (protocol: string, request: Uint8Array): Promise<Uint8Array> => {
      const stream = await connection.newStream(protocol)
      const answer = new Promise<Uint8Array>((resolve) => stream.addEventListener('message', ({ data }) => resolve(data.subarray()), { once: true }))
      stream.send(encodeFrame(request))
      return answer
    }
    expect(Uint8Array.from(await answerTo('/dot/echo/1', utf8('hello')))).toEqual(encodeFrame(utf8('hello')))
    const findNode = new ProtobufWriter().uint32(1, 4).bytes(2, peer.host.peerId.toMultihash().bytes).finish()
    expect((await answerTo('/dot/kad', findNode)).length).toBeGreaterThan(0)
    expect((await answerTo(`${PREFIX}/kad`, findNode)).length).toBeGreaterThan(0)
  })

  test('of another chain is turned away, and has done nothing wrong', async () => {
    await peer.accept('/dot/block-announces/1', HELLO)
    status.judgeHandshake = () => ({ kind: 'reject', fault: { code: 'wrong-genesis', cost: -1000, ban: true } })
    const target = await net.start([status], { namespace: { prefix: PREFIX, olderPrefix: '/dot' } })
    const connection = await peer.dial(target.address)
    const stream = await connection.newStream('/dot/block-announces/1')
    stream.send(encodeFrame(HELLO))
    await eventually(() => stream.status !== 'open', 'the refusal')
    expect([target.network.state.bans(), target.network.state.topicStatistics()[0]?.reasons]).toEqual([[], { 'wrong-genesis': 1 }])
    // Who says that it is of this chain, and is not, pays.
    const liar = await connection.newStream(`${PREFIX}/block-announces/1`)
    liar.send(encodeFrame(HELLO))
    await eventually(() => target.network.state.bans().length === 1, 'the ban')
  })
})

test('two present nodes speak under the present names', async () => {
  const other = new RecordingTopic()
  const first = await net.start([status], { namespace: { prefix: PREFIX, olderPrefix: '/dot' } })
  const second = await net.start([other], { namespace: { prefix: PREFIX, olderPrefix: '/ksm' }, bootnodes: [first.address] })
  await eventually(() => status.opened.length === 1 && other.opened.length === 1, 'the topic')
  expect(second.network.state.peers()).toHaveLength(1)
})

test('networks with one genesis and different fork ids are strangers to each other', async () => {
  const [a, b, c] = [new RecordingTopic(), new RecordingTopic(), new RecordingTopic()]
  const first = await net.start([a], { namespace: { prefix: `${PREFIX}/one` } })
  const same = await net.start([b], { namespace: { prefix: `${PREFIX}/one` } })
  const other = await net.start([c], { namespace: { prefix: `${PREFIX}/two` } })
  await expect(same.network.actions.call(first.address)).resolves.toBe('connected')
  await expect(other.network.actions.call(first.address)).rejects.toMatchObject({ code: 'NETWORK_DIAL_OTHER_NETWORK' })
  expect([a.opened, c.opened]).toEqual([[same.id], []])
})

test('a node takes fork id and protocol id from its chain specification, and tells both names of everything', async () => {
  const node = await DevNode.start({ spec: { ...readChainFile('dev'), forkId: 'classic', protocolId: null } })
  try {
    const address = node.node.network.listenAddresses().find((one) => one.includes('/127.0.0.1/')) ?? ''
    const identified = new Promise<readonly string[]>((resolve) => peer.host.addEventListener('peer:identify', ({ detail }) => resolve(detail.protocols)))
    await peer.dial(address)
    const genesis = node.node.blocks.genesisHash.slice(2)
    const suffixes = ['/block-announces/1', '/transactions/1', '/sync/2', '/state/2', '/sync/warp', '/light/2', '/kad']
    expect(await identified).toEqual(
      expect.arrayContaining([
        ...suffixes.flatMap((suffix) => [`/${genesis}/classic${suffix}`, `/sup${suffix}`]),
        `/${genesis}/classic/grandpa/1`,
        '/paritytech/grandpa/1',
      ]),
    )
  } finally {
    await node.stop()
  }
})
