/**
 * What each network asks of a computer. Figures are for this node as it is: it downloads and executes every block from
 * the first one on, and keeps every state (no warp or state sync on its downloading side yet, no pruning).
 *
 * Where they come from:
 * - heights: the chains' own pace of a block every 6 s since their starts (May 2020 Polkadot, November 2019 Kusama, the
 *   Westend chain of this genesis since early 2020), less their pauses;
 * - disk: the sizes that node operators publish for archive databases of the reference node, rounded up, because this
 *   node keeps every state too. They are orders of magnitude, not measurements of this node;
 * - pace: a light stretch of a chain is imported at some hundreds of blocks a second, a busy one far slower. The range
 *   here, 10 to 60 blocks a second over the whole chain, is an estimate until somebody has done it to the end;
 * - memory: what the process of this node takes with one network, with room for the database's cache.
 */
import { KNOWN_NETWORKS } from '../../../chain/spec/networks.ts'

export interface NetworkRequirements {
  /** Of `KNOWN_NETWORKS`. */
  readonly chain: string
  readonly name: string
  readonly kind: 'development' | 'private' | 'public'
  readonly diskBytes: number
  readonly memoryBytes: number
  /** Until it has caught up, from the quickest to the slowest that is to be expected; undefined where there is nothing to catch up. */
  readonly days: readonly [number, number] | undefined
  /** Blocks to execute one after the other, about. */
  readonly blocks: number
  /** The figures are estimates and not measurements. */
  readonly estimated: boolean
}

const GB = 1e9

const FIGURES: Readonly<Record<string, Omit<NetworkRequirements, 'chain' | 'name' | 'days'>>> = {
  dev: { kind: 'development', diskBytes: 1 * GB, memoryBytes: 0.5 * GB, blocks: 0, estimated: false },
  local: { kind: 'private', diskBytes: 1 * GB, memoryBytes: 0.5 * GB, blocks: 0, estimated: false },
  polkadot: { kind: 'public', diskBytes: 2000 * GB, memoryBytes: 8 * GB, blocks: 29_000_000, estimated: true },
  kusama: { kind: 'public', diskBytes: 2000 * GB, memoryBytes: 8 * GB, blocks: 31_000_000, estimated: true },
  westend: { kind: 'public', diskBytes: 800 * GB, memoryBytes: 8 * GB, blocks: 28_000_000, estimated: true },
  paseo: { kind: 'public', diskBytes: 30 * GB, memoryBytes: 8 * GB, blocks: 300_000, estimated: true },
}

const BLOCKS_PER_SECOND = [60, 10] as const
const SECONDS_PER_DAY = 86_400

export const REQUIREMENTS: readonly NetworkRequirements[] = KNOWN_NETWORKS.flatMap(({ id, displayName }) => {
  const figures = FIGURES[id]
  if (figures === undefined) return []
  const [quick, slow] = BLOCKS_PER_SECOND.map((pace) => Math.ceil(figures.blocks / pace / SECONDS_PER_DAY)) as [number, number]
  return [{ chain: id, name: displayName, ...figures, days: figures.blocks === 0 ? undefined : [quick, slow] }]
})
