/** One HTTP question to a device on the local network, with a limit on how long it takes and on how much comes back. */
import { request } from 'node:http'
import { NatError } from './errors.ts'

const TIMEOUT_MS = 5_000
const MAX_BYTES = 128 * 1024

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** Our own address on the way there. */
  readonly localAddress: string
}

/**
 * Redirects are not followed. Rejects with a {@link NatError}: `NAT_ROUTER_SILENT` for a time-out of five seconds or
 * a broken connection, `NAT_ROUTER_MALFORMED` for what is no HTTP or longer than 128 KiB.
 */
export async function exchange(url: URL, { method, headers, body }: Question, signal: AbortSignal): Promise<Answer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { code?: string }): void => {
      if (error instanceof NatError) reject(error)
      else if (error.code?.startsWith('HPE_')) reject(new NatError('NAT_ROUTER_MALFORMED', 'The router did not answer with HTTP.', error))
      else reject(new NatError('NAT_ROUTER_SILENT', `The router at ${url.host} does not answer.`, error))
    }
    const call = request(url, { method, headers: { ...headers, Connection: 'close' }, agent: false, signal: limit }, (response) => {
      const localAddress = (response.socket.localAddress ?? '').replace(/^::ffff:/, '')
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) call.destroy(new NatError('NAT_ROUTER_MALFORMED', `The router answered with more than ${MAX_BYTES / 1024} KiB.`))
        else chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8'), localAddress }))
    })
    call.on('error', fail)
    call.end(body)
  })
}
