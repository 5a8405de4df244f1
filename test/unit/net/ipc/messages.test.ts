import { fromBinary, isFieldSet } from '@bufbuild/protobuf'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { addressText, decodeRequest, encodeError, encodeOk, encodePubSubMessage, encodeRequest, encodeStreamInfo, multihashOfCid, peerBytes, peerInfo, peerText } from '../../../../node-core/net/ipc/daemon/messages.ts'
import { PSMessageSchema, Request_Type, Response_Type, ResponseSchema, StreamInfoSchema } from '../../../../node-core/net/ipc/daemon/p2pd_pb.ts'

const PEER = '12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'
const RSA_PEER = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const refused = (code: string): Error => expect.objectContaining({ code }) as Error

describe('requests', () => {
  it('are read as others write them', () => {
    // IDENTIFY by the Go client: the type is on the wire though it is zero.
    expect(decodeRequest(hex('0800')).type).toBe(Request_Type.IDENTIFY)
    // STREAM_OPEN to a peer "ab" with two protocols, by hand.
    const request = decodeRequest(hex('08021a0c0a02616212022f6112022f62'))
    expect(request.streamOpen).toMatchObject({ peer: hex('6162'), proto: ['/a', '/b'] })
  })

  it('come back as they were', () => {
    const bytes = encodeRequest({ type: Request_Type.CONNECT, connect: { peer: peerBytes(PEER), addrs: [multiaddr('/ip4/1.2.3.4/tcp/5').bytes], timeout: 7n } })
    expect(decodeRequest(bytes).connect).toMatchObject({ peer: peerBytes(PEER), timeout: 7n })
  })

  it.each([
    ['no type', ''],
    ['a type of a later version', '0863'],
    ['a cut off field', '08011205'],
    ['a group that does not end', '0b'],
    ['a field zero', '0000'],
  ])('with %s are malformed', (_name, bytes) => {
    expect(() => decodeRequest(hex(bytes))).toThrow(refused('NET_MESSAGE_MALFORMED'))
  })
})

describe('answers', () => {
  it('say that it went well', () => {
    expect(Buffer.from(encodeOk()).toString('hex')).toBe('0800')
  })

  it('say what went wrong, with a code in front and in a field of its own', () => {
    const { error, type } = fromBinary(ResponseSchema, encodeError(new NodeError('NETWORK_NOT_CONNECTED', 'No connection.', { hint: 'Connect first.' })))
    expect([type, error?.msg, error?.code]).toEqual([Response_Type.ERROR, 'NETWORK_NOT_CONNECTED: No connection. Connect first.', 'NETWORK_NOT_CONNECTED'])
    expect(fromBinary(ResponseSchema, encodeError(new Error('x'.repeat(10_000)))).error?.msg.length).toBeLessThan(2100)
  })

  it('tell of a stream', () => {
    const address = multiaddr('/ip4/1.2.3.4/tcp/5').bytes
    expect(fromBinary(StreamInfoSchema, encodeStreamInfo({ peer: PEER, protocol: '/a/1', address }))).toMatchObject({ peer: peerBytes(PEER), addr: address, proto: '/a/1' })
  })

  it('carry messages of topics, signed or not', () => {
    const unsigned = fromBinary(PSMessageSchema, encodePubSubMessage({ from: undefined, data: hex('01'), topic: 't' }))
    expect([isFieldSet(unsigned, PSMessageSchema.field.from), unsigned.topicIDs]).toEqual([false, ['t']])
    const signed = fromBinary(PSMessageSchema, encodePubSubMessage({ from: PEER, data: hex('01'), topic: 't', sequenceNumber: hex('02'), signature: hex('03'), key: hex('04') }))
    expect(signed).toMatchObject({ from: peerBytes(PEER), seqno: hex('02'), signature: hex('03'), key: hex('04') })
  })
})

describe('peers and addresses', () => {
  it('are multihashes, of every kind of key', () => {
    for (const peer of [PEER, RSA_PEER]) expect(peerText(peerBytes(peer))).toBe(peer)
  })

  it.each([undefined, new Uint8Array(0), hex('00'), new Uint8Array(200), hex('deadbeef')])('that are none are refused', (bytes) => {
    expect(() => peerText(bytes)).toThrow(refused('NET_REQUEST_INVALID'))
  })

  it('that are no addresses are refused, and left out of what is told', () => {
    expect(() => addressText(hex('ffffff'))).toThrow(refused('NET_REQUEST_INVALID'))
    expect(peerInfo(PEER, ['/ip4/1.2.3.4/tcp/5', '/nonsense/1']).addrs).toHaveLength(1)
  })
})

describe('a CID', () => {
  const digest = `1220${'5a'.repeat(32)}`
  it.each([
    ['version 0', digest],
    ['version 1', `0155${digest}`],
    ['version 1 with a long codec', `018001${digest}`],
  ])('of %s has a multihash', (_name, cid) => {
    expect(Buffer.from(multihashOfCid(hex(cid))).toString('hex')).toBe(digest)
  })

  it.each(['', '01', '0155', `0255${digest}`, `0155${digest}00`, `0155${digest.slice(0, -2)}`, '01551200', 'ffffffffffff'])('%s is none', (cid) => {
    expect(() => multihashOfCid(hex(cid))).toThrow(refused('NET_REQUEST_INVALID'))
  })
})
