/** The lists of the private network builder, one entry a line. Pure. */

/** Numbers of lines count from 1. */
export type Lines<T> = { readonly ok: true; readonly items: readonly T[] } | { readonly ok: false; readonly line: number }

export function parseBalances(text: string): Lines<{ readonly address: string; readonly amount: number }> {
  return parseLines(text, (first, second) => (/^\d{1,15}$/.test(second) ? { address: first, amount: Number(second) } : undefined))
}

export function parseAuthorities(text: string): Lines<{ readonly stash: string; readonly sessionKeys: string }> {
  return parseLines(text, (first, second) => (/^0x([0-9a-f]{2})+$/i.test(second) ? { stash: first, sessionKeys: second } : undefined))
}

function parseLines<T>(text: string, parse: (first: string, second: string) => T | undefined): Lines<T> {
  const items: T[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const words = line.trim().split(/\s+/)
    const item = words.length === 2 ? parse(words[0] ?? '', words[1] ?? '') : undefined
    if (item === undefined) return { ok: false, line: index + 1 }
    items.push(item)
  }
  return { ok: true, items }
}
