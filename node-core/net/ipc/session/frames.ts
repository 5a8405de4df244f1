/** The frames of a session: bytes to what a program says, and what the node says to bytes. Pure. */
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf'
import { errorMessage, isNodeError, MalformedError, plainData } from '../../../base/errors.ts'
import type { IpcErrorCode } from '../errors.ts'
import { readCall, type CallFrame } from './common-frames.ts'
import { ClientFrameSchema, HelloSchema, NodeFrameSchema, WelcomeSchema, type ClientFrame, type Hello } from '../proto/nodestead/net/v1/ipc_pb.ts'

export const SESSION_VERSION = 1
/** The longest text of an error that a program is told. */
const MAX_ERROR_TEXT = 2048

/** Throws a MalformedError NET_MESSAGE_MALFORMED. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame | CallFrame {
  const call = readCall(bytes)
  if (call !== undefined) return call
  const frame = decode(ClientFrameSchema, bytes)
  if (frame.id === 0) throw malformed('a frame has no id')
  if (frame.body.case === undefined) throw malformed('a frame has nothing in it')
  return frame
}

export function encodeClientFrame(frame: MessageInitShape<typeof ClientFrameSchema>): Uint8Array {
  return toBinary(ClientFrameSchema, create(ClientFrameSchema, frame))
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
