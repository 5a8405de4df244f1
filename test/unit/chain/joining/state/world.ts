/** A download against made-up peers, with time that passes by itself. */
import { expect } from 'vitest'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { equalBytes, toBinaryString, toHex } from '../../../../../node-core/base/bytes.ts'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import { createLogger } from '../../../../../node-core/base/logger.ts'
import type { PeerFault } from '../../../../../node-core/network/contracts.ts'
import { RunReader } from '../../../../../node-core/chain/joining/state/runs.ts'
import { StateDownload } from '../../../../../node-core/chain/joining/state/state-download.ts'
import { DEFAULT_RANGES_OPTIONS, type AssembledState, type StateRangesOptions } from '../../../../../node-core/chain/joining/state/types.ts'
import { StateWork } from '../../../../../node-core/chain/joining/state/work.ts'
import { VALUE } from '../../../../../node-core/chain/trie/nodes/node.ts'
import { NodeStore } from '../../../../../node-core/chain/trie/nodes/node-store.ts'
import { EMPTY } from '../../../../../node-core/base/bytes.ts'
import { valueOf } from '../../../../../node-core/chain/trie/lookup.ts'
import { walk } from '../../../../../node-core/chain/trie/walk.ts'
import { MemoryDatabase, MemoryRecords } from './memory.ts'
import type { Answer } from './peers.ts'
import { BLOCK, type MadeState } from './states.ts'

export class World {
  readonly clock = new FakeClock(1_000_000)
  readonly peers = new Map<string, Answer>()
  readonly faults: { readonly peer: string; readonly fault: PeerFault }[] = []
  /** Who was asked, and how often. */
  readonly asked = new Map<string, number>()
  readonly warnings: string[] = []
  /** Questions that were put to the same peer a second time within what others remember. */
  readonly repeats: string[] = []
  readonly #questions = new Map<string, number>()
  readonly database = new MemoryDatabase()
  readonly records = new MemoryRecords()
  readonly state: MadeState
  readonly #options: StateRangesOptions
  readonly #truth = new Map<string, string>()
  download: StateDownload | undefined

  constructor(state: MadeState, options: Partial<StateRangesOptions> = {}) {
    this.state = state
    this.#options = { ...DEFAULT_RANGES_OPTIONS, smallPieceBytes: 0, leastSplitBytes: 2000, ...options }
    this.database.onWrite = (puts) => this.checkTruth(puts)
    const store = new NodeStore(state.source)
    const note = (root: Uint8Array): void => {
      walk(store, store.root(root), { prefix: EMPTY, from: EMPTY, inclusive: true }, (key, node) => {
        const value = valueOf(store, node) as Uint8Array
        this.#truth.set(`${toHex(key)} ${toHex(value)}`, String(node.kind === VALUE.hashed))
        if (key.length > 23 && value.length === 32 && toHex(key).startsWith('0x3a6368696c645f')) note(value)
        return true
      })
    }
    note(state.root)
  }

  get target() {
    return { hash: BLOCK, number: 7, stateRoot: toHex(this.state.root) }
  }

  banned(): string[] {
    return [...new Set(this.faults.filter(({ fault }) => fault.ban === true).map(({ peer }) => peer))].sort()
  }

  /** Runs a download as a node that starts does. Time passes while nothing else happens. */
  async run(signal: AbortSignal = new AbortController().signal): Promise<AssembledState> {
    const work = new StateWork(this.database, this.records)
    this.#questions.clear()
    const download = new StateDownload(
      {
        request: async (peer, bytes, ending) => {
          this.asked.set(peer, (this.asked.get(peer) ?? 0) + 1)
          const question = `${peer} ${toHex(bytes)}`
          if (this.clock.now() - (this.#questions.get(question) ?? 0) < 65_000) this.repeats.push(question)
          this.#questions.set(question, this.clock.now())
          const answer = this.peers.get(peer)
          if (answer === undefined) throw new Error('not connected')
          // As the network does: who gives up does not wait.
          const { promise: givenUp, reject } = Promise.withResolvers<never>()
          ending.addEventListener('abort', () => reject(new NodeError('NETWORK_ABORTED', 'given up')))
          return Promise.race([answer(bytes, ending), givenUp])
        },
        peers: () => [...this.peers.keys()].filter((id) => !this.banned().includes(id)),
        judge: { report: (peer, fault) => void this.faults.push({ peer, fault }) },
        work, clock: this.clock, logger: createLogger([({ level, message }) => void (level === 'warn' && this.warnings.push(message))], { default: 'info' }),
      },
      this.#options,
    )
    this.download = download
    let isOver = false
    const run = download.run(this.target, signal).finally(() => (isOver = true))
    run.catch(() => undefined)
    for (let turns = 0; !isOver; turns++) {
      if (turns > 400_000) throw new Error('the download does not come to an end')
      await new Promise((resolve) => setImmediate(resolve))
      this.clock.advance(25)
    }
    return run
  }

  expectWhole(made: AssembledState): void {
    expect(this.repeats).toEqual([])
    expect(made.stateRoot).toBe(this.target.stateRoot)
    const { source, hashes, unreferenced } = this.records
    expect(unreferenced).toEqual(made.root === 0 ? [] : [made.root])
    expect(made.next - made.first).toBe(hashes.length)
    if (made.root !== 0) expect(equalBytes(hashes[made.root - made.first] as Uint8Array, this.state.root)).toBe(true)
    // Every node of the state is there; what the source has of other versions of it is not.
    for (const [hash, node] of source.nodes) expect(this.state.source.nodes.get(hash) !== undefined && equalBytes(this.state.source.nodes.get(hash) as Uint8Array, node)).toBe(true)
    expect(new Set(hashes.map(toBinaryString)).size).toBe(source.nodes.size)
  }

  /** What is written of entries is in the state, and as the state has it. */
  checkTruth(puts: readonly (readonly [Uint8Array, Uint8Array])[]): void {
    for (const [key, packed] of puts) {
      if (key[1] === 0) continue
      const reader = new RunReader(packed)
      while (reader.next()) {
        const hashed = this.#truth.get(`${toHex(reader.key.subarray(0, reader.keyLength))} ${toHex(reader.value)}`)
        if (hashed !== String(reader.hashed)) throw new Error('what was written is not in the state')
      }
    }
  }
}
