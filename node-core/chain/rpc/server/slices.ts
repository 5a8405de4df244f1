/** Long synchronous work in slices, so that one client's big question does not hold up everything else in this thread. */

/** A few milliseconds of trie reads. */
export const SLICE = 256

export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve))
    for (const item of items.slice(from, from + SLICE)) results.push(work(item))
  }
  return results
}
