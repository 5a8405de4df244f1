/**
 * WebSocket frames for a client that costs next to nothing: each request is a frame that was made beforehand, and of an answer only the length and
 * the id are looked at. So the asking side is never what is measured.
 */
import { request } from 'node:http'
import type { Socket } from 'node:net'

const START = '{"jsonrpc":"2.0","id":'
/** Where the id begins in requests and answers, and how long it is. */
export const ID_AT = START.length
export const ID_DIGITS = 2

const MASK_BIT = 0x80
const FINAL_TEXT = 0x81
const MASK_BYTES = 4
const LENGTH_IN_2 = 126
const LENGTH_IN_8 = 127

/** One frame with a request; its mask is zero, which leaves the text as it is. `id` has two digits. */
export function requestFrame(id: number, method: string, params: readonly unknown[]): Buffer {
  const text = Buffer.from(`${START}${id},"method":"${method}","params":${JSON.stringify(params)}}`)
  const head = text.length < LENGTH_IN_2 ? Buffer.from([FINAL_TEXT, MASK_BIT | text.length]) : Buffer.from([FINAL_TEXT, MASK_BIT | LENGTH_IN_2, text.length >> 8, text.length & 0xff])
  return Buffer.concat([head, Buffer.alloc(MASK_BYTES), text])
}

/** Behind the last parameter, and how much of it changes. */
const TAIL = '"]}'
const VARIED_DIGITS = 8

/** Puts a number into the end of the last parameter. */
export function vary(frame: Buffer, number: number): void {
  frame.write(number.toString(16).padStart(VARIED_DIGITS, '0'), frame.length - TAIL.length - VARIED_DIGITS, 'latin1')
}

export function openSocket(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': Buffer.alloc(16).toString('base64') }
    const asked = request({ host: '127.0.0.1', port, path, headers })
    asked.once('upgrade', (_response, socket: Socket) => resolve(socket.setNoDelay()))
    asked.once('response', ({ statusCode }) => reject(new Error(`the upgrade was answered with ${statusCode}`)))
    asked.once('error', reject)
    asked.end()
  })
}

/** Calls back with each text that came whole: where its bytes are, and how many. */
export function readTexts(socket: Socket, onText: (bytes: Buffer, from: number, length: number) => void): void {
  let held: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let at = 0
    for (;;) {
      const body = at + headLength(bytes, at)
      const length = bodyLength(bytes, at)
      if (Number.isNaN(length) || body + length > bytes.length) break
      if (bytes[at] === FINAL_TEXT) onText(bytes, body, length)
      at = body + length
    }
    held = bytes.subarray(at)
  })
}

function headLength(bytes: Buffer, at: number): number {
  return bytes[at + 1] === LENGTH_IN_2 ? 4 : bytes[at + 1] === LENGTH_IN_8 ? 10 : 2
}

/** NaN where the head is not whole. */
function bodyLength(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length || at + headLength(bytes, at) > bytes.length) return Number.NaN
  const short = bytes[at + 1] as number
  if (short === LENGTH_IN_2) return bytes.readUInt16BE(at + 2)
  return short === LENGTH_IN_8 ? bytes.readUInt32BE(at + 6) : short
}
