/**
 * `/light/2`: proofs for light clients (Polkadot Host spec, section 4.8.6 "Light Client Messages").
 *
 * A light client knows headers, and so state roots. It asks for keys of a state, or for a runtime call on it, and gets the
 * trie nodes that are needed to read those keys or to repeat that call. A response without a proof says "cannot":
 * the block is not known, its state is gone, the call failed, or whoever asks has had its share for now.
 */
import { concatBytes, equalBytes, fromHex, type Hash } from '../../../base/bytes.ts'
import { isNodeError } from '../../../base/errors.ts'
import { CHILD_PREFIX } from '../../trie/child.ts'
import { verifyChildProof, verifyProof } from '../../trie/proofs/proof.ts'
import type { RequestAnswer, RequestHandler, RequestSender, RequestSpec } from '../../../network/contracts.ts'
import type { KnownHeaders } from '../chain.ts'
import { PROOFS_BUDGET } from './budgets.ts'
import { REFUSED, ResponseError, decodeResponse, decodingHandler, respond } from './errors.ts'
import { Slots } from './fairness.ts'
import {
  decodeLightRequest, decodeLightResponse, encodeLightRequest, encodeLightResponse, type LightRequest,
} from './light-messages.ts'

const MIB = 1024 * 1024

export const LIGHT_SPEC: RequestSpec = {
  protocol: '/light/2',
  maxRequestBytes: MIB,
  maxResponseBytes: 16 * MIB,
  timeoutMs: 15_000,
  perMinute: 1200,
  noRepeats: true,
  places: { total: 32, perPeer: 8 },
  usualResponseBytes: MIB,
  budget: PROOFS_BUDGET,
}

/** What a proof may take; the rest of a response is a few bytes. */
const MAX_PROOF_BYTES = 16 * MIB - 1024

/** Proofs that may be under way, of all peers and of one. What each may take of the thread is the prover's to count. */
const PROOFS = { total: 64, perPeer: 4 }

/** Milliseconds that a proof may take. */
const PROOF_TIMEOUT_MS = 5_000

/** What a proof may take; `peer`, who asks, has a share of the time that there is for proofs. */
export interface ProofLimits {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly peer: string
}

/** Makes proofs: encoded trie nodes, each once. Throws a NodeError of the state, the trie or the runtime where one cannot be had. */
export interface LightProver {
  /** What repeating the call of a runtime function takes. */
  prove(stateRoot: Hash, method: string, args: Uint8Array, limits: ProofLimits): Promise<{ readonly proof: readonly Uint8Array[] }>
  /** The values, or the absence, of `keys` in the main trie, or in the default child trie at `childKey` (without prefix). */
  readProof(stateRoot: Hash, keys: readonly Uint8Array[], limits: ProofLimits & { readonly childKey?: Uint8Array }): Promise<readonly Uint8Array[]>
}

export interface LightDependencies {
  readonly blocks: Pick<KnownHeaders, 'header'>
  readonly prover: LightProver
}

export function lightHandler(dependencies: LightDependencies): RequestHandler {
  const server = new LightServer(dependencies)
  return decodingHandler(LIGHT_SPEC, decodeLightRequest, (request, signal, peer) => server.answer(request, signal, peer))
}

class LightServer {
  readonly #dependencies: LightDependencies
  readonly #proofs = new Slots(PROOFS)

  constructor(dependencies: LightDependencies) {
    this.#dependencies = dependencies
  }

  async answer(request: LightRequest, signal: AbortSignal, peer: string): Promise<RequestAnswer> {
    return (await this.#proofs.run(peer, signal, () => this.#answer(request, signal, peer))) ?? REFUSED
  }

  async #answer(request: LightRequest, signal: AbortSignal, peer: string): Promise<RequestAnswer> {
    const stateRoot = this.#dependencies.blocks.header(request.block)?.stateRoot
    const proof = stateRoot === undefined ? undefined : await this.#prove(request, stateRoot, peer)
    return signal.aborted ? REFUSED : respond(encodeLightResponse(request.kind, proof))
  }

  /** Undefined where this node cannot. */
  async #prove(request: LightRequest, stateRoot: Hash, peer: string): Promise<readonly Uint8Array[] | undefined> {
    const { prover } = this.#dependencies
    const options = { timeoutMs: PROOF_TIMEOUT_MS, maxBytes: MAX_PROOF_BYTES, peer }
    try {
      switch (request.kind) {
        case 'call':
          return (await prover.prove(stateRoot, request.method, request.args, options)).proof
        case 'read':
          return await prover.readProof(stateRoot, request.keys, options)
        case 'readChild': {
          const childKey = defaultChild(request.storageKey)
          return childKey && (await prover.readProof(stateRoot, request.keys, { ...options, childKey }))
        }
      }
    } catch (error) {
      if (isNodeError(error) && error.code.startsWith(CANNOT)) return undefined
      throw error
    }
  }
}

/** Errors that say that this state, or a proof of it, cannot be had (now). Anything else is a fault of this node. */
const CANNOT = 'RUNTIME_'

/** The child's key without its prefix; undefined where it is no child of the only kind there is. */
function defaultChild(storageKey: Uint8Array): Uint8Array | undefined {
  return equalBytes(storageKey.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX) ? storageKey.subarray(CHILD_PREFIX.length) : undefined
}

/** A block as far as a light client knows it. */
export interface KnownState {
  readonly hash: Hash
  readonly stateRoot: Hash
}

/**
 * Values of `keys`, in their order, read out of a proof that was checked against the state root; undefined is proven
 * absence. `childKey` (without prefix) names a default child trie. Throws a ResponseError: RESPONSE_EMPTY where the peer
 * cannot answer; with a fault where the proof does not prove what was asked for.
 */
export async function requestStorage(
  sender: RequestSender, peer: string, block: KnownState, keys: readonly Uint8Array[],
  options: { childKey?: Uint8Array; signal?: AbortSignal } = {},
): Promise<(Uint8Array | undefined)[]> {
  const { childKey, signal } = options
  const request: LightRequest =
    childKey === undefined
      ? { kind: 'read', block: block.hash, keys }
      : { kind: 'readChild', block: block.hash, storageKey: concatBytes(CHILD_PREFIX, childKey), keys }
  const proof = await requestProof(sender, peer, request, signal)
  const root = fromHex(block.stateRoot)
  try {
    return childKey === undefined ? verifyProof(proof, root, keys) : verifyChildProof(proof, root, childKey, keys)
  } catch (error) {
    if (!isNodeError(error)) throw error
    throw new ResponseError('RESPONSE_MISMATCH', `The proof does not prove the requested values: ${error.message}`, error)
  }
}

/** The trie nodes that a call needs; the caller repeats it on them. Throws as {@link requestStorage}. */
export function requestCallProof(
  sender: RequestSender, peer: string, block: Hash, method: string, args: Uint8Array, signal?: AbortSignal,
): Promise<Uint8Array[]> {
  return requestProof(sender, peer, { kind: 'call', block, method, args }, signal)
}

async function requestProof(sender: RequestSender, peer: string, request: LightRequest, signal?: AbortSignal): Promise<Uint8Array[]> {
  const response = await sender.request(peer, LIGHT_SPEC, encodeLightRequest(request), signal)
  const proof = decodeResponse('light client', () => decodeLightResponse(request.kind, response))
  if (proof === undefined) throw new ResponseError('RESPONSE_EMPTY', 'The peer cannot answer for this block.')
  return proof
}
