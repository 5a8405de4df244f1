/**
 * Peers on real sockets whom a joining node asks: for proofs of finality, for the state, and for the body of the block on which it
 * stands then. They have all that of an honest node, and give it as they are told: as it is, changed, late, or not at all.
 */
import { fromHex } from '../../node-core/base/bytes.ts'
import type { Clock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { decodeWarpProof, type WarpFragment } from '../../node-core/chain/core/engines/grandpa/proofs/warp-proof.ts'
import { warpHandler } from '../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import { AuthorityChangeIndex } from '../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { encodeStatus } from '../../node-core/chain/protocols/announce-messages.ts'
import { chainNamespace } from '../../node-core/chain/protocols/names.ts'
import { decodeStateRequest, decodeStateResponse, encodeProofResponse, encodeStateResponse } from '../../node-core/chain/protocols/requests/state-messages.ts'
import { stateHandler } from '../../node-core/chain/protocols/requests/state.ts'
import { syncHandler } from '../../node-core/chain/protocols/requests/sync.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { writeHeader } from '../../node-core/chain/scale/header.ts'
import type { BlockStateReader, ProofReader } from '../../node-core/chain/state/types.ts'
import { proveRange } from '../../node-core/chain/trie/proofs/range-proof.ts'
import { runSteps } from '../../node-core/chain/trie/steps.ts'
import type { RequestHandler } from '../../node-core/network/contracts.ts'
import { NetworkService } from '../../node-core/network/network-service.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { RecordingTopic } from './network.ts'

/** What it answers in place of an honest answer; undefined refuses. `asked` is how many requests of this kind it has had, this one included. */
export type Answering = (honest: Uint8Array, request: Uint8Array, asked: number) => Uint8Array | undefined | Promise<Uint8Array>

export type Question = 'proofs' | 'state' | 'body'

export interface ProvingPeerOptions {
  readonly blocks: BlockStateReader
  readonly proofs: Pick<ProofReader, 'nodes'>
  readonly clock: Clock
  readonly dataPath: string
  /** What is not named is answered honestly. */
  readonly answers?: Partial<Record<Question, Answering>>
  /** What it says is its best block. */
  readonly claims?: BlockRef
}

/** It hears the question and says nothing. */
export const silent: Answering = () => new Promise(() => undefined)

export class ProvingPeer {
  readonly network: NetworkService
  readonly claims: BlockRef
  /** Requests so far. */
  readonly asked: Record<Question, number> = { proofs: 0, state: 0, body: 0 }

  static async start(options: ProvingPeerOptions): Promise<ProvingPeer> {
    const peer = new ProvingPeer(options)
    await peer.network.start()
    return peer
  }

  private constructor({ blocks, proofs, clock, dataPath, answers = {}, claims = blocks.best() }: ProvingPeerOptions) {
    const { genesisHash } = blocks
    this.claims = claims
    this.network = new NetworkService(
      { logger: silentLogger, clock, namespace: () => chainNamespace(genesisHash, {}) },
      { port: 0, listenAddrs: ['/ip4/127.0.0.1/tcp/0'], dataPath },
    )
    const status = new RecordingTopic('block-announces', { maxHandshakeBytes: 69, maxMessageBytes: 1024 * 1024 })
    status.greeting = encodeStatus({ role: 'FULL', best: claims, genesisHash })
    this.network.topics.register(status)
    const changes = new AuthorityChangeIndex({ blocks, aux: { getAux: () => undefined, putAux: async () => {} } })
    const handlers: Record<Question, RequestHandler> = {
      proofs: warpHandler({ blocks, changes }),
      state: stateHandler({ blocks, proofs }),
      body: syncHandler({ blocks, authorityChange: () => undefined }),
    }
    for (const question of ['proofs', 'state', 'body'] as const) {
      const { spec, onRequest } = handlers[question]
      const answering = answers[question]
      this.network.requests.register({
        spec,
        onRequest: async (peer, request, signal) => {
          const asked = ++this.asked[question]
          const answer = await onRequest(peer, request, signal)
          if (answering === undefined || answer.kind === 'refuse') return answer
          const bytes = await answering(answer.bytes, request, asked)
          return bytes === undefined ? { kind: 'refuse' } : { kind: 'response', bytes }
        },
      })
    }
  }

  get id(): string {
    return this.network.state.localPeerId
  }

  get address(): string {
    return this.network.state.listenAddresses()[0] ?? ''
  }

  stop(): Promise<void> {
    return this.network.stop()
  }
}

function editedProof(change: (fragments: WarpFragment[]) => readonly WarpFragment[]): Answering {
  return (honest) => {
    const { fragments, isFinished } = decodeWarpProof(honest)
    const edited = change([...fragments])
    return new ScaleWriter(honest.length + 64).vec(edited, (writer, { header, justification }) => writeHeader(writer, header).raw(encodeJustification(justification))).bool(isFinished).finish()
  }
}

function editedNodes(change: (nodes: Uint8Array[]) => Uint8Array[]): Answering {
  return (honest) => {
    const { proof = [] } = decodeStateResponse(honest)
    return encodeStateResponse({ levels: [], proof: change([...proof]) })
  }
}

/** Ways to lie about finality; `foreign` is a fragment of another chain. */
export const PROOF_LIES: Readonly<Record<string, (foreign: WarpFragment) => Answering>> = {
  'a wrong signature': () => editedProof((fragments) => fragments.map((fragment, i) => (i === fragments.length >> 1 ? forged(fragment) : fragment))),
  'a change of the set left out': () => editedProof((fragments) => fragments.filter((_, i) => i !== 1)),
  'a fragment of another chain': (foreign) => editedProof(([first, , ...rest]) => [first as WarpFragment, foreign, ...rest]),
  'the steps in another order': () => editedProof(([first, second, ...rest]) => [second as WarpFragment, first as WarpFragment, ...rest]),
  'bytes that are no proof': () => () => new Uint8Array(300).fill(0x5a),
}

function forged({ header, justification }: WarpFragment): WarpFragment {
  const precommits = justification.precommits.map((vote, i) => (i === 0 ? { ...vote, signature: vote.signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte)) } : vote))
  return { header, justification: { ...justification, precommits } }
}

/** Ways to lie about a state. */
export const STATE_LIES: Readonly<Record<string, (peer: Pick<ProvingPeerOptions, 'blocks' | 'proofs'>) => Answering>> = {
  'a state that is cut off': () => editedNodes((nodes) => nodes.slice(0, -1)),
  'an answer that is cut off': () => (honest) => honest.subarray(0, honest.length >> 1),
  'one value changed': () =>
    editedNodes((nodes) => {
      const last = (nodes.pop() as Uint8Array).slice()
      last[last.length - 1] = (last.at(-1) as number) ^ 1
      return [...nodes, last]
    }),
  'a state without an end': (peer) => (_, request) => little(peer, request),
  'its beginning again and again': (peer) => (_, request) => little(peer, request, true),
}

/** A true answer that holds as little as can be. */
export function little({ blocks, proofs }: Pick<ProvingPeerOptions, 'blocks' | 'proofs'>, request: Uint8Array, isBeginning = false): Uint8Array | undefined {
  const { block, start } = decodeStateRequest(request)
  const root = blocks.header(block)?.stateRoot ?? '0x'
  const proof = runSteps(proveRange(proofs.nodes(root), fromHex(root), { start: isBeginning ? [] : start, softBytes: 1, maxBytes: 100_000 }))
  return proof && encodeProofResponse(proof)
}
