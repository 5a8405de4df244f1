import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { ClientFrameSchema, Node, NodeFrameSchema, SendRequestSchema } from '../../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { encodeCall, encodeEnd, encodeItem, encodeReply, encodeSend, readCall, readReply } from '../../../../node-core/net/ipc/session/common-frames.ts'
import { decodeClientFrame, encodeFailure } from '../../../../node-core/net/ipc/session/frames.ts'
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

describe('frames that are read by hand', () => {
  const call = (id: number, method = 'a.B/C', request = bytes): Uint8Array => encodeCall(id, method, request)

  it.each(IDS.filter((id) => id < 2 ** 28))('are those of the schema, with the id %i', (id) => {
    expect(readCall(call(id))).toEqual({ id, body: { case: 'call', value: { method: 'a.B/C', request: bytes, credit: 0 } } })
    expect(readReply(encodeReply(id, bytes))).toEqual({ id, body: { case: 'reply', value: { response: bytes } } })
  })

  it.each([
    ['that cannot be', new Uint8Array([0x08, 0x80])],
    ['with an id of five bytes', call(2 ** 32 - 1)],
    ['with credit', encodeCall(1, 'a.B/C', bytes, 16)],
    ['with a method in other letters', call(1, 'ä.B/C')],
    ['with no method', new Uint8Array([0x08, 1, 0x12, 2, 0x12, 0])],
    ['with the body first', new Uint8Array([0x12, 4, 0x0a, 0, 0x12, 0, 0x08, 1])],
    ['with a second id', new Uint8Array([0x08, 1, 0x12, 4, 0x0a, 0, 0x12, 0, 0x08, 2])],
    ['with an id that is not in its shortest form', new Uint8Array([0x08, 0x81, 0, 0x12, 4, 0x0a, 0, 0x12, 0])],
    ['whose request ends behind it', new Uint8Array([0x08, 1, 0x12, 4, 0x0a, 0, 0x12, 1])],
    ['of another kind', new Uint8Array([0x08, 1, 0x1a, 0])],
    ['without an id', new Uint8Array([0x12, 4, 0x0a, 0, 0x12, 0])],
    ['with the id zero', new Uint8Array([0x08, 0, 0x12, 4, 0x0a, 0, 0x12, 0])],
    ['with nothing in it', new Uint8Array(0)],
  ])('are left to the schema: one %s', (_, frame) => {
    expect([readCall(frame), readReply(frame)]).toEqual([undefined, undefined])
  })

  it('are no calls where they have no request, or no method', () => {
    expect(readCall(new Uint8Array([0x08, 1, 0x12, 2, 0x0a, 0]))).toBe(undefined)
    expect(readReply(new Uint8Array([0x08, 1, 0x12, 0]))).toBe(undefined)
  })

  it('say what the schema says, whatever the bytes are', () => {
    const small = fc.uint8Array({ maxLength: 20 })
    const frame = fc.oneof(
      fc.tuple(fc.nat(400), fc.string({ maxLength: 5 }), small).map(([id, method, request]) => call(id, method, request)),
      fc.tuple(fc.nat(400), small).map(([id, response]) => encodeReply(id, response)),
    )
    const changed = fc.tuple(frame, fc.array(fc.tuple(fc.nat(30), fc.nat(255)), { maxLength: 2 })).map(([bytes, changes]) => {
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return bytes
    })
    let read = 0
    fc.assert(
      fc.property(changed, (bytes) => {
        const [asCall, asReply] = [readCall(bytes), readReply(bytes)]
        if (asCall !== undefined) expect(fromBinary(ClientFrameSchema, bytes)).toEqual(create(ClientFrameSchema, asCall))
        if (asReply !== undefined) expect(fromBinary(NodeFrameSchema, bytes)).toEqual(create(NodeFrameSchema, asReply))
        if (asCall !== undefined || asReply !== undefined) read++
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(200)
  })

  it.each([false, true])('have the request that sends, confirmed or not (%s), as the schema writes it', (confirm) => {
    expect(encodeSend('a channel', bytes, confirm)).toEqual(toBinary(SendRequestSchema, create(SendRequestSchema, { channel: 'a channel', data: bytes, confirm })))
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
