/**
 * How far the network is, from what peers claim.
 *
 * A claim costs nothing: one peer that says "#4,000,000,000" would keep this node in major sync, silent and not authoring, for as
 * long as it likes. So the middle one of all claims counts, as elsewhere in this family of networks, with two limits more:
 *
 * - Of an even number of claims there are two in the middle. The higher one counts where its peer has just delivered blocks that
 *   were imported; the lower one otherwise. So one liar beside one honest peer changes nothing.
 * - A chain has at most one block for each slot that has gone by since the block that is final here (`ceiling`, where consensus
 *   can tell): above that nobody can be. So even a liar that is the only peer cannot say much while this node is in step.
 *
 * What is left to liars who are the majority, or the only peer, is to claim a little more for a while: who does not make its claim
 * good is not believed for a time that doubles.
 */
import type { SyncPeer } from './peer-table.ts'

/** A peer whose blocks were imported so lately is taken at its word. */
const PROVEN_MS = 60_000

/** Undefined where nobody claims anything. `peers` are those whose word counts. */
export function claimedHeight(peers: readonly SyncPeer[], ceiling: number | undefined, now: number): number | undefined {
  if (peers.length === 0) return undefined
  const sorted = [...peers].sort((a, b) => a.best.number - b.best.number)
  const upper = sorted[sorted.length >> 1] as SyncPeer
  const middle = sorted.length % 2 === 1 || isProven(upper, now) ? upper : (sorted[(sorted.length >> 1) - 1] as SyncPeer)
  return Math.min(middle.best.number, ceiling ?? Number.POSITIVE_INFINITY)
}

function isProven({ provenAt, failures }: SyncPeer, now: number): boolean {
  return failures === 0 && now - provenAt <= PROVEN_MS
}
