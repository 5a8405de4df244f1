/** How a chain is joined, for tests of whoever shows it: a public network at its usual size. */
import type { Hash } from '../../node-core/base/bytes.ts'
import type { JoiningStatus } from '../../node-core/chain/joining/types.ts'
import { briefly } from '../../node-core/manager/kinds/chain/joining-watch.ts'
import type { ChainJoining } from '../../node-core/manager/kinds/chain/types.ts'
import { PEERS } from './fake-network.ts'

const HASH: Hash = `0x${'c4'.repeat(32)}`
const TARGET = { hash: HASH, number: 25_100_004 }

type State = NonNullable<JoiningStatus['state']>
type Peer = State['peers'][number]

/** Proofs, half way. */
export function provingFinality(change: Partial<JoiningStatus> = {}): JoiningStatus {
  return {
    stage: 'proofs', since: 1_000_000, peers: 3, fallsBack: true, hold: undefined, target: undefined, state: undefined,
    proofs: { fragments: 812, block: { hash: HASH, number: 12_050_117 }, highest: 25_100_200, secondsLeft: 47 },
    ...change,
  }
}

export function givingState(peer: string, change: Partial<Peer> = {}): Peer {
  return { peer, state: 'serving', forMs: 0, requests: 2, pieces: 96, bytes: 187_000_000, failures: 0, bytesPerSecond: 2_400_000, ...change }
}

/** The state, 38 %. */
export function fetchingState(change: Partial<State> = {}, joining: Partial<JoiningStatus> = {}): JoiningStatus {
  const state: State = {
    target: { ...TARGET, stateRoot: HASH }, entries: 3_120_450, bytes: 412_000_000, bytesPerSecond: 3_700_000, share: 0.382, secondsLeft: 190,
    ranges: 21, pendingRequests: 5, idleMs: 300, assembled: undefined,
    peers: [
      givingState(PEERS[0]),
      givingState(PEERS[1], { pieces: 108, bytes: 214_000_000, bytesPerSecond: 1_300_000, failures: 1 }),
      givingState(PEERS[2], { state: 'resting', forMs: 4_000, requests: 0, pieces: 6, bytes: 11_000_000, bytesPerSecond: 90_000, failures: 3 }),
    ],
    ...change,
  }
  return { ...provingFinality({ proofs: { fragments: 1_604, block: TARGET, highest: 25_100_200, secondsLeft: 0 } }), stage: 'state', target: TARGET, state, ...joining }
}

/** As a status of a network has it. */
export function brief(status: JoiningStatus): ChainJoining {
  return briefly(status) as ChainJoining
}
