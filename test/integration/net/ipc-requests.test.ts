/** The local socket: requests of the daemon's protocol, and topics over it. */
import { createServer } from 'node:net'
import { fromBinary } from '@bufbuild/protobuf'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeRequest, peerBytes } from '../../../node-core/net/ipc/daemon/messages.ts'
import { ConnManagerRequest_Type, PeerstoreRequest_Type, PSMessageSchema, PSRequest_Type, Request_Type } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import type { IpcClient } from '../../helpers/ipc-client.ts'
import { IpcLab } from '../../helpers/ipc-lab.ts'
import { ALL_SCOPES } from '../../helpers/ipc-node.ts'
import { eventually } from '../../helpers/network.ts'

let lab: IpcLab
beforeEach(async () => {
  lab = await IpcLab.open()
})
afterEach(() => lab.close())

describe('a request', () => {
  it('that is none ends the connection; one that is wrong does not', async () => {
    const { path } = await lab.pair()
    const client = await lab.at(path)
    for (const request of [{ type: Request_Type.CONNECT }, { type: Request_Type.STREAM_OPEN, streamOpen: { peer: Uint8Array.of(1, 2), proto: ['/a'] } }, { type: Request_Type.DHT }, { type: Request_Type.STREAM_OPEN, streamOpen: { peer: peerBytes('12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'), proto: [] } }]) {
      expect((await client.request(request)).error?.code).toBe('NET_REQUEST_INVALID')
    }
    client.send(Uint8Array.of(8, 1, 0x12, 5))
    expect((await client.response()).error?.code).toBe('NET_MESSAGE_MALFORMED')
    expect(await client.read()).toBeUndefined()
  })

  it('longer than 4 MiB ends the connection before it is kept', async () => {
    const { path } = await lab.pair()
    const client = await lab.at(path)
    client.socket.write(Uint8Array.of(0x81, 0x80, 0x80, 0x02))
    expect((await client.response()).error?.code).toBe('FRAME_TOO_LONG')
    expect(await client.read()).toBeUndefined()
  })

  it('may be sent before the one in front is answered', async () => {
    const { path, node } = await lab.pair()
    const client = await lab.at(path)
    for (let i = 0; i < 100; i++) client.send(encodeRequest({ type: Request_Type.IDENTIFY }))
    for (let i = 0; i < 100; i++) expect((await client.response()).identify?.id).toEqual(peerBytes(node.net.id))
  })

  it('of another kind of the daemon is answered: list, book of peers, worth, disconnect', async () => {
    const { node, other, path } = await lab.pair()
    const client = await lab.at(path)
    const id = peerBytes(other.id)
    expect((await client.request({ type: Request_Type.LIST_PEERS })).peers.map((info) => info.id)).toEqual([id])
    await eventually(async () => ((await client.request({ type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PROTOCOLS, id } })).peerStore?.protos.length ?? 0) > 0, 'protocols of the peer')
    expect((await client.request({ type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PEER_INFO, id } })).peerStore?.peer?.id).toEqual(id)
    const tag = (type: ConnManagerRequest_Type, weight = 5n) => client.request({ type: Request_Type.CONNMANAGER, connManager: { type, peer: id, tag: 'friend', weight } })
    const tags = async (): Promise<string[]> => [...((await node.net.host.peerStore.get(node.net.host.getConnections()[0]?.remotePeer as never)).tags ?? new Map<string, unknown>()).entries()].filter(([name]) => name.startsWith('program')).map(([name, value]) => `${name} ${value.value}`)
    expect((await tag(ConnManagerRequest_Type.TAG_PEER, 1000n)).error).toBeUndefined()
    expect(await tags()).toEqual(['program:program:friend 100'])
    expect((await tag(ConnManagerRequest_Type.UNTAG_PEER)).error).toBeUndefined()
    expect(await tags()).toEqual([])
    await tag(ConnManagerRequest_Type.TAG_PEER)
    node.service.end('program')
    await eventually(async () => (await tags()).length === 0, 'the end of the tag')
    expect((await (await lab.at(path)).request({ type: Request_Type.DISCONNECT, disconnect: { peer: id } })).error).toBeUndefined()
    await eventually(() => node.net.streams.connections().length === 0, 'the end of the connection')
  })

  it('that takes too long ends with its time, or with the program', async () => {
    const { path, node } = await lab.pair()
    const unknown = '12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'
    // A listener that never says a word: the dial waits for it.
    const silent = createServer()
    lab.keep(silent)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { readonly port: number }
    const request = (timeout: bigint) => ({ type: Request_Type.CONNECT, connect: { peer: peerBytes(unknown), addrs: [multiaddr(`/ip4/127.0.0.1/tcp/${port}`).bytes], timeout } })
    expect((await (await lab.at(path)).request(request(1n))).error?.code).toBe('NET_TIMEOUT')
    const leaving = await lab.at(path)
    leaving.send(encodeRequest(request(600n)))
    await eventually(() => node.service.clients.list().some(({ kind }) => kind === 'requests'), 'the request')
    leaving.close()
    await eventually(() => node.service.clients.size <= 1 && node.net.host.getDialQueue().length === 0, 'the end of the dial')
  })
})

describe('a topic', () => {
  it('is heard by its subscriber until that is gone, each subscriber for itself', async () => {
    const { node, other, path } = await lab.pair()
    other.pubsub().subscribe('news', () => undefined)
    const subscribe = async (): Promise<IpcClient> => {
      const client = await lab.at(path)
      expect((await client.request({ type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'news' } })).error).toBeUndefined()
      return client
    }
    const [first, second] = [await subscribe(), await subscribe()]
    await eventually(() => other.pubsub().peers('news').includes(node.net.id) && node.net.pubsub().peers('news').includes(other.id), 'the subscriptions')
    await eventually(async () => {
      await other.pubsub().publish('news', Buffer.from(String(Math.random())))
      return Promise.race([first.read().then((message) => message !== undefined), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50))])
    }, 'a message')
    const message = fromBinary(PSMessageSchema, (await second.read()) as Uint8Array)
    expect([message.from, message.topicIDs, message.seqno.length]).toEqual([peerBytes(other.id), ['news'], 8])
    first.close()
    second.close()
    await eventually(() => !node.net.pubsub().topics().includes('news') && node.service.clients.size === 0, 'the end of the subscriptions')
  })

  it('drops a slow subscriber’s oldest messages, and delays nobody', async () => {
    const { node, path } = await lab.pair(ALL_SCOPES, { limits: { waitingMessages: 8 } })
    const subscribe = async (): Promise<IpcClient> => {
      const client = await lab.at(path)
      await client.request({ type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.SUBSCRIBE, topic: 'flood' } })
      return client
    }
    const [slow, quick] = [await subscribe(), await subscribe()]
    slow.socket.pause()
    const pubsub = node.net.pubsub()
    for (let i = 0; i < 100; i++) {
      await pubsub.publish('flood', Buffer.alloc(50_000, i))
      expect(fromBinary(PSMessageSchema, (await quick.read()) as Uint8Array).data[0]).toBe(i)
    }
    expect(node.service.dropped).toBeGreaterThan(50)
    slow.socket.resume()
    const seen: number[] = []
    while (seen.at(-1) !== 99) seen.push(fromBinary(PSMessageSchema, (await slow.read()) as Uint8Array).data[0] as number)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.slice(-8)).toEqual([92, 93, 94, 95, 96, 97, 98, 99])
  })
})
