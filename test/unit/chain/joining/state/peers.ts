/** Peers that serve a state: honestly, in small pieces, late, or not what it is. */
import { concatBytes } from '../../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import type { Clock } from '../../../../../node-core/base/clock.ts'
import { decodeStateRequest, decodeStateResponse, encodeStateResponse } from '../../../../../node-core/chain/protocols/requests/state-messages.ts'
import { encodeCompact } from '../../../../../node-core/chain/trie/proofs/compact-proof.ts'
import { recordingSource } from '../../../../../node-core/chain/trie/proofs/proof.ts'
import { NodeStore } from '../../../../../node-core/chain/trie/nodes/node-store.ts'
import { isChildRoot, readRange } from '../../../../../node-core/chain/trie/range.ts'
import { Trie } from '../../../../../node-core/chain/trie/trie.ts'
import { runSteps } from '../../../../../node-core/chain/trie/steps.ts'
import { BLOCK, below, honestPeer, type MadeState, type Random } from './states.ts'

export type Answer = (request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>

const fail = (code: string): never => {
  throw new NodeError(code, code)
}

/** The values at `start` belong to a proof: others read them before they go on. */
function readStart(store: NodeStore, root: Uint8Array, [resumed, inside]: readonly Uint8Array[]): void {
  if (resumed === undefined) return
  const main = new Trie(store, root)
  const value = main.get(resumed)
  if (value !== undefined && inside !== undefined && isChildRoot(resumed, value)) new Trie(store, value).get(inside)
}

/** A proof of about `entries` entries behind `start`, made of what is read on the way, as others serve them. */
export function proofFrom({ source, root }: Pick<MadeState, 'source' | 'root'>, start: readonly Uint8Array[], entries: number): Uint8Array[] {
  const recording = recordingSource(source)
  const store = new NodeStore(recording)
  let left = entries
  readStart(store, root, start)
  const takes = (_: unknown, level: { readonly childRoot: unknown; readonly entries: readonly unknown[] }): boolean =>
    left-- > 0 || (level.childRoot !== undefined && level.entries.length === 0)
  const levels = runSteps(readRange(store, root, { start, takes, isPartial: false }))
  return levels === undefined ? fail('NETWORK_REFUSED') : runSteps(encodeCompact(recording.seen(), root))
}

/** Gives the honest answers of the node itself. */
export function serving(state: MadeState): Answer {
  const peer = honestPeer(state)
  return async (request, signal) => (await peer(request, signal)) ?? fail('NETWORK_REFUSED')
}

/** Gives pieces of about so many entries. */
export function servingLittle(state: MadeState, entries: () => number): Answer {
  return async (request) => {
    const { block, start } = decodeStateRequest(request)
    if (block !== BLOCK) return fail('NETWORK_REFUSED')
    return encodeStateResponse({ levels: [], proof: proofFrom(state, start, entries()) })
  }
}

/** Answers after between one and `most` milliseconds. */
export function late(answer: Answer, clock: Clock, next: Random, most: number): Answer {
  return async (request, signal) => {
    await new Promise<void>((resolve) => void clock.schedule(1 + below(next, most), resolve))
    return answer(request, signal)
  }
}

/** Does not answer after so many answers; the network ends the request after 40 seconds. */
export function silentAfter(answer: Answer, clock: Clock, answers: number): Answer {
  let left = answers
  return (request, signal) => {
    if (left-- > 0) return answer(request, signal)
    const { promise, reject } = Promise.withResolvers<Uint8Array>()
    const cancel = clock.schedule(40_000, () => reject(new NodeError('NETWORK_TIMEOUT', 'no answer')))
    signal.addEventListener('abort', () => {
      cancel()
      reject(new NodeError('NETWORK_ABORTED', 'given up'))
    })
    return promise
  }
}

export const refusing: Answer = async () => fail('NETWORK_REFUSED')

const changed = (answer: Answer, change: (proof: Uint8Array[], start: readonly Uint8Array[]) => Uint8Array[]): Answer => async (request, signal) => {
  const { proof } = decodeStateResponse(await answer(request, signal))
  return encodeStateResponse({ levels: [], proof: change([...(proof ?? [])], decodeStateRequest(request).start) })
}

/** Each is a way to lie; made of an honest answer. */
export const LIES: Readonly<Record<string, (answer: Answer, state: MadeState, other: MadeState) => Answer>> = {
  'leaves out the last node': (answer) => changed(answer, (proof) => proof.slice(0, -1)),
  'leaves out a node in the middle': (answer) => changed(answer, (proof) => proof.filter((_, i) => i !== proof.length >> 1)),
  'cuts the answer off': (answer) => async (request, signal) => {
    const bytes = await answer(request, signal)
    return bytes.subarray(0, bytes.length - 3)
  },
  'changes one value': (answer) => changed(answer, (proof) => {
    const at = proof.length - 1
    const item = (proof[at] as Uint8Array).slice()
    item[item.length - 1] = (item.at(-1) as number) ^ 1
    return [...proof.slice(0, at), item]
  }),
  'proves another state': (_, __, other) => servingLittle(other, () => 20),
  'gives bare entries': () => async () => encodeStateResponse({ levels: [{ childRoot: undefined, entries: [[Uint8Array.of(1), Uint8Array.of(2)]], complete: true }], proof: undefined }),
  'gives nothing': () => async () => new Uint8Array(0),
  'gives noise': () => async () => new Uint8Array(1000).fill(0x5a),
  'repeats the first piece': (_, state) => async () => encodeStateResponse({ levels: [], proof: proofFrom(state, [], 3) }),
  'adds a trie of its own': (answer, _, other) => changed(answer, (proof) => [...proof, ...proofFrom(other, [], 5)]),
  'adds entries to the proof': (answer) => async (request, signal) =>
    concatBytes(await answer(request, signal), encodeStateResponse({ levels: [{ childRoot: undefined, entries: [], complete: true }], proof: undefined })),
}

