/**
 * Calls and answers: nearly all frames of a session, written and read without a message object. The numbers are those of ClientFrame and Call, of NodeFrame, Reply,
 * Item and End, and of SendRequest in ipc.proto. Pure.
 */
import { putVarint, varintSize } from '../../../base/varint.ts'
import { bytesSize, numberSize, putBytes, putNumber, roomFor, tagOf, varintAt } from './plain-fields.ts'

/** A ClientFrame that calls. */
export interface CallFrame {
  readonly id: number
  readonly body: { readonly case: 'call'; readonly value: { readonly method: string; readonly request: Uint8Array; readonly credit: number } }
}

/** A NodeFrame that answers. */
export interface ReplyFrame {
  readonly id: number
  readonly body: { readonly case: 'reply'; readonly value: { readonly response: Uint8Array } }
}

const ID = tagOf(1, 'varint')
const CALL = tagOf(2, 'bytes')
const METHOD = tagOf(1, 'bytes')
const REQUEST = tagOf(2, 'bytes')
const CREDIT = tagOf(3, 'varint')
const REPLY = tagOf(2, 'bytes')
const RESPONSE = tagOf(1, 'bytes')
const SEND_CHANNEL = tagOf(1, 'bytes')
const SEND_DATA = tagOf(2, 'bytes')
const SEND_CONFIRM = tagOf(3, 'varint')
const ITEM = tagOf(3, 'bytes')
const MESSAGE = tagOf(1, 'bytes')
const DROPPED_ITEMS = tagOf(2, 'varint')
const END = tagOf(4, 'bytes')
const DROPPED_AT_END = tagOf(1, 'varint')

export function encodeCall(id: number, method: string, request: Uint8Array, credit = 0): Uint8Array {
  const name = Buffer.from(method, 'utf8')
  const { bytes, at } = startFrame(id, CALL, bytesSize(name) + bytesSize(request) + numberSize(credit))
  putNumber(bytes, putBytes(bytes, putBytes(bytes, at, METHOD, name), REQUEST, request), CREDIT, credit)
  return bytes
}

export function encodeReply(id: number, response: Uint8Array): Uint8Array {
  const { bytes, at } = startFrame(id, REPLY, bytesSize(response))
  putBytes(bytes, at, RESPONSE, response)
  return bytes
}

export function encodeItem(id: number, message: Uint8Array, dropped: number): Uint8Array {
  const { bytes, at } = startFrame(id, ITEM, bytesSize(message) + numberSize(dropped))
  putNumber(bytes, putBytes(bytes, at, MESSAGE, message), DROPPED_ITEMS, dropped)
  return bytes
}

export function encodeEnd(id: number, dropped: number): Uint8Array {
  const { bytes, at } = startFrame(id, END, numberSize(dropped))
  putNumber(bytes, at, DROPPED_AT_END, dropped)
  return bytes
}

/** The request that sends a message on a channel (SendRequest): what programs call most. */
export function encodeSend(channel: string, data: Uint8Array, confirm: boolean): Uint8Array {
  const name = Buffer.from(channel, 'utf8')
  const bytes = roomFor(bytesSize(name) + bytesSize(data) + numberSize(Number(confirm)))
  putNumber(bytes, putBytes(bytes, putBytes(bytes, 0, SEND_CHANNEL, name), SEND_DATA, data), SEND_CONFIRM, Number(confirm))
  return bytes
}

/** Undefined where the frame is no call, or is not written as {@link encodeCall} writes one without credit: the schema reads it then. */
export function readCall(bytes: Uint8Array): CallFrame | undefined {
  const body = readBody(bytes, CALL)
  if (body === undefined) return undefined
  const name = bytesAt(bytes, body.at, METHOD)
  if (name === undefined) return undefined
  const request = bytesAt(bytes, name.byteOffset - bytes.byteOffset + name.length, REQUEST)
  if (request === undefined || !endsAtEnd(bytes, request)) return undefined
  // Of letters that are one byte each, in UTF-8 too.
  for (const letter of name) if (letter >= 0x80) return undefined
  return { id: body.id, body: { case: 'call', value: { method: Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1'), request, credit: 0 } } }
}

/** The same for {@link encodeReply}. */
export function readReply(bytes: Uint8Array): ReplyFrame | undefined {
  const body = readBody(bytes, REPLY)
  const response = body === undefined ? undefined : bytesAt(bytes, body.at, RESPONSE)
  return body === undefined || response === undefined || !endsAtEnd(bytes, response) ? undefined : { id: body.id, body: { case: 'reply', value: { response } } }
}

/** A frame with its id, and room of `size` bytes for its body, which is written from `at` on. */
function startFrame(id: number, body: number, size: number): { readonly bytes: Uint8Array; readonly at: number } {
  const bytes = roomFor(1 + varintSize(id) + 1 + varintSize(size) + size)
  return { bytes, at: putVarint(bytes, putVarint(bytes, putNumber(bytes, 0, ID, id), body), size) }
}

/** The id, and where the body begins, which ends with the frame. */
function readBody(bytes: Uint8Array, body: number): { readonly id: number; readonly at: number } | undefined {
  const id = bytes[0] === ID ? varintAt(bytes, 1) : -1
  if (id <= 0) return undefined
  const at = 1 + varintSize(id)
  const size = bytes[at] === body ? varintAt(bytes, at + 1) : -1
  const start = at + 1 + varintSize(size)
  return size >= 0 && start + size === bytes.length ? { id, at: start } : undefined
}

function bytesAt(bytes: Uint8Array, at: number, tag: number): Uint8Array | undefined {
  const size = bytes[at] === tag ? varintAt(bytes, at + 1) : -1
  const start = at + 1 + varintSize(size)
  return size >= 0 && start + size <= bytes.length ? bytes.subarray(start, start + size) : undefined
}

function endsAtEnd(bytes: Uint8Array, part: Uint8Array): boolean {
  return part.byteOffset + part.length === bytes.byteOffset + bytes.length
}
