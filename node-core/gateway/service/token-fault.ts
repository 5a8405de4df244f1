/**
 * What the gateway's own token is good for, as the node says. It needs to read and submit: with more, a fault of the gateway would be one of the node's administration;
 * with less, calls are refused that the gateway's list has.
 */
import type { ClientHttp2Stream } from 'node:http2'
import { z } from 'zod'
import type { ServiceUpstream } from './upstream.ts'

const NEEDED = ['SCOPE_READ', 'SCOPE_SUBMIT'] as const
const TIMEOUT_MS = 5_000
const MAX_ANSWER = 64 * 1024

const infoSchema = z.object({ scopes: z.array(z.string().max(64)).max(64).default([]) })

/** Undefined where nothing is wrong. Rejects where the node does not answer. */
export async function tokenFault(upstream: ServiceUpstream, token: string): Promise<string | undefined> {
  const { status, text } = await answerOf(upstream.request({ ':method': 'POST', ':path': '/nodestead.v1.Node/Info', authorization: `Bearer ${token}`, 'content-type': 'application/json' }))
  if (status === 401) return 'the node does not know it'
  if (status !== 200 && status !== 403) throw new Error(`the node answered ${status}`)
  const scopes = status === 403 ? [] : infoSchema.parse(JSON.parse(text)).scopes
  const more = scopes.filter((scope) => !NEEDED.some((needed) => needed === scope))
  const missing = NEEDED.filter((needed) => !scopes.includes(needed))
  if (more.length > 0) return `it has more than the gateway needs: ${namesOf(more)}`
  return missing.length > 0 ? `it lacks ${namesOf(missing)}` : undefined
}

function namesOf(scopes: readonly string[]): string {
  return scopes.map((scope) => scope.replace('SCOPE_', '').toLowerCase()).join(', ')
}

function answerOf(stream: ClientHttp2Stream): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let [status, size] = [0, 0]
    stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error('it does not answer')))
    stream.on('response', (headers) => (status = headers[':status'] ?? 0))
    stream.on('data', (part: Buffer) => {
      size += part.length
      if (size > MAX_ANSWER) stream.destroy(new Error('the answer is too long'))
      else parts.push(part)
    })
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('the connection has ended')))
    stream.on('end', () => resolve({ status, text: Buffer.concat(parts).toString('utf8') }))
    stream.end('{}')
  })
}
