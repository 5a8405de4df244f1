/**
 * What a program and a SOCKS5 server say before the connection is there (RFC 1928, RFC 1929), from the server's side: a pure state machine that is fed bytes in
 * whatever pieces they come, and says what to answer.
 *
 *   program   version 5, methods                        server   version 5, the method: none, or password
 *   program   version 1, name, password                 server   version 1, whether they are right        (with a password only)
 *   program   version 5, command, address, port         server   version 5, reply                        (by whoever uses this: see `reply`)
 *
 * No more than 1,032 bytes are ever needed for it; behind the request the program's own bytes may follow at once. Only CONNECT is done. Nothing is decoded of a
 * message before all of it is there, and none is longer than its two length bytes say.
 */
import { concatBytes, EMPTY, fromUtf8 } from '../../base/bytes.ts'

const VERSION = 5
const PASSWORD_VERSION = 1
const METHOD_NONE = 0
const METHOD_PASSWORD = 2
const METHOD_NO_OTHER = 0xff
const COMMAND_CONNECT = 1
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const

/** RFC 1928, section 6. */
export const REPLIES = {
  succeeded: 0,
  failed: 1,
  'not-allowed': 2,
  'network-unreachable': 3,
  'host-unreachable': 4,
  refused: 5,
  'command-unknown': 7,
  'address-unknown': 8,
} as const
export type Reply = keyof typeof REPLIES

/** What a program asks for. */
export interface SocksRequest {
  /** Name of a host, in ASCII; undefined for an IP address. */
  readonly host: string | undefined
  readonly port: number
  /** What the program sent behind the request. */
  readonly rest: Uint8Array
}

export type SocksStep =
  | { readonly kind: 'say'; readonly bytes: Uint8Array }
  | { readonly kind: 'request'; readonly request: SocksRequest }
  /** No more is to be read; the last words are said first. */
  | { readonly kind: 'refuse'; readonly bytes: Uint8Array; readonly why: string }

export interface SocksOptions {
  /** Whether name and password are right; undefined where none are wanted. */
  readonly isRight?: ((name: string, password: string) => boolean) | undefined
}

/** The reply to a request; the address that it names is nobody's. */
export function reply(code: Reply): Uint8Array {
  return Uint8Array.of(VERSION, REPLIES[code], 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0)
}

export class SocksHandshake {
  readonly #isRight: SocksOptions['isRight']
  #state: 'methods' | 'password' | 'request' | 'done' = 'methods'
  #held: Uint8Array = EMPTY

  constructor({ isRight }: SocksOptions) {
    this.#isRight = isRight
  }

  /** Nothing may be pushed behind a request or a refusal. */
  push(chunk: Uint8Array): readonly SocksStep[] {
    this.#held = this.#held.length === 0 ? chunk : concatBytes(this.#held, chunk)
    const steps: SocksStep[] = []
    for (;;) {
      const step = this.#step()
      if (step === undefined) return steps
      steps.push(step)
      if (step.kind !== 'say') {
        this.#state = 'done'
        this.#held = EMPTY
      }
    }
  }

  /** What follows from what is held; undefined where more is needed, or nothing. */
  #step(): SocksStep | undefined {
    switch (this.#state) {
      case 'methods':
        return this.#methods()
      case 'password':
        return this.#password()
      case 'request':
        return this.#request()
      case 'done':
        return undefined
    }
  }

  #methods(): SocksStep | undefined {
    const [version, count] = this.#held
    // Another version's words would not be understood: HTTP and SOCKS 4 begin differently.
    if (version !== undefined && version !== VERSION) return { kind: 'refuse', bytes: EMPTY, why: 'the program does not speak SOCKS 5' }
    if (count === undefined || this.#held.length < 2 + count) return undefined
    const methods = this.#take(2 + count).subarray(2)
    const method = this.#isRight === undefined ? METHOD_NONE : METHOD_PASSWORD
    if (!methods.includes(method)) return { kind: 'refuse', bytes: Uint8Array.of(VERSION, METHOD_NO_OTHER), why: method === METHOD_NONE ? 'the program wants to say a password' : 'the program says no password' }
    this.#state = method === METHOD_NONE ? 'request' : 'password'
    return { kind: 'say', bytes: Uint8Array.of(VERSION, method) }
  }

  #password(): SocksStep | undefined {
    const [version, nameLength] = this.#held
    if (version !== undefined && version !== PASSWORD_VERSION) return { kind: 'refuse', bytes: Uint8Array.of(PASSWORD_VERSION, 1), why: 'the password came in a form that is not known' }
    if (nameLength === undefined) return undefined
    const passwordLength = this.#held[2 + nameLength]
    if (passwordLength === undefined || this.#held.length < 3 + nameLength + passwordLength) return undefined
    const message = this.#take(3 + nameLength + passwordLength)
    if (this.#isRight?.(latin(message.subarray(2, 2 + nameLength)), latin(message.subarray(3 + nameLength))) !== true) {
      return { kind: 'refuse', bytes: Uint8Array.of(PASSWORD_VERSION, 1), why: 'the password is wrong' }
    }
    this.#state = 'request'
    return { kind: 'say', bytes: Uint8Array.of(PASSWORD_VERSION, 0) }
  }

  #request(): SocksStep | undefined {
    const [version, command, , type, length] = this.#held
    if (version !== undefined && version !== VERSION) return { kind: 'refuse', bytes: reply('failed'), why: 'the request is of another version' }
    if (type === undefined) return undefined
    if (command !== COMMAND_CONNECT) return { kind: 'refuse', bytes: reply('command-unknown'), why: 'the program wants something else than a connection' }
    if (type !== ADDRESS.name && type !== ADDRESS.ipv4 && type !== ADDRESS.ipv6) return { kind: 'refuse', bytes: reply('address-unknown'), why: 'the address is of no known type' }
    if (length === undefined) return undefined
    const start = type === ADDRESS.name ? 5 : 4
    const end = start + (type === ADDRESS.name ? length : type === ADDRESS.ipv4 ? 4 : 16)
    if (this.#held.length < end + 2) return undefined
    const message = this.#take(end + 2)
    const port = ((message[end] as number) << 8) | (message[end + 1] as number)
    if (type !== ADDRESS.name) return { kind: 'request', request: { host: undefined, port, rest: this.#held } }
    const name = message.subarray(start, end)
    if (!name.every(isVisible)) return { kind: 'refuse', bytes: reply('not-allowed'), why: 'the name of the host has characters that no name has' }
    return { kind: 'request', request: { host: fromUtf8(name), port, rest: this.#held } }
  }

  #take(length: number): Uint8Array {
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }
}

function isVisible(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f
}

/** A character for each byte: no bytes are wrong. */
function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
