/**
 * Writes `renderer/map/centroids.json`: where the map puts the peers of each country. It is the middle of the country's
 * largest piece of land, so that overseas parts do not pull it into the sea, taken from the finer of the two atlases:
 * the coarse one, which is drawn, lacks the small countries where many servers stand.
 *
 * Run: `node build/centroids.ts`
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { geoArea, geoCentroid } from 'd3-geo'
import { feature } from 'topojson-client'
import { ROOT, main } from './terminal.ts'

export const CENTROIDS_FILE = join(ROOT, 'renderer/map/centroids.json')
const ATLAS_FILE = join(ROOT, 'node_modules/world-atlas/countries-50m.json')

/** Longitude and latitude in degrees. */
export type Centroids = Record<string, readonly [number, number]>

type Atlas = Parameters<typeof feature>[0]
type Country = Extract<ReturnType<typeof feature>, { features: unknown }>['features'][number]

/** The two-letter code behind an atlas's three-digit one; Kosovo has none there. */
function codeOf({ id, properties }: Country): string | undefined {
  if (id === undefined) return (properties as { name?: string } | null)?.name === 'Kosovo' ? 'XK' : undefined
  const region = new Intl.Locale(Intl.getCanonicalLocales(`und-${id}`)[0] ?? 'und').region
  return region !== undefined && /^[A-Z]{2}$/.test(region) ? region : undefined
}

function largestPiece(geometry: Country['geometry']): Country['geometry'] {
  if (geometry.type !== 'MultiPolygon') return geometry
  const pieces = geometry.coordinates.map((coordinates) => ({ type: 'Polygon' as const, coordinates }))
  return pieces.reduce((best, piece) => (geoArea(piece) > geoArea(best) ? piece : best))
}

export async function computeCentroids(): Promise<Centroids> {
  const atlas = JSON.parse(await readFile(ATLAS_FILE, 'utf8')) as Atlas
  const countries = atlas.objects['countries']
  const shapes = countries && feature(atlas, countries)
  if (shapes === undefined || !('features' in shapes)) throw new Error(`${ATLAS_FILE} holds no countries`)
  const found = new Map<string, readonly [number, number]>()
  for (const country of shapes.features) {
    const code = codeOf(country)
    if (code === undefined || found.has(code)) continue
    const [longitude, latitude] = geoCentroid(largestPiece(country.geometry))
    found.set(code, [Math.round(longitude * 10) / 10, Math.round(latitude * 10) / 10])
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** One country a line. */
export function formatCentroids(centroids: Centroids): string {
  return `{\n${Object.entries(centroids).map(([code, place]) => `  "${code}": [${place.join(', ')}]`).join(',\n')}\n}\n`
}

if (import.meta.main) main(async () => writeFile(CENTROIDS_FILE, formatCentroids(await computeCentroids())))
