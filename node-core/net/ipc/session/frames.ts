/** The frames of a session: bytes to what a program says, and what the node says to bytes. Pure. */
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { errorMessage, isNodeError, MalformedError, plainData } from '../../../base/errors.ts'
import type { IpcErrorCode } from '../errors.ts'
import { ClientFrameSchema, HelloSchema, NodeFrameSchema, WelcomeSchema, type ClientFrame, type Hello } from '../proto/nodestead/net/v1/ipc_pb.ts'

export const SESSION_VERSION = 1
/** The longest text of an error that a program is told. */
const MAX_ERROR_TEXT = 2048

/** Throws a MalformedError NET_MESSAGE_MALFORMED. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const frame = decode(ClientFrameSchema, bytes)
  if (frame.id === 0) throw malformed('a frame has no id')
  if (frame.body.case === undefined) throw malformed('a frame has nothing in it')
  return frame
}

export function encodeClientFrame(frame: MessageInitShape<typeof ClientFrameSchema>): Uint8Array {
  return toBinary(ClientFrameSchema, create(ClientFrameSchema, frame))
}

/** A frame that calls, written without a message object: what programs send most. */
export function encodeCall(id: number, method: string, request: Uint8Array, credit = 0): Uint8Array {
  const writer = new BinaryWriter().uint32(FIELD.id).uint32(id).uint32(FIELD.call).fork().uint32(FIELD.bytes).string(method).uint32(FIELD.request).bytes(request)
  return (credit === 0 ? writer : writer.uint32(FIELD.credit).uint32(credit)).join().finish()
}

export function decodeHello(bytes: Uint8Array): Hello {
  return decode(HelloSchema, bytes)
}

export function encodeWelcome(welcome: MessageInitShape<typeof WelcomeSchema>): Uint8Array {
  return toBinary(WelcomeSchema, create(WelcomeSchema, welcome))
}

/** Throws a MalformedError NET_MESSAGE_MALFORMED. */
export function decode<T extends DescMessage>(schema: T, bytes: Uint8Array): MessageShape<T> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false })
  } catch (error) {
    throw malformed(errorMessage(error), error)
  }
}

// Answers are the many of all messages, so that they are written without a message object: the numbers are those of NodeFrame, Reply, Item and End (and of ClientFrame and Call).

export function encodeReply(id: number, response: Uint8Array): Uint8Array {
  return nodeFrame(id).uint32(FIELD.reply).fork().uint32(FIELD.bytes).bytes(response).join().finish()
}

export function encodeItem(id: number, message: Uint8Array, dropped: number): Uint8Array {
  const writer = nodeFrame(id).uint32(FIELD.item).fork().uint32(FIELD.bytes).bytes(message)
  return (dropped === 0 ? writer : writer.uint32(FIELD.droppedOfItem).uint64(dropped)).join().finish()
}

export function encodeEnd(id: number, dropped: number): Uint8Array {
  const writer = nodeFrame(id).uint32(FIELD.end).fork()
  return (dropped === 0 ? writer : writer.uint32(FIELD.droppedOfEnd).uint64(dropped)).join().finish()
}

/** Number and wire type: a varint is 0, bytes are 2. */
const FIELD = { id: (1 << 3) | 0, call: (2 << 3) | 2, request: (2 << 3) | 2, credit: (3 << 3) | 0, reply: (2 << 3) | 2, item: (3 << 3) | 2, end: (4 << 3) | 2, bytes: (1 << 3) | 2, droppedOfItem: (2 << 3) | 0, droppedOfEnd: (1 << 3) | 0 } as const

function nodeFrame(id: number): BinaryWriter {
  return new BinaryWriter().uint32(FIELD.id).uint32(id)
}

export function encodeFailure(id: number, error: unknown): Uint8Array {
  return toBinary(NodeFrameSchema, create(NodeFrameSchema, { id, body: { case: 'failure', value: failureOf(error) } }))
}

/** An error as a program is told it. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string; readonly hint: string; readonly data: Record<string, string> } {
  const code: string = isNodeError(error) ? error.code : ('NET_INTERNAL' satisfies IpcErrorCode)
  const data = isNodeError(error) ? plainData(error) : undefined
  return {
    code,
    message: errorMessage(error).slice(0, MAX_ERROR_TEXT),
    hint: isNodeError(error) ? (error.hint ?? '') : '',
    data: Object.fromEntries(Object.entries(data ?? {}).map(([name, value]) => [name, String(value)])),
  }
}

function malformed(why: string, cause?: unknown): MalformedError {
  return new MalformedError('NET_MESSAGE_MALFORMED', `The message is none of a session: ${why}.`, { cause })
}
