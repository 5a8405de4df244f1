/**
 * What two ends of a plain link tell each other besides messages. A text is its length in a byte, then UTF-8.
 *
 *   greeting   version (1) ‖ network ‖ name of this node
 *   topics     number of topics (1) ‖ for each its number on this side (2, little-endian) ‖ its name
 */
import { concatBytes, utf8 } from '../../base/bytes.ts'
import { MalformedError } from '../../base/errors.ts'

const VERSION = 1
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface Greeting {
  readonly network: string
  readonly name: string
}

export function encodeGreeting({ network, name }: Greeting): Uint8Array {
  return concatBytes(Uint8Array.of(VERSION), text(network), text(name))
}

/** Throws a MalformedError. */
export function decodeGreeting(bytes: Uint8Array): Greeting {
  const reader = new Texts(bytes)
  if (reader.byte() !== VERSION) throw malformed()
  const greeting = { network: reader.text(), name: reader.text() }
  reader.end()
  return greeting
}

export function encodeTopics(topics: ReadonlyMap<number, string>): Uint8Array {
  return concatBytes(Uint8Array.of(topics.size), ...[...topics].flatMap(([number, name]) => [Uint8Array.of(number & 255, number >> 8), text(name)]))
}

/** Throws a MalformedError. */
export function decodeTopics(bytes: Uint8Array): ReadonlyMap<number, string> {
  const reader = new Texts(bytes)
  const topics = new Map<number, string>()
  for (let left = reader.byte(); left > 0; left--) topics.set(reader.byte() + reader.byte() * 256, reader.text())
  reader.end()
  return topics
}

class Texts {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw malformed()
    return byte
  }

  text(): string {
    const length = this.byte()
    if (this.#at + length > this.#bytes.length) throw malformed()
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    try {
      return UTF8.decode(bytes)
    } catch {
      throw malformed()
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed()
  }
}

function text(value: string): Uint8Array {
  const bytes = utf8(value)
  if (bytes.length > 255) throw new RangeError(`a name has at most 255 bytes, not ${bytes.length}`)
  return concatBytes(Uint8Array.of(bytes.length), bytes)
}

function malformed(): MalformedError {
  return new MalformedError('WIRE_GREETING', 'What the other side of the link says of itself is not in the form of a plain link.')
}
