/** What a SOCKS handshake comes to, from bytes in pieces: the words said, and the request or refusal, with what was behind it. */
import { concatBytes, EMPTY } from '../../node-core/base/bytes.ts'
import { SocksHandshake, type SocksStep } from '../../node-core/net/link/socks-handshake.ts'

export interface SocksOutcome {
  readonly said: Uint8Array
  /** Undefined where more is needed. */
  readonly end: SocksStep | undefined
}

/** With a password, name and password are `a` and `b`. */
export function socksOutcome(pieces: readonly Uint8Array[], withPassword = false): SocksOutcome {
  const handshake = new SocksHandshake({ isRight: withPassword ? (name, password) => name === 'a' && password === 'b' : undefined })
  let said: Uint8Array = EMPTY
  for (const [i, piece] of pieces.entries()) {
    for (const step of handshake.push(piece)) {
      said = concatBytes(said, step.kind === 'say' ? step.bytes : EMPTY)
      if (step.kind === 'say') continue
      if (step.kind === 'refuse') return { said, end: step }
      return { said, end: { kind: 'request', request: { ...step.request, rest: concatBytes(step.request.rest, ...pieces.slice(i + 1)) } } }
    }
  }
  return { said, end: undefined }
}
