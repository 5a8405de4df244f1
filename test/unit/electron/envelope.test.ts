/** What a window may send, and what is refused before anything looks into it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGE_LIMITS, parseRequest } from '../../../electron/envelope.ts'
import { NodeError } from '../../../node-core/base/errors.ts'

const CODES = ['IPC_BAD_MESSAGE', 'IPC_TOO_LARGE']

function codeOf(message: unknown): string {
  try {
    parseRequest(message)
  } catch (error) {
    if (error instanceof NodeError) return String(error.code)
    throw error
  }
  return 'accepted'
}

describe('parseRequest', () => {
  it.each([
    { kind: 'query', path: 'app.info' },
    { kind: 'mutation', path: 'node.start', input: { network: 'dev' } },
    { kind: 'subscribe', id: 1, path: 'logs.watch', input: { tail: 10 } },
    { kind: 'unsubscribe', id: 2 ** 31 - 1 },
    { kind: 'acknowledge', id: 1, count: 8 },
  ])('accepts %j as it is', (message) => {
    expect(parseRequest(message)).toEqual(message)
  })

  it.each([
    [undefined],
    [null],
    ['query'],
    [[]],
    [{}],
    [{ kind: 'steal', path: 'app.info' }],
    [{ kind: 'query', path: '' }],
    [{ kind: 'query', path: '__proto__' }],
    [{ kind: 'query', path: 'a..b' }],
    [{ kind: 'query', path: 'a'.repeat(101) }],
    [{ kind: 'query', path: 'app.info', more: 1 }],
    [{ kind: 'subscribe', id: 0, path: 'logs.watch' }],
    [{ kind: 'subscribe', id: 1.5, path: 'logs.watch' }],
    [{ kind: 'subscribe', id: '1', path: 'logs.watch' }],
    [{ kind: 'acknowledge', id: 1, count: -1 }],
    [{ kind: 'acknowledge', id: 1, count: 1e9 }],
  ])('refuses %j', (message) => {
    expect(codeOf(message)).toBe('IPC_BAD_MESSAGE')
  })

  it('refuses what is too large, too deep, too many, or no plain data', () => {
    const query = (input: unknown): unknown => ({ kind: 'query', path: 'app.info', input })
    let deep: unknown = 1
    for (let i = 0; i <= MESSAGE_LIMITS.depth; i++) deep = { deep }
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const inputs = ['x'.repeat(MESSAGE_LIMITS.size), deep, Array(MESSAGE_LIMITS.values).fill(0), cyclic, new Map(), new Uint8Array(1), new Date(), { ['k'.repeat(MESSAGE_LIMITS.size)]: 1 }]
    for (const input of inputs) expect(codeOf(query(input))).toBe('IPC_TOO_LARGE')
    expect(codeOf(query('x'.repeat(MESSAGE_LIMITS.size - 100)))).toBe('accepted')
  })

  it('answers anything at all with a typed error or a request of the known kinds', () => {
    const near = fc.record(
      {
        kind: fc.oneof(fc.constantFrom('query', 'mutation', 'subscribe', 'unsubscribe', 'acknowledge'), fc.anything()),
        path: fc.oneof(fc.constant('app.info'), fc.string(), fc.anything()),
        id: fc.oneof(fc.integer(), fc.anything()),
        count: fc.oneof(fc.integer(), fc.anything()),
        input: fc.anything({ maxDepth: 4 }),
      },
      { requiredKeys: [] },
    )
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(near, fc.anything({ withMap: true, withSet: true, withTypedArray: true, withBigInt: true, withDate: true })), (message) => {
        const code = codeOf(message)
        seen.add(code)
        if (code === 'accepted') expect(parseRequest(message).kind).toMatch(/^(query|mutation|subscribe|unsubscribe|acknowledge)$/)
        else expect(CODES).toContain(code)
      }),
      { numRuns: 3000, seed: 7 },
    )
    expect(seen).toEqual(new Set(['accepted', ...CODES]))
  })
})
