/** A page that uses a gateway as the sites of others do: what a test calls in it stands in `window.site`. */
import type { Interceptor, Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web'
import { answersOf, type Answers } from './answers.ts'

export type PageProtocol = 'gRPC-web' | 'Connect' | 'Connect JSON'

/** Why there was no answer, as the browser words it. */
export type OrFailure<Answer> = { readonly answer: Answer } | { readonly failure: string }

function transportOf(protocol: PageProtocol, baseUrl: string, key: string): Transport {
  const authorize: Interceptor = (next) => (request) => {
    request.header.set('authorization', `Bearer ${key}`)
    return next(request)
  }
  const options = { baseUrl, interceptors: [authorize] }
  return protocol === 'gRPC-web' ? createGrpcWebTransport(options) : createConnectTransport({ ...options, useBinaryFormat: protocol === 'Connect' })
}

function orFailure<Answer>(work: Promise<Answer>): Promise<OrFailure<Answer>> {
  return work.then((answer) => ({ answer }), (error: unknown) => ({ failure: String(error) }))
}

const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system_chain' })

const site = {
  ask: (protocol: PageProtocol, url: string, key: string, blocks: number): Promise<OrFailure<Answers>> => orFailure(answersOf(transportOf(protocol, url, key), blocks)),
  /** Without a preflight: what a form could send as well. The key stands in the address. */
  simple: (url: string, mode: RequestMode): Promise<OrFailure<string>> => orFailure(fetch(url, { method: 'POST', mode, body: BODY }).then((response) => response.text())),
  webSocket: (url: string): Promise<OrFailure<string>> => orFailure(new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.onopen = () => socket.send(BODY)
    socket.onmessage = ({ data }) => {
      resolve(String(data))
      socket.close()
    }
    socket.onerror = () => reject(new Error('it did not open'))
  })),
}

export type Site = typeof site
Object.assign(globalThis, { site })
