/**
 * The form in which a folder declares its metrics, in its own `metrics.ts` beside the code that they measure. metrics/registry.ts reads
 * them, and says how they are named.
 */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface MetricDefinition {
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** A counter never falls while the node runs. */
  readonly type: 'counter' | 'gauge'
  readonly labels?: readonly string[]
  /** What its labels can make at the most, where that is more than the registry's own bound. */
  readonly maxSeries?: number
  /** Undefined, or nothing, where there is no figure at the moment. May throw. */
  readonly read: () => number | undefined | Iterable<Sample>
}

/** Where metrics are declared. */
export interface MetricDeclarer {
  /** Throws where the name is taken, or is none. */
  declare(...definitions: readonly MetricDefinition[]): void
}

/** One series per entry, for a metric with the one label `name`. */
export function byLabel(name: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([label, value]) => ({ labels: { [name]: label }, value }))
}

/** One series per state with 1 for the present one, so that a chart can show the changes. */
export function oneOf(name: string, states: readonly string[], present: string | undefined): readonly Sample[] {
  return states.map((state) => ({ labels: { [name]: state }, value: state === present ? 1 : 0 }))
}
