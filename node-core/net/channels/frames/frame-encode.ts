/** Writes the frames of a session; frames.ts says what they are and how they lie in bytes. */
import { uninitializedBytes } from '../../../base/bytes.ts'
import { REFUSALS, RESET_REASONS } from '../errors.ts'
import { CLASSES, PROTOCOL_VERSION, NONCE_BYTES, KINDS, FLAG_A, FLAG_B, type Frame } from './frames.ts'

/** Bytes of an integer. */
function sizeOf(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Bytes of a frame, without the length in front. */
export function frameSize(frame: Frame): number {
  switch (frame.kind) {
    case 'hello':
      return 2 + 2 * NONCE_BYTES + sizeOf(frame.received)
    case 'ask':
    case 'bye':
      return 1
    case 'ack':
      return 1 + sizeOf(frame.received)
    case 'open':
      return 3 + sizeOf(frame.channel) + sizeOf(frame.window) + sizeOf(frame.maxMessageBytes) + frame.service.length + sizeOf(frame.metadata.length) + frame.metadata.length
    case 'accept':
      return 1 + sizeOf(frame.channel) + sizeOf(frame.window) + sizeOf(frame.maxMessageBytes)
    case 'data':
      return 1 + sizeOf(frame.channel) + (frame.total === undefined ? 0 : sizeOf(frame.total)) + frame.payload.length
    case 'credit':
      return 1 + sizeOf(frame.channel) + sizeOf(frame.limit)
    case 'blocked':
    case 'end':
      return 1 + sizeOf(frame.channel)
    case 'refuse':
    case 'reset':
      return 2 + sizeOf(frame.channel)
  }
}

/** With the length in front. */
export function framedSize(frame: Frame): number {
  const size = frameSize(frame)
  return sizeOf(size) + size
}

/** Writes a frame behind its length; returns where it ends. There must be room for {@link framedSize}. */
export function writeFramed(into: Uint8Array, at: number, frame: Frame): number {
  return writeBody(into, writeInteger(into, at, frameSize(frame)), frame)
}

/** A frame without the length in front. */
export function encodeFrameBody(frame: Frame): Uint8Array {
  const bytes = uninitializedBytes(frameSize(frame))
  writeBody(bytes, 0, frame)
  return bytes
}

function writeInteger(into: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest >= 0x80) {
    into[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  into[at++] = rest
  return at
}

function writeBody(into: Uint8Array, start: number, frame: Frame): number {
  let at = start
  const integer = (value: number): void => void (at = writeInteger(into, at, value))
  const bytes = (value: Uint8Array): void => {
    into.set(value, at)
    at += value.length
  }
  into[at++] = KINDS.indexOf(frame.kind) | flagsOf(frame)
  switch (frame.kind) {
    case 'hello':
      into[at++] = PROTOCOL_VERSION
      bytes(frame.nonce)
      bytes(frame.peerNonce)
      integer(frame.received)
      break
    case 'ask':
    case 'bye':
      break
    case 'ack':
      integer(frame.received)
      break
    case 'open':
      integer(frame.channel)
      into[at++] = CLASSES.indexOf(frame.class)
      integer(frame.window)
      integer(frame.maxMessageBytes)
      into[at++] = frame.service.length
      for (let i = 0; i < frame.service.length; i++) into[at++] = frame.service.charCodeAt(i)
      integer(frame.metadata.length)
      bytes(frame.metadata)
      break
    case 'accept':
      integer(frame.channel)
      integer(frame.window)
      integer(frame.maxMessageBytes)
      break
    case 'data':
      integer(frame.channel)
      if (frame.total !== undefined) integer(frame.total)
      bytes(frame.payload)
      break
    case 'credit':
      integer(frame.channel)
      integer(frame.limit)
      break
    case 'blocked':
    case 'end':
      integer(frame.channel)
      break
    case 'refuse':
      integer(frame.channel)
      into[at++] = REFUSALS.indexOf(frame.reason)
      break
    case 'reset':
      integer(frame.channel)
      into[at++] = RESET_REASONS.indexOf(frame.reason)
      break
  }
  return at
}

function flagsOf(frame: Frame): number {
  if (frame.kind === 'data') return (frame.first ? FLAG_A : 0) | (frame.last ? FLAG_B : 0)
  return frame.kind === 'end' && frame.deaf ? FLAG_A : 0
}
