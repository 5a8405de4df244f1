/** The map of the world, from an atlas that comes with the app: the outlines as drawn, and where a country's middle lies. */
import { geoNaturalEarth1, geoPath } from 'd3-geo'
import { feature, mesh } from 'topojson-client'
import centroids from './centroids.json' with { type: 'json' }

/** The size of the drawing, in its own units. */
export const MAP_WIDTH = 640
export const MAP_HEIGHT = 306

export interface World {
  /** Paths of SVG. */
  readonly land: string
  readonly borders: string
  /** Where a country of ISO 3166's two letters lies on the drawing; undefined for one that the atlas lacks. */
  readonly pointOf: (country: string) => readonly [number, number] | undefined
}

type Atlas = Parameters<typeof feature>[0]
type Shapes = NonNullable<Parameters<typeof mesh>[1]>

const ANTARCTICA = '010'
const MIDDLES = centroids as unknown as Readonly<Record<string, [number, number] | undefined>>

/** Reads the atlas and draws it. Takes some tens of milliseconds, so it is done when the map is first looked at. */
export async function loadWorld(): Promise<World> {
  const { default: data } = await import('world-atlas/countries-110m.json', { with: { type: 'json' } })
  const atlas = data as unknown as Atlas
  const countries = atlas.objects['countries']
  if (countries?.type !== 'GeometryCollection') throw new Error('the atlas holds no countries')
  // Nobody's server stands there, and it would take a fifth of the height.
  const inhabited = { ...countries, geometries: countries.geometries.filter(({ id }) => id !== ANTARCTICA) } as Shapes
  const land = feature(atlas, inhabited)
  const projection = geoNaturalEarth1().fitSize([MAP_WIDTH, MAP_HEIGHT], land)
  const path = geoPath(projection).digits(1)
  return {
    land: path(land) ?? '',
    borders: path(mesh(atlas, inhabited, (a, b) => a !== b)) ?? '',
    pointOf: (country) => {
      const middle = MIDDLES[country]
      return (middle && projection(middle)) ?? undefined
    },
  }
}
