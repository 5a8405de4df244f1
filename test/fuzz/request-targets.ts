/** What arrives on the request protocols: questions of others, and answers to ours with the proofs in them. */
import { EMPTY, toHex } from '../../node-core/base/bytes.ts'
import { blake2b256, blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import {
  decodeLightRequest, decodeLightResponse, encodeLightRequest, encodeLightResponse, type LightRequest,
} from '../../node-core/chain/protocols/requests/light-messages.ts'
import {
  decodeStateRequest, decodeStateResponse, encodeStateRequest, encodeStateResponse, type StateResponse,
} from '../../node-core/chain/protocols/requests/state-messages.ts'
import { MAX_BLOCKS, decodeBlocks } from '../../node-core/chain/protocols/requests/sync.ts'
import {
  blockDataMessage, decodeBlockRequest, decodeBlockResponse, encodeBlockRequest, encodeBlockResponse, type BlockData, type BlockRequest,
} from '../../node-core/chain/protocols/requests/sync-messages.ts'
import { decodeWarpProof, type WarpProof } from '../../node-core/chain/core/engines/grandpa/proofs/warp-proof.ts'
import { encodeHeader, writeHeader } from '../../node-core/chain/scale/header.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import { decodeAll } from '../../node-core/scale/reader.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { decodeCompact, encodeCompact } from '../../node-core/chain/trie/proofs/compact-proof.ts'
import { decodeNode } from '../../node-core/chain/trie/nodes/node.ts'
import { proofSource, verifyChildProof, verifyProof } from '../../node-core/chain/trie/proofs/proof.ts'
import { runSteps } from '../../node-core/chain/trie/steps.ts'
import { someHash, type Material } from './corpus.ts'
import type { Target } from './fuzz.ts'

const MALFORMED = ['PROTOBUF_', 'SCALE_']
const TRIE = ['TRIE_']

export function requestTargets(material: Material): Target[] {
  return [...syncTargets(material), ...stateTargets(material), ...lightTargets(material), ...proofTargets(material)]
}

function syncTargets({ blocks, justifications }: Material): Target[] {
  const requests: BlockRequest[] = [
    { header: true, body: true, justifications: true, from: 1, direction: 'ascending', maxBlocks: 64, multipleJustifications: true },
    { header: true, body: false, justifications: false, from: someHash('block'), direction: 'descending', multipleJustifications: false },
  ]
  const responses = [true, false].map((multiple) =>
    encodeBlockResponse(
      blocks.map(({ header, body }, i) => {
        const data = justifications[i % justifications.length]
        const justified = data === undefined ? undefined : [{ engine: 'FRNK', data: encodeJustification(data) }]
        return blockDataMessage({ hash: blake2Hash(encodeHeader(header)), header: encodeHeader(header), body, justifications: justified }, multiple)
      }),
    ),
  )
  const asked: BlockRequest = { header: true, body: true, justifications: true, from: 0, direction: 'ascending', maxBlocks: 128, multipleJustifications: true }
  const encode = (list: readonly BlockData[]): Uint8Array => encodeBlockResponse(list.map((block) => blockDataMessage(block, true)))
  return [
    { name: 'sync request', corpus: requests.map(encodeBlockRequest), decode: decodeBlockRequest, codes: MALFORMED, encode: encodeBlockRequest },
    { name: 'sync response', corpus: responses, decode: (input) => decodeBlockResponse(input, MAX_BLOCKS), codes: MALFORMED, encode },
    { name: 'blocks', corpus: responses, decode: (input) => decodeBlocks(input, asked), codes: ['RESPONSE_'] },
  ]
}

function stateTargets({ entries, root, proof }: Material): Target[] {
  const requests = [
    { block: someHash('block'), start: [], noProof: true },
    { block: someHash('block'), start: [Uint8Array.of(1, 2), Uint8Array.of(3)], noProof: false },
  ]
  const main = { childRoot: undefined, entries: entries.slice(0, 30), complete: false }
  const responses: StateResponse[] = [
    { levels: [main, { childRoot: toHex(root), entries: entries.slice(0, 5), complete: true }], proof: undefined },
    { levels: [{ childRoot: undefined, entries: [], complete: true }], proof: undefined },
    { levels: [], proof: runSteps(encodeCompact(proofSource(proof), root)) },
  ]
  return [
    { name: 'state request', corpus: requests.map(encodeStateRequest), decode: decodeStateRequest, codes: MALFORMED, encode: encodeStateRequest },
    { name: 'state response', corpus: responses.map(encodeStateResponse), decode: decodeStateResponse, codes: MALFORMED, encode: encodeStateResponse },
    {
      name: 'compact proof',
      corpus: [encodeItems(runSteps(encodeCompact(proofSource(proof), root)))],
      decode: (input) => runSteps(decodeCompact(decodeItems(input), root)).get(root),
      codes: ['SCALE_', ...TRIE],
    },
  ]
}

function lightTargets({ entries, proof }: Material): Target[] {
  const block = someHash('block')
  const keys = entries.slice(0, 4).map(([key]) => key)
  const requests: LightRequest[] = [
    { kind: 'call', block, method: 'Core_version', args: EMPTY },
    { kind: 'read', block, keys },
    { kind: 'readChild', block, storageKey: new TextEncoder().encode(':child_storage:default:child'), keys },
  ]
  return [
    { name: 'light request', corpus: requests.map(encodeLightRequest), decode: decodeLightRequest, codes: MALFORMED, encode: encodeLightRequest },
    {
      name: 'light response',
      corpus: [encodeLightResponse('read', proof.slice(0, 20)), encodeLightResponse('read', undefined)],
      decode: (input) => decodeLightResponse('read', input),
      codes: MALFORMED,
      encode: (nodes: Uint8Array[] | undefined) => encodeLightResponse('read', nodes),
    },
  ]
}

function proofTargets({ blocks, justifications, entries, root, nodes, proof, childKey, childProof }: Material): Target[] {
  const keys = entries.map(([key]) => key)
  const [rootNode = EMPTY, ...others] = proof
  const warp = (isFinished: boolean): WarpProof => ({
    fragments: justifications.slice(0, 2).map((justification, i) => ({ header: blocks[i]?.header as WarpProof['fragments'][0]['header'], justification })),
    isFinished,
  })
  return [
    {
      name: 'warp proof',
      corpus: [encodeWarp(warp(true)), encodeWarp(warp(false)), encodeWarp({ fragments: [], isFinished: true })],
      decode: decodeWarpProof,
      codes: ['SCALE_'],
      encode: encodeWarp,
      canonical: true,
    },
    { name: 'trie node', corpus: nodes, decode: (input) => void decodeNode(input), codes: TRIE },
    // A false root node, and the true rest: whoever follows it does so on bytes that a peer chose.
    { name: 'proof by its root', corpus: [rootNode], decode: (input) => verifyProof([input, ...others], blake2b256(input), keys), codes: TRIE },
    { name: 'proof', corpus: [encodeItems(proof)], decode: (input) => verifyProof(decodeItems(input), root, keys.slice(0, 8)), codes: ['SCALE_', ...TRIE] },
    {
      name: 'child proof',
      corpus: [encodeItems(childProof)],
      decode: (input) => verifyChildProof(decodeItems(input), root, childKey, keys.slice(0, 3)),
      codes: ['SCALE_', ...TRIE],
    },
  ]
}

function encodeItems(items: readonly Uint8Array[]): Uint8Array {
  return new ScaleWriter().vec(items, (writer, item) => writer.bytes(item)).finish()
}

function decodeItems(input: Uint8Array): Uint8Array[] {
  return decodeAll(input, 'the proof', (reader) => reader.vec((r) => r.bytes()))
}

function encodeWarp({ fragments, isFinished }: WarpProof): Uint8Array {
  return new ScaleWriter(1024)
    .vec(fragments, (writer, { header, justification }) => writeHeader(writer, header).raw(encodeJustification(justification)))
    .bool(isFinished)
    .finish()
}
