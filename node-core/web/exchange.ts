/** A request and its answer, of either version of HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse

/** Ends an answer at once: of HTTP/2 the stream, of HTTP/1.1 the connection. */
export function breakOff(response: Response): void {
  if ('stream' in response) response.stream.close(0x8)
  else response.destroy()
}
