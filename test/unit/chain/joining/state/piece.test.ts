import { describe, expect, it } from 'vitest'
import { compareBytes, toHex } from '../../../../../node-core/base/bytes.ts'
import { PieceError } from '../../../../../node-core/chain/joining/state/errors.ts'
import { readPiece, type Piece } from '../../../../../node-core/chain/joining/state/piece.ts'
import { liesBefore, type EntryPlace, type Position } from '../../../../../node-core/chain/joining/state/position.ts'
import { RunReader, type Run } from '../../../../../node-core/chain/joining/state/runs.ts'
import { encodeProofResponse, encodeStateResponse } from '../../../../../node-core/chain/protocols/requests/state-messages.ts'
import { childRootKey } from '../../../../../node-core/chain/trie/child.ts'
import { fromHex } from '../../../../../node-core/base/bytes.ts'
import { proveRange } from '../../../../../node-core/chain/trie/proofs/range-proof.ts'
import { runSteps } from '../../../../../node-core/chain/trie/steps.ts'
import { proofFrom } from './peers.ts'
import { below, honestPeer, makeState, random, requestFrom, type MadeState } from './states.ts'

type Flat = Map<string, string>

/** `main key` or `child key/inside` with the value. */
function flatten(piece: Pick<Piece, 'main' | 'children' | 'until'>, into: Flat = new Map()): Flat {
  const put = (runs: readonly Run[], name: string, placeOf: (key: Uint8Array) => EntryPlace): void => {
    for (const run of runs) {
      const reader = new RunReader(run.packed)
      while (reader.next()) {
        const key = reader.key.slice(0, reader.keyLength)
        if (liesBefore(placeOf(key), piece.until)) into.set(name + toHex(key), toHex(reader.value))
      }
    }
  }
  put(piece.main, '', (key) => [key])
  for (const { key: child, runs } of piece.children) put(runs, `${toHex(child)}/`, (key) => [child, key])
  return into
}

/** What a state holds; of equal child tries the first. */
function contents({ main, children }: MadeState): Flat {
  const flat: Flat = new Map(main.map(([key, value]) => [toHex(key), toHex(value)]))
  const roots = new Set<string>()
  for (const name of [...children.keys()].sort()) {
    const child = childRootKey(fromHex(name))
    const root = flat.get(toHex(child)) as string
    if (roots.has(root)) continue
    roots.add(root)
    for (const [key, value] of children.get(name) ?? []) flat.set(`${toHex(child)}/${toHex(key)}`, toHex(value))
  }
  return flat
}

/** A proof of the entries behind `start`, `count` of them. */
function smallPiece(state: MadeState, start: Position, count: number): Uint8Array {
  return encodeStateResponse({ levels: [], proof: proofFrom(state, start, count) })
}

describe('a piece', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))('leads through the whole state, however little a peer gives at once (seed %i)', (seed) => {
    const next = random(seed)
    const state = makeState(seed, { entries: 1 + below(next, 200), children: below(next, 6), versions: [[0, 1], [1], [0]][seed % 3] as (0 | 1)[], largest: 400 })
    const flat: Flat = new Map()
    let start: Position | undefined = []
    for (let i = 0; start !== undefined; i++) {
      expect(i).toBeLessThan(2000)
      const piece = readPiece(smallPiece(state, start, below(next, 12)), state.root, start)
      flatten(piece, flat)
      start = piece.until
    }
    const expected = contents(state)
    for (const [key, value] of expected) expect(flat.get(key)).toBe(value)
    // What comes besides is of a child trie whose equal came with an earlier piece.
    for (const key of flat.keys()) if (!expected.has(key)) expect(expected.has(key.split('/')[0] as string)).toBe(true)
  })

  it('comes from a peer whole', async () => {
    const state = makeState(7, { entries: 3000, children: 5, versions: [0, 1] })
    const answer = await honestPeer(state)(requestFrom([]), AbortSignal.timeout(60_000))
    const piece = readPiece(answer as Uint8Array, state.root, [])
    expect(piece.until).toBeUndefined()
    const flat = flatten(piece)
    expect(flat.size).toBe(contents(state).size)
  })

  it('is refused whichever byte of it is another, and wherever it ends', () => {
    const state = makeState(8, { entries: 40, children: 2, versions: [0, 1], largest: 100 })
    const answer = smallPiece(state, [], 20)
    const whole = readPiece(answer, state.root, [])
    expect(whole.until).toBeDefined()
    for (let i = 0; i < answer.length; i++) {
      const changed = answer.slice()
      changed[i] = (changed[i] as number) ^ 0x11
      for (const bytes of [changed, answer.subarray(0, i)]) expect(() => readPiece(bytes, state.root, [])).toThrow(PieceError)
    }
    expect(() => readPiece(answer, state.root, whole.until as Position)).toThrow(PieceError)
  })

  it('is refused where it proves what lies elsewhere', () => {
    const state = makeState(9, { entries: 200, children: 0 })
    const keys = state.main.map(([key]) => key).sort(compareBytes)
    const answer = smallPiece(state, [], 5)
    const fault = (start: Position): unknown => {
      try {
        return readPiece(answer, state.root, start).until
      } catch (error) {
        return error instanceof PieceError ? error.fault : error
      }
    }
    expect(fault([keys[100] as Uint8Array])).toBe('noProgress')
    expect(fault([keys.at(-2) as Uint8Array])).toBe('noProgress')
    expect(fault([keys[100] as Uint8Array, Uint8Array.of(1)])).toBe('noProgress')
  })

  it('ends before a value that is left behind its hash', () => {
    const state = makeState(10, { entries: 60, children: 2, versions: [1], largest: 3000 })
    const flat: Flat = new Map()
    let start: Position | undefined = []
    while (start !== undefined) {
      const proof: Uint8Array = runSteps(proveRange(state.source, state.root, { start, softBytes: 100_000, maxBytes: 500 })) ?? expect.fail('refused')
      const piece: Piece = readPiece(encodeProofResponse(proof), state.root, start)
      flatten(piece, flat)
      start = piece.until
    }
    for (const [key, value] of contents(state)) expect(flat.get(key)).toBe(value)
  })

  it('of noise is refused in time', () => {
    const next = random(3)
    for (let i = 0; i < 300; i++) {
      const proof = Array.from({ length: below(next, 40) }, () => Uint8Array.from({ length: 1 + below(next, 60) }, () => below(next, 4) === 0 ? [0x80, 0xc0, 0x40, 1, 0xff, 0][below(next, 6)] as number : below(next, 256)))
      expect(() => readPiece(encodeStateResponse({ levels: [], proof }), new Uint8Array(32), [])).toThrow(PieceError)
    }
    // One node in another, as deep as it goes.
    const deep = Array.from({ length: 5000 }, () => Uint8Array.of(0x80, 1, 0, 0))
    expect(() => readPiece(encodeStateResponse({ levels: [], proof: deep }), new Uint8Array(32), [])).toThrow(PieceError)
  })
})
