/**
 * Where values come from, and which one holds: the command line before the environment, that before the configuration file, and what is
 * said nowhere is left to the command.
 */
import type { FlagTable } from '../definition/flag.ts'

export type Source = 'flag' | 'environment' | 'file'

/** `false` says that a switch is off, whatever lower layers say. */
export type Value = boolean | string | readonly string[]

/** What one source says. `where` is for people: the variable, the file. */
export interface Layer {
  readonly source: Source
  readonly values: ReadonlyMap<string, { readonly value: Value; readonly where: string }>
}

export interface Origin {
  readonly value: Value
  readonly source: Source
  readonly where: string
}

/** Flags of which one at the most is meant. Whoever says one in a higher layer takes back what a lower one says of the others. */
export type Rivals = readonly (readonly string[])[]

/** `layers`: the first that says anything about a flag decides. */
export function mergeLayers(flags: FlagTable, layers: readonly Layer[], rivals: Rivals): ReadonlyMap<string, Origin> {
  const merged = new Map<string, Origin>()
  for (const { source, values } of layers) {
    const settled = new Set(merged.keys())
    for (const [name, { value, where }] of values) {
      if (!Object.hasOwn(flags, name) || settled.has(name) || hasSettledRival(name, value, merged, settled, rivals)) continue
      merged.set(name, { value, source, where })
    }
  }
  return merged
}

function hasSettledRival(name: string, value: Value, merged: ReadonlyMap<string, Origin>, settled: ReadonlySet<string>, rivals: Rivals): boolean {
  if (value === false) return false
  return rivals.some((group) => group.includes(name) && group.some((other) => settled.has(other) && merged.get(other)?.value !== false))
}
