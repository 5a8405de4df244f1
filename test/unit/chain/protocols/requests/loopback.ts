/** Both ends of a request protocol in one process, and what hostile input looks like. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import type { RequestAnswer, RequestHandler, RequestSender } from '../../../../../node-core/network/contracts.ts'

export const PEER = 'peer'
export const NEVER = new AbortController().signal

/** Sends what the handler gets, checked against the sizes that its specification promises. */
export function loopback(handler: RequestHandler, fitting?: number): RequestSender {
  return {
    async request(_peer, spec, request) {
      expect(spec).toBe(handler.spec)
      expect(request.length).toBeLessThanOrEqual(spec.maxRequestBytes)
      const answer = await handler.onRequest(PEER, request, NEVER, fitting)
      if (answer.kind === 'refuse') throw new NodeError('NETWORK_REFUSED', answer.fault?.code ?? 'no fault')
      expect(answer.bytes.length).toBeLessThanOrEqual(spec.maxResponseBytes)
      return answer.bytes
    },
  }
}

/** Answers everything with these bytes. */
export function answering(bytes: Uint8Array): RequestSender {
  return { request: async () => bytes }
}

export function ask(handler: RequestHandler, request: Uint8Array): Promise<RequestAnswer> {
  return handler.onRequest(PEER, request, NEVER)
}

/** Random bytes, and valid messages that were cut off or damaged. */
export function hostile(...valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const message = fc.constantFrom(...valid)
  const cut = fc.tuple(message, fc.nat()).map(([bytes, at]) => bytes.slice(0, at % (bytes.length + 1)))
  const damaged = fc.tuple(message, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })).map(([bytes, changes]) => {
    const copy = Uint8Array.from(bytes)
    for (const [at, value] of changes) copy[at % copy.length] = value
    return copy
  })
  return fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, damaged)
}

/** A handler answers or refuses whatever it gets; what it refuses as malformed costs. */
export async function expectTypedAnswers(handler: RequestHandler, ...valid: readonly Uint8Array[]): Promise<void> {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(hostile(...valid), async (bytes) => {
      const answer = await ask(handler, bytes)
      seen.add(answer.kind === 'response' ? 'response' : (answer.fault?.code ?? 'no fault'))
    }),
    { seed: 7, numRuns: 2000 },
  )
  expect(seen).toContain('bad-request')
}

/** A client call gives a result or throws an error that says what the response costs. */
export async function expectTypedErrors(call: (sender: RequestSender) => Promise<unknown>, ...valid: readonly Uint8Array[]): Promise<void> {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(hostile(...valid), async (bytes) => {
      try {
        await call(answering(bytes))
      } catch (error) {
        expect(error).toMatchObject({ name: 'NodeError', code: expect.stringMatching(/^RESPONSE_/) })
        seen.add((error as NodeError).code)
      }
    }),
    { seed: 7, numRuns: 2000 },
  )
  expect(seen).toContain('RESPONSE_MALFORMED')
}

export const responseError = (code: string): Error => expect.objectContaining({ code, fault: expect.anything() }) as Error
