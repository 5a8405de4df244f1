/**
 * `/light/2`: proofs for light clients (Polkadot Host spec, section 4.8.6 "Light Client Messages").
 *
 * A light client knows headers, and so state roots. It asks for keys of a state, or for a runtime call on it, and gets the
 * trie nodes that are needed to read those keys or to repeat that call. A response without a proof says "cannot":
 * the block is not known, its state is gone, or the call failed.
 */
import { concatBytes, equalBytes, fromHex, toBinaryString, type Hash } from '../../base/bytes.ts'
import { isNodeError } from '../../base/errors.ts'
import { blake2b256 } from '../../crypto/hashing.ts'
import type { RuntimeProver } from '../../runtime/types.ts'
import type { BlockStateReader, ProofReader } from '../../state/types.ts'
import { CHILD_PREFIX } from '../../trie/child.ts'
import { verifyChildProof, verifyProof } from '../../trie/proof.ts'
import type { RequestAnswer, RequestHandler, RequestSender, RequestSpec } from '../contracts.ts'
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
}

/** What a proof may take; the rest of a response is a few bytes. */
const MAX_PROOF_BYTES = 16 * MIB - 1024

/** Calls that may run, of all peers and of one, so that local users of the same thread get their turn. */
const CALLS = { total: 16, perPeer: 4 }

/** Milliseconds that a call may take. */
const CALL_TIMEOUT_MS = 5_000

/** Keys that are proven in one go. */
const SLICE = 32

export interface LightDependencies {
  readonly blocks: Pick<BlockStateReader, 'header'>
  readonly proofs: ProofReader
  readonly prover: RuntimeProver
}

export function lightHandler(dependencies: LightDependencies): RequestHandler {
  const server = new LightServer(dependencies)
  return decodingHandler(LIGHT_SPEC, decodeLightRequest, (request, signal, peer) => server.answer(request, signal, peer))
}

class LightServer {
  readonly #dependencies: LightDependencies
  readonly #calls = new Slots(CALLS)

  constructor(dependencies: LightDependencies) {
    this.#dependencies = dependencies
  }

  async answer(request: LightRequest, signal: AbortSignal, peer: string): Promise<RequestAnswer> {
    if (request.kind !== 'call') return this.#answer(request, signal)
    return (await this.#calls.run(peer, signal, () => this.#answer(request, signal))) ?? REFUSED
  }

  async #answer(request: LightRequest, signal: AbortSignal): Promise<RequestAnswer> {
    const stateRoot = this.#dependencies.blocks.header(request.block)?.stateRoot
    const proof = stateRoot === undefined ? undefined : await this.#prove(request, stateRoot, signal)
    if (signal.aborted) return REFUSED
    return respond(encodeLightResponse(request.kind, proof !== undefined && proofSize(proof) <= MAX_PROOF_BYTES ? proof : undefined))
  }

  /** Undefined where this node cannot. */
  async #prove(request: LightRequest, stateRoot: Hash, signal: AbortSignal): Promise<readonly Uint8Array[] | undefined> {
    const { proofs } = this.#dependencies
    try {
      switch (request.kind) {
        case 'call':
          return await this.#call(stateRoot, request.method, request.args)
        case 'read':
          return await inSlices(request.keys, signal, (keys) => proofs.readProof(stateRoot, keys))
        case 'readChild': {
          const childKey = defaultChild(request.storageKey)
          return childKey && (await inSlices(request.keys, signal, (keys) => proofs.readChildProof(stateRoot, childKey, keys)))
        }
      }
    } catch (error) {
      if (isNodeError(error) && CANNOT.some((code) => error.code.startsWith(code))) return undefined
      throw error
    }
  }

  async #call(stateRoot: Hash, method: string, args: Uint8Array): Promise<readonly Uint8Array[]> {
    return (await this.#dependencies.prover.prove(stateRoot, method, args, { timeoutMs: CALL_TIMEOUT_MS })).proof
  }
}

/** Errors that say that this state, or this call on it, cannot be had. Anything else is a fault of this node. */
const CANNOT = ['STATE_UNKNOWN_ROOT', 'RUNTIME_']

/** The child's key without its prefix; undefined where it is no child of the only kind there is. */
function defaultChild(storageKey: Uint8Array): Uint8Array | undefined {
  return equalBytes(storageKey.subarray(0, CHILD_PREFIX.length), CHILD_PREFIX) ? storageKey.subarray(CHILD_PREFIX.length) : undefined
}

/** Proves a few keys at a time, so that the event loop goes on in between; each node is in the result once. Undefined where it is too much. */
async function inSlices(
  keys: readonly Uint8Array[], signal: AbortSignal, prove: (keys: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<readonly Uint8Array[] | undefined> {
  if (keys.length <= SLICE) return prove(keys)
  const nodes = new Map<string, Uint8Array>()
  let size = 0
  for (let i = 0; i < keys.length && !signal.aborted; i += SLICE) {
    for (const node of prove(keys.slice(i, i + SLICE))) {
      const name = toBinaryString(blake2b256(node))
      if (!nodes.has(name)) size += node.length
      nodes.set(name, node)
    }
    if (size > MAX_PROOF_BYTES) return undefined
    await new Promise((resolve) => setImmediate(resolve))
  }
  return [...nodes.values()]
}

/** An upper bound: every length takes four bytes at the most. */
function proofSize(proof: readonly Uint8Array[]): number {
  return proof.reduce((size, node) => size + node.length + 4, 4)
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
    throw new ResponseError('RESPONSE_MISMATCH', `The proof does not prove what was asked for: ${error.message}`, error)
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
