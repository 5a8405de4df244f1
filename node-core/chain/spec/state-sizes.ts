/**
 * How much a node of a public network downloads to begin with: the state of one late block and the proofs that lead to it. Nobody
 * publishes these sizes, so each says when it was true and how it is known:
 *
 * - `reported`: somebody told what a warp sync of the reference node had downloaded when it was complete (Kusama, September 2023: 1,387 MiB);
 * - `assumed`: of networks of which no such report was found. Polkadot's state was of Kusama's order; since autumn 2025 balances and
 *   staking of both lie on other chains, so what is downloaded today should be less, and not more.
 *
 * To renew a figure: let a node of the network sync, and take what the Sync screen shows.
 */
export interface StateSize {
  /** Of `KNOWN_NETWORKS`. */
  readonly network: string
  readonly bytes: number
  /** Year and month. */
  readonly asOf: string
  readonly basis: 'reported' | 'assumed'
}

const GB = 1e9

export const STATE_SIZES: readonly StateSize[] = [
  { network: 'polkadot', bytes: 1.5 * GB, asOf: '2023-09', basis: 'assumed' },
  { network: 'kusama', bytes: 1.5 * GB, asOf: '2023-09', basis: 'reported' },
  { network: 'westend', bytes: 1 * GB, asOf: '2026-11', basis: 'assumed' },
  // It began anew in 2026.
  { network: 'paseo', bytes: 0.5 * GB, asOf: '2026-11', basis: 'assumed' },
]
