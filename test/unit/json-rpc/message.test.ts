import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RpcError, toRpcError } from '../../../node-core/chain/rpc/errors.ts'
import { errorText, readMessage, resultText, type Entry } from '../../../node-core/json-rpc/message.ts'
import { NodeError } from '../../../node-core/base/errors.ts'

function single(text: string): Entry {
  const message = readMessage(text, 10)
  if (message.kind !== 'single') throw new Error('expected a single entry')
  return message.entry
}

function code(entry: Entry): number | undefined {
  return entry.kind === 'refused' ? entry.refusal.error.code : undefined
}

describe('reading messages', () => {
  it('reads a request with its id as it is', () => {
    expect(single('{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}')).toEqual({
      kind: 'request',
      request: { id: 'a', method: 'm', params: [1] },
    })
    expect(single('{"jsonrpc":"2.0","id":null,"method":"m","params":{"x":1}}')).toMatchObject({ request: { id: null, params: { x: 1 } } })
  })

  it('takes a request without id for a notification, and null params for none', () => {
    expect(single('{"jsonrpc":"2.0","method":"m","params":null}')).toEqual({
      kind: 'request',
      request: { id: undefined, method: 'm', params: undefined },
    })
  })

  it.each([
    ['{', -32700],
    ['', -32700],
    ['1', -32600],
    ['null', -32600],
    ['[]', -32600],
    ['{}', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', -32600],
    ['{"jsonrpc":"2.0","id":1}', -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"m"}', -32600],
    ['{"jsonrpc":"2.0","id":true,"method":"m"}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}', -32600],
    [`[${Array(11).fill('1').join(',')}]`, -32010],
  ])('refuses %s with %i', (text, expected) => {
    expect(code(single(text))).toBe(expected)
  })

  it('names the id of what it refuses where it could be read', () => {
    expect(single('{"jsonrpc":"1.0","id":5,"method":"m"}')).toMatchObject({ refusal: { id: 5 } })
  })

  it('judges each entry of a batch alone', () => {
    const message = readMessage('[1,{"jsonrpc":"2.0","id":1,"method":"m"}]', 10)
    expect(message.kind === 'batch' && message.entries.map((entry) => entry.kind)).toEqual(['refused', 'request'])
  })

  it('never throws, and gives back what was sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readMessage(text, 10).kind).toMatch(/single|batch/)
      }),
    )
    const id = fc.oneof(fc.string(), fc.integer(), fc.constant(null))
    const params = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
    fc.assert(
      fc.property(id, fc.string(), params, (requestId, method, parameters) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: requestId, method, params: parameters })
        const expected = JSON.parse(JSON.stringify(parameters)) as unknown
        expect(single(text)).toEqual({ kind: 'request', request: { id: requestId, method, params: expected } })
      }),
    )
  })
})

describe('an id', () => {
  const ids = ['9007199254740993', '18446744073709551615', '-9223372036854775808', '340282366920938463463374607431768211455', '1.0', '1e3', '1E+2', '-0', '0', '0.1', '1e400', '7', '"9007199254740993"', '"\\u0041"', 'null']

  it.each(ids)('%s comes back as it was sent', (id) => {
    const entry = single(`{"jsonrpc":"2.0","id":${id},"method":"m","params":{"id":12345678901234567890}}`)
    if (entry.kind !== 'request') throw new Error('refused')
    const sent = id.startsWith('"') ? JSON.stringify(JSON.parse(id)) : id
    expect(resultText(entry.request.id ?? null, '1')).toBe(`{"jsonrpc":"2.0","id":${sent},"result":1}`)
    expect(errorText(entry.request.id ?? null, new RpcError(1, 'no'))).toBe(`{"jsonrpc":"2.0","id":${sent},"error":{"code":1,"message":"no"}}`)
    expect(entry.request.params).toEqual({ id: 12345678901234567890 })
  })

  it('of each entry of a batch, and of what is refused, comes back as it was sent', () => {
    const message = readMessage('[{"jsonrpc":"2.0","id":9007199254740993,"method":"m"},{"id" : 9007199254740995},{"jsonrpc":"2.0","method":"m","params":[{"id":9007199254740997}]}]', 10)
    if (message.kind !== 'batch') throw new Error('no batch')
    const [first, second, third] = message.entries
    expect(first?.kind === 'request' && resultText(first.request.id ?? null, '1')).toContain('"id":9007199254740993,')
    expect(second?.kind === 'refused' && errorText(second.refusal.id, second.refusal.error)).toContain('"id":9007199254740995,')
    expect(third?.kind === 'request' && third.request.id).toBeUndefined()
  })
})

describe('writing answers', () => {
  it('writes undefined as null', () => {
    expect(JSON.parse(resultText('x', undefined))).toEqual({ jsonrpc: '2.0', id: 'x', result: null })
  })

  it('leaves out data where there is none', () => {
    expect(JSON.parse(errorText(1, new RpcError(-1, 'no')))).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } })
  })
})

describe('translating errors', () => {
  it.each([
    [new NodeError('TX_INVALID', 'm', { data: { detail: 'Stale' } }), 1010, 'Transaction is outdated'],
    [new NodeError('TX_INVALID', 'm', { data: { detail: 'Custom(7)' } }), 1010, 'Custom error: 7'],
    [new NodeError('TX_UNKNOWN', 'm', { data: { detail: 'CannotLookup' } }), 1011, 'CannotLookup'],
    [new NodeError('TX_TEMPORARILY_BANNED', 'm'), 1012, undefined],
    [new NodeError('TX_ALREADY_IMPORTED', 'm', { data: { hash: '0x01' } }), 1013, '0x01'],
    [new NodeError('TX_IMMEDIATELY_DROPPED', 'm'), 1016, "The transaction couldn't enter the pool because of the limit"],
  ])('gives %o the number of Substrate', (thrown, number, data) => {
    const { error, internal } = toRpcError(thrown)
    expect([error.code, error.data, internal]).toEqual([number, data, false])
  })

  it('says both priorities', () => {
    const { error } = toRpcError(new NodeError('TX_TOO_LOW_PRIORITY', 'm', { data: { oldPriority: 9n, newPriority: 3n } }))
    expect([error.code, error.message]).toEqual([1014, 'Priority is too low: (9 vs 3)'])
  })

  it('tells what the runtime said when it panicked', () => {
    const { error } = toRpcError(new NodeError('RUNTIME_TRAP', 'the runtime trapped', { data: { panic: 'no such thing' } }))
    expect([error.code, error.message]).toEqual([4003, 'Client error: Execution failed: the runtime trapped: no such thing'])
  })

  it('keeps the text of anything else to itself', () => {
    const { error, internal } = toRpcError(new Error('ENOENT /home/alice/secret'))
    expect([error.code, error.message, error.data, internal]).toEqual([-32603, 'Internal error', undefined, true])
  })
})
