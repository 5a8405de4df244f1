/** What a person or a script hands to a command for a node: hexadecimal bytes, and what is typed or piped. */
import { CommandError } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Twice the largest transaction or message, and an end of line. */
const MAX_INPUT = 11 * 1024 * 1024

/** `what` begins the sentence that refuses. Throws DATA_INVALID. */
export function bytesOfHex(text: string, what: string): Uint8Array<ArrayBuffer> {
  const digits = text.trim().replace(/^0x/i, '')
  if (digits !== '' && digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits)) return new Uint8Array(Buffer.from(digits, 'hex'))
  throw new CommandError('DATA_INVALID', `${what} is given in hexadecimal digits, two for each byte, with 0x in front or not.`, { hint: 'Check that it is whole.' })
}

/** The word, or where it is left out standard input. */
export function wordOrInput(word: string | undefined, terminal: Terminal): Promise<string> {
  return word === undefined ? terminal.readInput(MAX_INPUT) : Promise.resolve(word)
}
