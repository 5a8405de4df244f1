/** The local socket: who is let in, and what a program may use by its scopes. */
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { peerBytes } from '../../../node-core/net/ipc/daemon/messages.ts'
import { DHTRequest_Type, ConnManagerRequest_Type, PeerstoreRequest_Type, PSRequest_Type, Request_Type } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { Node } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { IpcClient } from '../../helpers/ipc-client.ts'
import { IpcLab, served } from '../../helpers/ipc-lab.ts'
import { eventually } from '../../helpers/network.ts'

let lab: IpcLab
beforeEach(async () => {
  lab = await IpcLab.open()
})
afterEach(() => lab.close())

describe('who is let in', () => {
  it('says a token on the common socket, and is told what it may use', async () => {
    const node = await lab.start()
    const { token } = await node.programs.add('mailer', ['streams'])
    const client = await lab.at(node.service.path)
    expect(await client.hello(token)).toMatchObject({ version: 1, program: 'mailer', scopes: ['streams'], peerId: node.net.id })
    expect((await client.request({ type: Request_Type.IDENTIFY })).identify?.id).toEqual(peerBytes(node.net.id))
    expect(node.service.clients.list()).toMatchObject([{ program: 'mailer', software: 'a test 1', kind: 'requests' }])
  })

  it('is nobody with another token, or none, or of another version, and is hung up on', async () => {
    const node = await lab.start()
    const { token } = await node.programs.add('mailer', ['streams'])
    for (const [wrong, version, code] of [['no token', 1, 'NET_TOKEN_UNKNOWN'], ['', 1, 'NET_TOKEN_UNKNOWN'], [token, 2, 'NET_VERSION_UNSUPPORTED']] as const) {
      const client = await lab.at(node.service.path)
      expect(await client.hello(wrong, version)).toBe(code)
      expect(await client.read()).toBeUndefined()
    }
    for (const type of [Request_Type.IDENTIFY, Request_Type.SESSION]) {
      const client = await lab.at(node.service.path)
      expect((await client.request({ type })).error?.code).toBe('NET_HELLO_MISSING')
      expect(await client.read()).toBeUndefined()
    }
    await eventually(() => node.service.clients.size === 0, 'the end of all of them')
  })

  it('needs no token on a socket of its own, which is there only while it is switched on', async () => {
    const node = await lab.start()
    const path = await node.ownSocket('old-client', [])
    const client = await lab.at(path)
    expect((await client.request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
    await node.programs.change('old-client', { ownSocket: false })
    expect(await client.read()).toBeUndefined()
    await eventually(() => node.service.pathOf('old-client') === undefined, 'the end of the socket')
    await expect(IpcClient.connect(path)).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  })

  it('is out when it is revoked, with all of its connections', async () => {
    const node = await lab.start()
    const { token } = await node.programs.add('mailer', ['events'])
    const client = await lab.at(node.service.path)
    await client.hello(token)
    const events = (await client.session()).stream(Node.method.events, {})
    await node.programs.revoke('mailer')
    await eventually(() => events.end === 'gone', 'the end of the session')
    expect(await (await lab.at(node.service.path)).hello(token)).toBe('NET_TOKEN_UNKNOWN')
  })

  it('has to say something soon', async () => {
    const node = await lab.start({ limits: { firstRequestMs: 20 } })
    const client = await lab.at(node.service.path)
    expect((await client.response()).error?.code).toBe('NET_TIMEOUT')
    expect(await client.read()).toBeUndefined()
  })

  it('has no more than a short message before it is known', async () => {
    const node = await lab.start()
    const client = await lab.at(node.service.path)
    client.socket.write(encodeFrame(new Uint8Array(5000)).subarray(0, 10))
    expect((await client.response()).error?.code).toBe('FRAME_TOO_LONG')
    expect(await client.read()).toBeUndefined()
  })

  it('finds no place where there are enough', async () => {
    const node = await lab.start({ limits: { strangers: 1, clientsPerProgram: 1 } })
    await lab.at(node.service.path)
    await eventually(() => node.service.clients.size === 1, 'the first')
    expect((await (await lab.at(node.service.path)).response()).error?.code).toBe('NET_TOO_MANY_CLIENTS')
    const path = await node.ownSocket('program', [])
    const first = await lab.at(path)
    await first.request({ type: Request_Type.IDENTIFY })
    expect((await (await lab.at(path)).response()).error?.code).toBe('NET_TOO_MANY_CLIENTS')
    first.close()
    await eventually(() => node.service.clients.list().every(({ program }) => program !== 'program'), 'the end of the first')
    expect((await (await lab.at(path)).request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
    expect(node.service.clients.refused).toBe(2)
  })
})

describe('a program without the scope', () => {
  it.each([
    ['connects to nobody', { type: Request_Type.CONNECT, connect: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz') } }],
    ['opens no stream', { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'), proto: ['/a/1'] } }],
    ['handles nothing', { type: Request_Type.STREAM_HANDLER, streamHandler: { addr: multiaddr('/ip4/127.0.0.1/tcp/9').bytes, proto: ['/a/1'] } }],
    ['sees no peers', { type: Request_Type.LIST_PEERS }],
    ['ends no connection', { type: Request_Type.DISCONNECT, disconnect: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz') } }],
    ['manages no connections', { type: Request_Type.CONNMANAGER, connManager: { type: ConnManagerRequest_Type.TRIM } }],
    ['asks no table', { type: Request_Type.DHT, dht: { type: DHTRequest_Type.GET_VALUE, key: Uint8Array.of(1) } }],
    ['hears no topic', { type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'a' } }],
    ['sees no book of peers', { type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PROTOCOLS } }],
  ] as const)('%s, and may go on', async (_name, request) => {
    const node = await lab.start()
    const client = await lab.at(await node.ownSocket('program', ['metrics']))
    expect((await client.request(request as never)).error?.code).toBe('NET_SCOPE_MISSING')
    expect((await client.request({ type: Request_Type.IDENTIFY })).error).toBeUndefined()
  })

  it('of a name uses other names only: topics and protocols', async () => {
    const { node, other, path } = await lab.pair(['topics:mine/*', 'streams:/mine/*'])
    served(other, '/other/1')
    const client = await lab.at(path)
    const code = async (request: Parameters<IpcClient['request']>[0]): Promise<string | undefined> => (await client.request(request)).error?.code
    node.net.pubsub().subscribe('other/secret', () => undefined)
    node.net.pubsub().subscribe('mine/open', () => undefined)
    const topic = (type: PSRequest_Type, name: string) => ({ type: Request_Type.PUBSUB, pubsub: { type, topic: name, data: Uint8Array.of(1) } }) as const
    expect(await code(topic(PSRequest_Type.PUBLISH, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.SUBSCRIBE, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.LIST_PEERS, 'other/secret'))).toBe('NET_SCOPE_MISSING')
    expect(await code(topic(PSRequest_Type.PUBLISH, 'mine/open'))).toBeUndefined()
    expect((await client.request(topic(PSRequest_Type.GET_TOPICS, ''))).pubsub?.topics).toEqual(['mine/open'])
    expect(await code({ type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes(other.id), proto: ['/mine/1', '/other/1'] } })).toBe('NET_SCOPE_MISSING')
    expect(await code({ type: Request_Type.STREAM_HANDLER, streamHandler: { addr: (await lab.listening('l')).address, proto: ['/mine/1', '/other/1'] } })).toBe('NET_SCOPE_MISSING')
    expect(node.service.heldBy('program').protocols).toEqual([])
  })
})
