/** What the other end of a stream does in tests: sends back, takes all, sends much. As fast as the streams take it, and no faster. */
import { createHash } from 'node:crypto'
import type { Stream } from '@libp2p/interface'

/** Chunks in order, and the end; the stream stands still while one is being dealt with. */
export async function eachChunk(stream: Stream, take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  const waiting: Uint8Array[] = []
  let ended = false
  let failure: Error | undefined
  let wake = (): void => undefined
  stream.addEventListener('message', ({ data }) => {
    waiting.push(data.subarray())
    wake()
  })
  stream.addEventListener('end', () => queueMicrotask(() => {
    ended = true
    wake()
  }))
  stream.addEventListener('close', ({ error }) => {
    failure ??= error
    wake()
  })
  if (stream.readableEnded) ended = true
  for (;;) {
    const chunk = waiting.shift()
    if (chunk !== undefined) {
      if (stream.readStatus === 'readable') stream.pause()
      await take(chunk)
      continue
    }
    if (stream.readStatus === 'paused') {
      stream.resume()
      if (waiting.length > 0) continue
    }
    if (failure !== undefined) throw failure
    if (ended && stream.readBufferLength === 0) return
    await new Promise<void>((resolve) => (wake = resolve))
  }
}

/** Resolves when the stream takes more. 'drain' comes too when the connection takes more and the stream does not yet. */
export async function sendChunk(stream: Stream, chunk: Uint8Array): Promise<void> {
  stream.send(chunk)
  while (stream.writableNeedsDrain) {
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        stream.removeEventListener('drain', done)
        stream.removeEventListener('close', done)
        if (stream.status === 'open') resolve()
        else reject(new Error(`the stream is ${stream.status}`))
      }
      stream.addEventListener('drain', done)
      stream.addEventListener('close', done)
    })
  }
}

/** Sends everything back, and ends when the other end does. */
export async function echo(stream: Stream): Promise<void> {
  await eachChunk(stream, (chunk) => sendChunk(stream, chunk))
  await stream.close()
}

/** SHA-256 of all that comes, in hexadecimal, and how much it was. */
export async function digestOf(stream: Stream): Promise<{ readonly digest: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  await eachChunk(stream, (chunk) => {
    hash.update(chunk)
    bytes += chunk.length
  })
  return { digest: hash.digest('hex'), bytes }
}

/** Sends so many bytes of a pattern and ends its half; their SHA-256. */
export async function sendPattern(stream: Stream, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  for (let sent = 0; sent < bytes; sent += 65_536) {
    const chunk = new Uint8Array(Math.min(65_536, bytes - sent)).fill((sent / 65_536) % 251)
    hash.update(chunk)
    await sendChunk(stream, chunk)
  }
  await stream.close()
  return hash.digest('hex')
}
