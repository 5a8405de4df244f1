/** What was probably meant: the name next to a mistyped one. */

/** The name that is a typing error or two away, or that was cut off; undefined where none is near. */
export function closest<Name extends string>(word: string, names: readonly Name[]): Name | undefined {
  const limit = word.length < 5 ? 1 : 2
  let best: { readonly name: Name; readonly distance: number } | undefined
  for (const name of names) {
    const distance = name.startsWith(word) && word.length >= 4 ? 1 : editDistance(word, name)
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
