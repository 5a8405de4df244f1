/**
 * JSON whose numbers keep their digits.
 *
 * A genesis has balances of 128 bits, written as numbers. `JSON.parse` rounds what is beyond 2^53, and the state that comes of a
 * rounded balance is that of another network. Here such a number becomes an {@link ExactNumber}, which remembers its text and
 * writes it again; every other value is what `JSON.parse` makes of it.
 *
 * It works in two steps, because the engine's own parser is fast and knows the grammar: the text is checked by it first, then each
 * number that would not come back as it stands is put into a marked string, and the marked strings are exchanged afterwards.
 */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type ExactValue = null | boolean | number | string | ExactNumber | readonly ExactValue[] | ExactObject
export interface ExactObject {
  readonly [key: string]: ExactValue
}

/** Throws a SyntaxError where the text is not JSON. */
export function parseExact(text: string): ExactValue {
  JSON.parse(text)
  const mark = markFor(text)
  const parsed: unknown = JSON.parse(markNumbers(text, mark), (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? new ExactNumber(value.slice(mark.length)) : value,
  )
  return parsed as ExactValue
}

/** As `JSON.stringify` prints, with `indent` spaces a level; none where it is left out. */
export function printExact(value: ExactValue, indent = 0): string {
  return print(value, indent === 0 ? '' : ' '.repeat(indent), indent === 0 ? '' : '\n')
}

export function isExactObject(value: ExactValue | undefined): value is ExactObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

/** A beginning that no string of the text has. */
function markFor(text: string): string {
  let mark = 'number:'
  while (text.includes(mark)) mark = `.${mark}`
  return mark
}

const QUOTE = 34
const MINUS = 45
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** `text` is valid JSON: outside of strings, a digit or a minus begins a number and nothing else. */
function markNumbers(text: string, mark: string): string {
  const parts: string[] = []
  let done = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
    } else if (code === MINUS || (code >= 48 && code <= 57)) {
      NUMBER.lastIndex = at
      const number = (NUMBER.exec(text) as RegExpExecArray)[0]
      if (String(Number(number)) !== number) {
        parts.push(text.slice(done, at), `"${mark}${number}"`)
        done = at + number.length
      }
      at += number.length
    } else {
      at++
    }
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(done)
}

/** Behind the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
}

function print(value: ExactValue, step: string, line: string): string {
  if (value instanceof ExactNumber) return value.text
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = line + step
  const colon = step === '' ? ':' : ': '
  const items = Array.isArray(value)
    ? value.map((item: ExactValue) => print(item, step, inner))
    : Object.entries(value as ExactObject).map(([key, item]) => `${JSON.stringify(key)}${colon}${print(item, step, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0 ? `${open}${close}` : `${open}${inner}${items.join(`,${inner}`)}${line}${close}`
}
