/** JSON of a request as text, unless it is nested deeper than any message: a parser takes many times the memory of such a text before it finds out that it is none. */
const MAX_DEPTH = 64
const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

function isDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) isText = !isText
    else if (isText && byte === BACKSLASH) at++
    else if (!isText && (byte === OPEN_LIST || byte === OPEN_OBJECT)) depth++
    else if (!isText && (byte === CLOSE_LIST || byte === CLOSE_OBJECT)) depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Takes the place of a TextDecoder. */
export class BoundedJson {
  readonly #decoder = new TextDecoder()

  /** Throws where the text is too deep. */
  decode(bytes: Uint8Array): string {
    if (isDeep(bytes)) throw new Error(`The JSON is nested deeper than ${MAX_DEPTH} levels`)
    return this.#decoder.decode(bytes)
  }
}
