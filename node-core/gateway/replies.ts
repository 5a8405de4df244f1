/** Short answers of the gateway itself. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { STATUS_CODES } from 'node:http'
import type { Response } from '../web/exchange.ts'

/** Does nothing where an answer has begun. A response of HTTP/2 takes the same calls; only their types differ. */
export function reply(response: Response, status: number, body: string | Uint8Array = '', headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return
  const plain = response as ServerResponse
  plain.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers })
  plain.end(typeof body === 'string' ? Buffer.from(body) : body)
}

/** To a client that wanted a WebSocket. `body` is JSON. */
export function refuseUpgrade(socket: Duplex, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  socket.on('error', () => socket.destroy())
  const all = { Connection: 'close', 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(body)), ...headers }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
}
