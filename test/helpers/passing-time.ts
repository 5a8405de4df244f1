/**
 * Time for whole nodes in one process.
 *
 * A clock that a test turns does not wait for a busy machine: a slot would end while its block is still built, and a vote would come a round
 * late. So the clock moves in steps, and none begins before what the nodes on it have begun is done: production, imports, votes, the pool,
 * and what their runtimes were asked. Between the steps the event loop goes round, so that what is on a socket arrives.
 */
import type { FakeClock } from '../../node-core/base/clock.ts'
import type { Disposer } from '../../node-core/base/disposers.ts'

export interface Settling {
  /** Resolves when what was begun is done; at once where it does not run. */
  settled(): Promise<void>
}

/** A message is read, decrypted, checked and answered in a few turns of the event loop; what it began may send the next one. */
const ROUNDS = 3
const TURNS_PER_ROUND = 4
/** Sockets and disks are real: they get this long before the clock moves on. Milliseconds. */
const PAUSE_MS = 5
/** Longer than anything takes on the clock of the nodes, however busy the machine is. */
const LIMIT_MS = 30 * 60_000

const nodesOn = new WeakMap<FakeClock, Set<Settling>>()

/** From now on `clock` waits for `node`. */
export function livesBy(clock: FakeClock, node: Settling): Disposer {
  const nodes = nodesOn.get(clock) ?? new Set()
  nodesOn.set(clock, nodes.add(node))
  return () => nodes.delete(node)
}

/** Resolves when all nodes on `clock` have done what they have begun, and what that began at the others. */
export async function settled(clock: FakeClock): Promise<void> {
  const nodes = nodesOn.get(clock) ?? new Set()
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all([...nodes].map((node) => node.settled()))
    for (let turn = 0; turn < TURNS_PER_ROUND; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all([...nodes].map((node) => node.settled()))
}

/** Moves `clock` on by one step. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  await settled(clock)
  clock.advance(ms)
  await settled(clock)
}

/** Lets time pass on `clocks` alike until it is so; throws where it is not after half an hour of theirs. */
export async function reach(clocks: FakeClock | readonly FakeClock[], what: string, done: () => boolean | Promise<boolean>, stepMs = 50): Promise<void> {
  const all = Array.isArray(clocks) ? clocks : [clocks]
  for (let passed = 0; !(await done()); passed += stepMs) {
    if (passed > LIMIT_MS) throw new Error(`${what} did not come true`)
    for (const clock of all) await pass(clock, stepMs)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
