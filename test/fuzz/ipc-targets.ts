/** What programs of this computer send over the local socket: requests of the daemon's protocol with what is in them, and frames of sessions. */
import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { multiaddr } from '@multiformats/multiaddr'
import { fromUtf8, utf8 } from '../../node-core/base/bytes.ts'
import { localAddress, describeAddress } from '../../node-core/net/ipc/daemon/local-address.ts'
import { addressText, decodeRequest, encodeRequest, multihashOfCid, peerBytes, peerText, typeName } from '../../node-core/net/ipc/daemon/messages.ts'
import type { RequestSchema } from '../../node-core/net/ipc/daemon/p2pd_pb.ts';
import { ConnManagerRequest_Type, DHTRequest_Type, PeerstoreRequest_Type, PSRequest_Type, Request_Type } from '../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { ChannelRequestSchema, ClientFrameSchema, HelloSchema, PublishRequestSchema, type Hello, type PublishRequest } from '../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { ScopeSet } from '../../node-core/net/ipc/scopes.ts'
import { decode, decodeClientFrame, decodeHello, encodeClientFrame } from '../../node-core/net/ipc/session/frames.ts'
import type { Target } from './fuzz.ts'

const PEER = peerBytes('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
const SOCKET = '/tmp/client.sock'
const UNIX = Uint8Array.from([0x90, 0x03, SOCKET.length, ...utf8(SOCKET)])
const TCP = multiaddr('/ip4/127.0.0.1/tcp/4001').bytes
const CID = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)])
const MALFORMED = ['NET_']

const REQUESTS: readonly MessageInitShape<typeof RequestSchema>[] = [
  { type: Request_Type.IDENTIFY },
  { type: Request_Type.CONNECT, connect: { peer: PEER, addrs: [TCP, multiaddr('/ip6/::1/tcp/1/ws').bytes], timeout: 5n } },
  { type: Request_Type.STREAM_OPEN, streamOpen: { peer: PEER, proto: ['/a/1', '/b/1'], timeout: 60n } },
  { type: Request_Type.STREAM_HANDLER, streamHandler: { addr: UNIX, proto: ['/a/1'] } },
  { type: Request_Type.STREAM_HANDLER, streamHandler: { addr: TCP, proto: ['/a/1'] } },
  { type: Request_Type.DHT, dht: { type: DHTRequest_Type.FIND_PROVIDERS, cid: CID, count: 5 } },
  { type: Request_Type.DHT, dht: { type: DHTRequest_Type.PUT_VALUE, key: utf8('/v/key'), value: utf8('value') } },
  { type: Request_Type.CONNMANAGER, connManager: { type: ConnManagerRequest_Type.TAG_PEER, peer: PEER, tag: 'friend', weight: -1n } },
  { type: Request_Type.DISCONNECT, disconnect: { peer: PEER } },
  { type: Request_Type.PUBSUB, pubsub: { type: PSRequest_Type.PUBLISH, topic: 'news', data: new Uint8Array(100) } },
  { type: Request_Type.PEERSTORE, peerStore: { type: PeerstoreRequest_Type.GET_PEER_INFO, id: PEER } },
  { type: Request_Type.HELLO, hello: encoded(HelloSchema, { version: 1, token: 'x'.repeat(43), client: 'a client' }) },
]

const PUBLISH = [
  encoded(PublishRequestSchema, { topic: 'news', data: new Uint8Array(40), recipients: { case: 'only', value: { peers: ['a', 'b'] } } }),
  encoded(PublishRequestSchema, { topic: 'news', data: new Uint8Array(4), recipients: { case: 'everybody', value: {} } }),
]

export function ipcTargets(): Target[] {
  return [
    {
      name: 'ipc request',
      corpus: REQUESTS.map(encodeRequest),
      decode(input) {
        const request = decodeRequest(input)
        const { connect, connManager, dht, disconnect, hello, peerStore, streamHandler, streamOpen } = request
        // What is answered with an error is refused, and what is left stands for itself.
        return [
          typeName(request),
          connect === undefined ? undefined : [peerText(connect.peer), connect.addrs.map(addressText)],
          streamOpen === undefined ? undefined : peerText(streamOpen.peer),
          streamHandler === undefined ? undefined : describeAddress(localAddress(streamHandler.addr, 'linux')),
          dht === undefined || dht.cid.length === 0 ? undefined : multihashOfCid(dht.cid),
          connManager === undefined ? undefined : [peerText(connManager.peer), connManager.weight],
          disconnect === undefined ? undefined : peerText(disconnect.peer),
          peerStore === undefined ? undefined : peerText(peerStore.id),
          hello.length === 0 ? undefined : decodeHello(hello).token,
        ]
      },
      codes: MALFORMED,
    },
    { name: 'ipc handler address', corpus: [UNIX, TCP, multiaddr('/ip6/::1/tcp/9').bytes], decode: (input) => localAddress(input, 'linux'), codes: ['NET_ADDRESS_NOT_LOCAL'] },
    { name: 'ipc cid', corpus: [CID, CID.subarray(2)], decode: multihashOfCid, codes: ['NET_REQUEST_INVALID'] },
    {
      name: 'ipc frame',
      corpus: [
        encodeClientFrame({ id: 1, body: { case: 'call', value: { method: 'nodestead.net.v1.Topics/Publish', request: PUBLISH[0] as Uint8Array, credit: 16 } } }),
        encodeClientFrame({ id: 300, body: { case: 'call', value: { method: 'nodestead.net.v1.Topics/Publish', request: PUBLISH[0] as Uint8Array } } }),
        encodeClientFrame({ id: 2 ** 32 - 1, body: { case: 'cancel', value: {} } }),
        encodeClientFrame({ id: 7, body: { case: 'grant', value: { items: 100 } } }),
      ],
      decode: (input) => create(ClientFrameSchema, decodeClientFrame(input)),
      codes: MALFORMED,
      encode: encodeClientFrame,
    },
    { name: 'ipc hello', corpus: [encoded(HelloSchema, { version: 1, token: 'x'.repeat(43), client: 'a client' })], decode: decodeHello, codes: MALFORMED, encode: (hello: Hello) => toBinary(HelloSchema, hello) },
    { name: 'ipc call', corpus: [...PUBLISH, encoded(ChannelRequestSchema, { channel: '7' })], decode: (input) => decode(PublishRequestSchema, input), codes: MALFORMED, encode: (request: PublishRequest) => toBinary(PublishRequestSchema, request) },
    {
      name: 'ipc scopes',
      corpus: ['streams\ntopics:news/*\nsealed:mail', 'dht', 'topics:*a*b*c*'].map(utf8),
      decode(input) {
        const scopes = new ScopeSet(fromUtf8(input).split('\n'))
        return [scopes.has('topics'), scopes.allows('topics', 'aaaaabbbbbcccccaaaabbbbcccc'), scopes.allows('sealed', 'mail')]
      },
      codes: ['NET_SCOPE_INVALID'],
    },
  ]
}

function encoded<T extends DescMessage>(schema: T, init: MessageInitShape<T>): Uint8Array {
  return toBinary(schema, create(schema, init))
}
