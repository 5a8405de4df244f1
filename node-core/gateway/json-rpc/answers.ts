/**
 * Answers of the node, as texts. A client's id comes back exactly as it was sent, and an answer may have megabytes; so an answer is not parsed where its beginning
 * is as our nodes write it, only the number in it exchanged.
 */

/** As our nodes begin an answer. */
const ANSWER = /^\{"jsonrpc":"2\.0","id":(\d+),/

export interface NodeAnswer {
  /** The number under which the node was asked; `null` where it could not tell what it answers, undefined where it is no answer but a notification. */
  readonly id: number | null | undefined
  /** What follows the id: `"result":…}`. */
  readonly rest: string
}

/** Throws a SyntaxError where it is no JSON. */
export function readAnswer(text: string): NodeAnswer {
  const known = ANSWER.exec(text)
  if (known !== null) return { id: Number(known[1]), rest: text.slice(known[0].length) }
  const { jsonrpc: _, id, ...others } = JSON.parse(text) as Readonly<Record<string, unknown>>
  return { id: typeof id === 'number' || id === null ? id : undefined, rest: JSON.stringify(others).slice(1) }
}

/** For the client. */
export function answerText(idText: string, rest: string): string {
  return `{"jsonrpc":"2.0","id":${idText},${rest}`
}

/** The code of the error, or 200. */
export function statusIn(rest: string): number {
  if (!rest.startsWith('"error"')) return 200
  return Number(/^"error":\{"code":(-?\d{1,9})/.exec(rest)?.[1] ?? -32_603)
}

/** The elements of a list, as they are written. The text is JSON. */
export function elementsOf(list: string): readonly string[] {
  const elements: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < list.length; at++) {
    const char = list[at]
    if (char === '"') at = endOfString(list, at)
    else if (char === '{' || char === '[') {
      if (++depth === 2) from = at
    } else if ((char === '}' || char === ']') && --depth === 1) elements.push(list.slice(from, at + 1))
  }
  return elements
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}
