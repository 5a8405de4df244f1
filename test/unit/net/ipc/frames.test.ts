import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { ClientFrameSchema, Node, NodeFrameSchema } from '../../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { decodeClientFrame, encodeCall, encodeEnd, encodeFailure, encodeItem, encodeReply } from '../../../../node-core/net/ipc/session/frames.ts'
import { methodName, Methods } from '../../../../node-core/net/ipc/session/methods.ts'

const bytes = new Uint8Array(300).fill(7)
const IDS = [1, 127, 128, 2 ** 32 - 1]

describe('frames that are written by hand', () => {
  it.each(IDS)('are those of the schema, with the id %i', (id) => {
    const node = (body: object): Uint8Array => toBinary(NodeFrameSchema, create(NodeFrameSchema, { id, body: body as never }))
    expect(encodeReply(id, bytes)).toEqual(node({ case: 'reply', value: { response: bytes } }))
    for (const dropped of [0, 1, 1000, 2 ** 40]) {
      expect(encodeItem(id, bytes, dropped)).toEqual(node({ case: 'item', value: { message: bytes, dropped: BigInt(dropped) } }))
      expect(encodeEnd(id, dropped)).toEqual(node({ case: 'end', value: { dropped: BigInt(dropped) } }))
    }
    for (const credit of [0, 16]) {
      expect(encodeCall(id, 'a.B/C', bytes, credit)).toEqual(toBinary(ClientFrameSchema, create(ClientFrameSchema, { id, body: { case: 'call', value: { method: 'a.B/C', request: bytes, credit } } })))
    }
  })

  it('of empty messages say the same as those of the schema', () => {
    expect(fromBinary(NodeFrameSchema, encodeReply(1, new Uint8Array(0)))).toEqual(create(NodeFrameSchema, { id: 1, body: { case: 'reply', value: {} } }))
    expect(decodeClientFrame(encodeCall(1, 'a.B/C', new Uint8Array(0))).body).toMatchObject({ case: 'call', value: { method: 'a.B/C' } })
  })
})

describe('a failure', () => {
  it('has the code, what to do, and the figures of the error', () => {
    const { body } = fromBinary(NodeFrameSchema, encodeFailure(3, new NodeError('NET_X', 'It went wrong.', { hint: 'Do that.', data: { limit: 7, name: 'n', list: [1] } })))
    expect(body).toMatchObject({ case: 'failure', value: { code: 'NET_X', message: 'It went wrong.', hint: 'Do that.', data: { limit: '7', name: 'n' } } })
  })

  it('of an error that has no code has one all the same, and is short', () => {
    const { body } = fromBinary(NodeFrameSchema, encodeFailure(3, new Error('x'.repeat(10_000))))
    expect(body).toMatchObject({ case: 'failure', value: { code: 'NET_INTERNAL', message: 'x'.repeat(2048) } })
  })
})

describe('the table of methods', () => {
  it('has a handler once for each, until it is taken out', () => {
    const methods = new Methods()
    const remove = methods.register(Node.method.status, { scopes: [] }, () => ({}))
    expect(() => methods.register(Node.method.status, { scopes: [] }, () => ({}))).toThrow('has a handler')
    expect([methodName(Node.method.status), methods.names()]).toEqual(['nodestead.net.v1.Node/Status', ['nodestead.net.v1.Node/Status']])
    remove()
    remove()
    expect([methods.find('nodestead.net.v1.Node/Status'), methods.names()]).toEqual([undefined, []])
  })
})
