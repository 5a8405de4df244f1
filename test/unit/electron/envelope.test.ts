/** What a window may send, and what is refused before anything looks into it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_MESSAGE_LENGTH, parseRequest } from '../../../electron/envelope.ts'
import { NodeError } from '../../../node-core/base/errors.ts'

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
    expect(parseRequest(JSON.stringify(message))).toEqual(message)
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
    expect(codeOf(JSON.stringify(message))).toBe('IPC_BAD_MESSAGE')
  })

  it.each([[undefined], [null], [42], [{ kind: 'query', path: 'app.info' }], [''], ['{'], ['{"kind":"query","path":"app.info"}x'], [new Uint8Array(4)]])(
    'refuses %j, which is no JSON text',
    (message) => {
      expect(codeOf(message)).toBe('IPC_BAD_MESSAGE')
    },
  )

  it('refuses what is too large before it reads it', () => {
    const query = (length: number) => {
      const bare = JSON.stringify({ kind: 'query', path: 'app.info', input: '' })
      return bare.replace('""', `"${'x'.repeat(length - bare.length)}"`)
    }
    expect(codeOf(query(MAX_MESSAGE_LENGTH))).toBe('accepted')
    expect(codeOf(query(MAX_MESSAGE_LENGTH + 1))).toBe('IPC_TOO_LARGE')
    expect(codeOf('['.repeat(MAX_MESSAGE_LENGTH))).toBe('IPC_BAD_MESSAGE')
  })

  it('answers anything at all with a typed error or a request of the known kinds', () => {
    // Not everything that can be made up has a JSON text (a bigint has none).
    const stringify = (value: unknown): unknown => {
      try {
        return JSON.stringify(value)
      } catch {
        return value
      }
    }
    const near = fc.record(
      {
        kind: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('query', 'mutation', 'subscribe', 'unsubscribe', 'acknowledge') }, fc.anything()),
        path: fc.oneof({ weight: 3, arbitrary: fc.constant('app.info') }, fc.string(), fc.anything()),
        id: fc.oneof({ weight: 3, arbitrary: fc.integer() }, fc.anything()),
        count: fc.oneof({ weight: 3, arbitrary: fc.integer() }, fc.anything()),
        input: fc.jsonValue({ maxDepth: 4 }),
      },
      { requiredKeys: [] },
    )
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.oneof(near.map(stringify), fc.json(), fc.string(), fc.anything({ withMap: true, withTypedArray: true })), (message) => {
        const code = codeOf(message)
        seen.add(code)
        if (code === 'accepted') expect(parseRequest(message).kind).toMatch(/^(query|mutation|subscribe|unsubscribe|acknowledge)$/)
        else expect(code).toBe('IPC_BAD_MESSAGE')
      }),
      { numRuns: 3000, seed: 7 },
    )
    expect(seen).toEqual(new Set(['accepted', 'IPC_BAD_MESSAGE']))
  })
})
