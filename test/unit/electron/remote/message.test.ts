/** What another node may send, and what is none of it. */
import { describe, expect, it } from 'vitest'
import { answeredShape, MAX_ANSWER_BYTES, parseAnswer } from '../../../../electron/remote/message.ts'

describe('a message of another node', () => {
  it.each([
    [{ id: 1, result: { type: 'data', data: { a: [1, 'x'] } } }, { id: 1, result: { type: 'data', data: { a: [1, 'x'] } } }],
    [{ id: 1, result: { data: 7 } }, { id: 1, result: { type: 'data', data: 7 } }],
    // A procedure that gives nothing, and the beginning of a subscription.
    [{ id: 2, result: { type: 'data' } }, { id: 2, result: { type: 'data' } }],
    [{ id: 3, result: { type: 'started' } }, { id: 3, result: { type: 'started' } }],
    [{ id: null, method: 'reconnect', params: 1 }, { id: null, method: 'reconnect' }],
  ])('%j', (message, read) => {
    expect(parseAnswer(JSON.stringify(message))).toEqual(read)
  })

  it('keeps the problem of an error, and nothing that is none of it', () => {
    const problem = { code: 'RPC_PORT_IN_USE', message: 'In use.', hint: 'Choose another.' }
    const error = { code: -32600, message: 'In use.', data: { code: 'BAD_REQUEST', path: 'node.start', stack: 'at …', problem: { ...problem, more: 1 } } }
    expect(parseAnswer(JSON.stringify({ id: 1, error }))).toEqual({ id: 1, error: { code: -32600, message: 'In use.', data: { code: 'BAD_REQUEST', path: 'node.start', problem } } })
  })

  it('cuts texts that nobody would read to their end', () => {
    const long = 'x'.repeat(100_000)
    const error = { code: 1, message: long, data: { problem: { code: 'X', message: long, hint: long } } }
    expect(JSON.stringify(parseAnswer(JSON.stringify({ id: 1, error }))).length).toBeLessThan(13_000)
  })

  it.each([
    ['no JSON', 'PANG'],
    ['nothing', 'null'],
    ['a list', '[]'],
    ['another method', '{"id":1,"method":"query"}'],
    ['an answer to nothing', '{"result":{"type":"data"}}'],
    ['another result', '{"id":1,"result":{"type":"explode"}}'],
    ['a result that is none', '{"id":1,"result":null}'],
    ['an error that is none', '{"id":1,"error":null}'],
    ['an error without a code', '{"id":1,"error":{"message":"x"}}'],
    ['bytes', new ArrayBuffer(8)],
    ['more than any answer', `{"id":1,"result":{"data":"${'x'.repeat(MAX_ANSWER_BYTES)}"}}`],
  ])('is not %s', (_what, message) => {
    expect(parseAnswer(message)).toBeUndefined()
  })

  it('an error of the connection is no answer', () => {
    expect(answeredShape(new Error('closed'))).toBeUndefined()
    expect(answeredShape(undefined)).toBeUndefined()
  })
})
