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

/** Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] as number) + 1 : Infinity
      next.push(Math.min(replace, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    ;[before, row] = [row, next]
  }
  return row[b.length] as number
}
