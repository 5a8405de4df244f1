/**
 * Proofs for light clients: a lane of their own, so that what strangers ask for holds up neither blocks nor the users of this
 * computer.
 *
 * Its thread begins with the first request and goes when there was none for a while, since most nodes serve no light client
 * most of the time. While it works it gives way to the other threads, where the system can do that, and it works within a
 * budget of time, for each peer and for all.
 */
import type { Hash } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { RuntimeError } from '../errors.ts'
import type { Answer, Lane } from './lane.ts'
import { unpackNodes, type OperationName, type Params } from './protocol.ts'
import { ThreadBudget, type ThreadBudgetLimits } from './thread-budget.ts'
import type { ProofOptions, ProvenCall, RuntimeProver } from '../types.ts'

/** Less than one processor of the smallest machines, and a start of a light client at once: it asks for some ten calls. */
const BUDGET: ThreadBudgetLimits = {
  total: { msPerSecond: 600, burstMs: 3_000 },
  perPeer: { msPerSecond: 300, burstMs: 1_500 },
  maxWaiting: 64,
  maxWaitMs: 4_000,
}

/** What a proof may take where the caller says nothing, in bytes. */
const MAX_PROOF_BYTES = 16 * 1024 * 1024

/** Requests of nobody in particular share one account. */
const NOBODY = ''

export class ProofLane implements RuntimeProver {
  readonly #lane: Lane
  readonly #budget: ThreadBudget
  readonly #timeoutMs: number

  constructor(lane: Lane, clock: Clock, { timeoutMs, budget = BUDGET }: { readonly timeoutMs: number; readonly budget?: ThreadBudgetLimits }) {
    this.#lane = lane
    this.#budget = new ThreadBudget(clock, budget)
    this.#timeoutMs = timeoutMs
  }

  async prove(stateRoot: Hash, method: string, args: Uint8Array, options: ProofOptions = {}): Promise<ProvenCall> {
    // A copy, because the buffer goes to the worker.
    const params = { stateRoot, method, args: Uint8Array.from(args), maxBytes: options.maxBytes ?? MAX_PROOF_BYTES }
    const { result } = await this.#request('prove', params, options)
    return { result: result.result ?? undefined, proof: unpack(result.proof) }
  }

  async readProof(stateRoot: Hash, keys: readonly Uint8Array[], options: ProofOptions & { readonly childKey?: Uint8Array } = {}): Promise<readonly Uint8Array[]> {
    const packed = new ScaleWriter(4096).vec(keys, (writer, key) => writer.bytes(key)).finish()
    const params = { stateRoot, keys: packed, childKey: options.childKey === undefined ? null : Uint8Array.from(options.childKey), maxBytes: options.maxBytes ?? MAX_PROOF_BYTES }
    return unpack((await this.#request('readProof', params, options)).result)
  }

  #request<Name extends OperationName>(name: Name, params: Params<Name>, options: ProofOptions): Promise<Answer<Name>> {
    return this.#budget.run(options.peer ?? NOBODY, () => this.#lane.request(name, params, options.timeoutMs ?? this.#timeoutMs))
  }
}

function unpack(proof: Uint8Array | null): Uint8Array[] {
  if (proof === null) throw new RuntimeError('RUNTIME_PROOF_TOO_LARGE', 'the proof is larger than a response may be')
  return unpackNodes(proof)
}
