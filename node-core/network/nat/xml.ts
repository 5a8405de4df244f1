/**
 * Reads the XML that routers send: elements and text, nothing else.
 *
 * Whoever is on the local network can answer a search, so this is hostile input. The text is bounded before it comes here;
 * the number of elements and their depth are bounded here, and a document type (where entities could be declared that
 * grow without end) is refused. Attributes are passed over, prefixes of names are cut off.
 */
const MAX_ELEMENTS = 4096
const MAX_DEPTH = 32

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** Of the element itself, without its children's, trimmed. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

interface Open {
  readonly tag: string
  readonly children: XmlElement[]
  text: string
}

/** Throws a SyntaxError where the text is not one well-formed element. */
export function parseXml(text: string): XmlElement {
  const stack: Open[] = []
  let root: XmlElement | undefined
  let elements = 0
  const close = ({ tag, text: own, children }: Open): void => {
    const element = { name: tag.slice(tag.indexOf(':') + 1), text: own.trim(), children }
    const parent = stack.at(-1)
    if (parent !== undefined) parent.children.push(element)
    else root = element
  }
  const addText = (chunk: string): void => {
    const top = stack.at(-1)
    if (top !== undefined) top.text += chunk
    else if (/[^\s\0\ufeff]/.test(chunk)) throw new SyntaxError('text outside of the element')
  }

  for (let position = 0; position < text.length; ) {
    const start = text.indexOf('<', position)
    addText(unescape(text.slice(position, start === -1 ? text.length : start)))
    if (start === -1) break
    if (text.startsWith('<!--', start)) {
      position = after(text, '-->', start)
    } else if (text.startsWith('<![CDATA[', start)) {
      position = after(text, ']]>', start)
      addText(text.slice(start + 9, position - 3))
    } else if (text.startsWith('<?', start)) {
      position = after(text, '?>', start)
    } else {
      position = after(text, '>', start)
      const inner = text.slice(start + 1, position - 1)
      if (inner.startsWith('/')) {
        const open = stack.pop()
        if (open === undefined || open.tag !== inner.slice(1).trim()) throw new SyntaxError('an end without its beginning')
        close(open)
        continue
      }
      const tag = /^[A-Za-z_][\w.:-]*(?=[\s/]|$)/.exec(inner)?.[0]
      if (tag === undefined) throw new SyntaxError('not an element')
      if (stack.length === 0 && root !== undefined) throw new SyntaxError('more than one element')
      if (++elements > MAX_ELEMENTS || stack.length >= MAX_DEPTH) throw new SyntaxError('too many elements')
      const open = { tag, children: [], text: '' }
      if (inner.endsWith('/')) close(open)
      else stack.push(open)
    }
  }
  if (root === undefined || stack.length > 0) throw new SyntaxError('it ends too early')
  return root
}

/** Every element of the name, at any depth, in the order of the document. */
export function elementsOf(element: XmlElement, name: string): readonly XmlElement[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => elementsOf(child, name))]
}

/** The text of the first element of the name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return elementsOf(element, name)[0]?.text
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from)
  if (found === -1) throw new SyntaxError('it ends too early')
  return found + end.length
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescape(text: string): string {
  return text.replace(/&([a-z]{2,4});/g, (whole, name: string) => ENTITIES[name] ?? whole)
}
