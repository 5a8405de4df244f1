/** The discs on the map: one per country, and one for neighbours whose discs would cover each other. Pure. */

export interface Cluster {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly count: number
  /** The countries in it, the fullest first. */
  readonly countries: readonly string[]
}

type Point = readonly [x: number, y: number]

/** Grows with each doubling, so that a thousand peers leave room for the country beside them. */
export function radiusOf(count: number): number {
  return 4 + 1.6 * Math.log2(count)
}

/** Countries without a point are left out. The fullest come first, so that smaller discs lie on top of greater ones. */
export function clustersOf(counts: ReadonlyMap<string, number>, pointOf: (country: string) => Point | undefined): readonly Cluster[] {
  const clusters: Cluster[] = []
  for (const [country, count] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    const point = pointOf(country)
    if (point === undefined) continue
    const near = clusters.findIndex(({ x, y, radius }) => Math.hypot(x - point[0], y - point[1]) < radius + radiusOf(count) / 2)
    const cluster = clusters[near]
    if (cluster === undefined) clusters.push({ x: point[0], y: point[1], radius: radiusOf(count), count, countries: [country] })
    else {
      // It stays where its fullest country is: that is what it is named after.
      const sum = cluster.count + count
      clusters[near] = { ...cluster, count: sum, radius: radiusOf(sum), countries: [...cluster.countries, country] }
    }
  }
  return clusters
}
