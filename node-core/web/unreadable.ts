/** What comes over a connection of HTTP/1.1 and is no request: Node.js answers it with a bare status; here it has a reason. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface UnreadableRequest {
  /** Of HTTP. */
  readonly status: 400 | 408 | 413 | 431
  readonly what: string
  readonly hint: string
}

const FAULTS: Readonly<Record<string, UnreadableRequest>> = {
  HPE_HEADER_OVERFLOW: { status: 431, what: 'The headers of the request are longer than any may be.', hint: 'Send fewer or shorter ones.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, what: 'The extensions of a chunk are longer than any may be.', hint: 'Send none.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, what: 'The request did not come whole in time.', hint: 'Send it at once.' },
}
const NO_HTTP: UnreadableRequest = { status: 400, what: 'What was sent is no request of HTTP.', hint: 'Speak HTTP/1.1 or 2 here; with TLS where the address begins with https, and without it where it does not.' }

/** Answers and hangs up; hangs up alone where the client has gone, or an answer has begun. `bodyOf` gives JSON. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex & { readonly _httpMessage?: ServerResponse | null }, bodyOf: (request: UnreadableRequest) => string): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent === true) return void socket.destroy()
  const fault = FAULTS[error.code ?? ''] ?? NO_HTTP
  const body = bodyOf(fault)
  const head = `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  socket.end(head + body, () => socket.destroy())
}
