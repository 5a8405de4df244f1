/**
 * Answers pings (`/ipfs/ping/1.0.0`): says back what it hears, for as long as the other side likes. libp2p's own responder
 * ends a stream after a fixed time, or keeps a timer for each one until then; light clients keep one stream open for the
 * connection's whole life.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Clock } from '../../base/clock.ts'
import { TokenBucket } from '../token-bucket.ts'

export const PING_PROTOCOL = '/ipfs/ping/1.0.0'
/** An honest peer sends 32 bytes every few seconds. */
const RATE = { perSecond: 10, burst: 50 }
const MAX_CHUNK_BYTES = 1024

export function answerPings(clock: Clock, stream: Stream): void {
  const bucket = new TokenBucket(clock, RATE)
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    if (data.byteLength > MAX_CHUNK_BYTES || !bucket.take()) return stream.abort(new Error('too many pings'))
    if (stream.writeStatus !== 'writable') return
    stream.send(data)
    // Who does not read the answers asks no more for now.
    if (stream.writableNeedsDrain && stream.readStatus === 'readable') stream.pause()
  })
  stream.addEventListener('drain', () => {
    if (stream.readStatus === 'paused') stream.resume()
  })
  stream.addEventListener('remoteCloseWrite', () => {
    stream.close().catch(() => stream.abort(new Error('the answer did not get through')))
  })
}
