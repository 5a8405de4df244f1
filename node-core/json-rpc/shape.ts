/**
 * What a message would be once it is parsed, told from its text: how deeply it is nested, how many values it holds, how many requests a batch has.
 * An array takes thirty times the memory of the two brackets that make it, so this is looked at before anything is parsed. It
 * judges nothing else: whether the text is JSON the parser says.
 */

/** As deep as the parser of Substrate's nodes goes (serde_json). */
export const MAX_DEPTH = 128
/** A list of storage keys that fills a request of 15 MiB has a fifth of it. */
export const MAX_VALUES = 1_000_000

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

export type Excess = 'depth' | 'values' | 'batch'

/** What there is too much of in `text`, or undefined. `maxBatch` bounds the entries of an array that is the whole message. */
export function excessOf(text: string, maxBatch: number): Excess | undefined {
  let depth = 0
  let values = 0
  let entries = 1
  const isBatch = /^\s*\[/.test(text)
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++depth > MAX_DEPTH) return 'depth'
        if (++values > MAX_VALUES) return 'values'
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--
        break
      case COMMA:
        if (isBatch && depth === 1 && ++entries > maxBatch) return 'batch'
        if (++values > MAX_VALUES) return 'values'
        break
    }
  }
  return undefined
}

/** Where the string that begins at `from` ends; the end of the text where it does not. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}
