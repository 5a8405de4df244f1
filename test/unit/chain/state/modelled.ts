/** A database whose states are pruned, with a model of its chain that tells what must be there; and random changes. */
import { expect, onTestFinished } from 'vitest'
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import type { Disposer } from '../../../../node-core/base/disposers.ts'
import type { StatePruning } from '../../../../node-core/chain/state/pruning/mode.ts'
import type { StateService } from '../../../../node-core/chain/state/state-service.ts'
import { openTrieSource, type OpenTrieSource } from '../../../../node-core/chain/state/trie-source.ts'
import type { Change } from '../../../../node-core/chain/trie/types.ts'
import { openAudit } from '../../../helpers/state-audit.ts'
import { NO_EDITS, StateChain, type Edits, type ModelBlock, type ModelState } from '../../../helpers/state-chain.ts'
import { genesis, genesisHash } from './chain-blocks.ts'
import { makeService, temporaryFolder } from './service-fixture.ts'

const GENESIS: ModelState = { main: new Map([[toHex(utf8('name')), utf8('test')], [toHex(utf8('number')), Uint8Array.of(0)]]), children: new Map() }

/** Numbers below `limit`, from a seed (mulberry32). */
export function dice(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
}

/** A database with the model of its chain. */
export class Modelled {
  readonly folder: string
  service: StateService
  source!: OpenTrieSource
  chain!: StateChain
  #audit!: Awaited<ReturnType<typeof openAudit>>
  /** Dead blocks whose states are kept (archive). */
  readonly dead = new Set<Hash>()
  /** Blocks that are held, with what lets go of them. */
  readonly held = new Map<Hash, Disposer>()

  private constructor(folder: string, pruning: StatePruning) {
    this.folder = folder
    this.service = makeService(folder, { pruning })
  }

  static async open(pruning: StatePruning): Promise<Modelled> {
    const modelled = new Modelled(await temporaryFolder(), pruning)
    await modelled.#start()
    return modelled
  }

  /** With another way to prune. */
  async restart(pruning: StatePruning): Promise<void> {
    await this.stop()
    this.service = makeService(this.folder, { pruning })
    await this.#start()
  }

  /** Who opened the database first closes it last: its caches are used by the others. */
  async stop(): Promise<void> {
    this.held.clear()
    await this.#close()
    await this.service.stop()
  }

  async #start(): Promise<void> {
    await this.service.start()
    this.source = await openTrieSource(this.folder)
    this.#audit = await openAudit(this.folder)
    const before = this.chain as StateChain | undefined
    this.chain = new StateChain(this.source, genesis.header, GENESIS)
    for (const [hash, block] of before?.blocks ?? []) this.chain.blocks.set(hash, block)
    const close = () => this.#close()
    onTestFinished(close)
  }

  async #close(): Promise<void> {
    await this.source.close()
    await this.#audit.close()
  }

  get finalized(): ModelBlock {
    return this.block(this.service.blocks.finalized().hash)
  }

  block(hash: Hash): ModelBlock {
    return this.chain.blocks.get(hash) as ModelBlock
  }

  /** Blocks that others may be built on. */
  open(): ModelBlock[] {
    const { blocks } = this.service
    const found = [this.finalized]
    for (const block of found) found.push(...blocks.children(block.hash).map(({ hash }) => this.block(hash)))
    return found
  }

  async import(parent: ModelBlock, edits: Edits, salt: string): Promise<ModelBlock> {
    const isBest = parent.hash === this.service.blocks.best().hash
    const block = this.chain.block(parent, edits, salt, isBest)
    await this.service.writer.importBlock(block)
    return this.block(block.hash)
  }

  async finalize(block: ModelBlock): Promise<void> {
    const before = new Set(this.open().map(({ hash }) => hash))
    await this.service.writer.finalize(block.hash)
    const left = new Set(this.open().map(({ hash }) => hash))
    for (const { hash } of this.service.blocks.route(genesisHash, block.hash)) left.add(hash)
    left.add(genesisHash)
    for (const hash of before) if (!left.has(hash)) this.dead.add(hash)
  }

  /** False where the block's state is not here. */
  hold(hash: Hash): boolean {
    const release = this.service.pins.pin(hash)
    if (release !== undefined) this.held.set(hash, release)
    return release !== undefined
  }

  release(hash: Hash): void {
    this.held.get(hash)?.()
    this.held.delete(hash)
  }

  /** What the held blocks keep: from which height on finalized states, and which dead blocks. */
  heldStates(): { readonly from: number; readonly dead: ReadonlySet<Hash> } {
    const dead = new Set<Hash>()
    let from = Infinity
    for (const held of this.held.keys()) {
      let block = this.block(held)
      for (; this.dead.has(block.hash); block = this.block(block.header.parentHash)) dead.add(block.hash)
      from = Math.min(from, block.header.number)
    }
    return { from, dead }
  }

  /** Everything that is kept reads as the model says, everything else says that it is gone, and no record is left over. */
  async check(pruning: StatePruning, oldest = 0): Promise<void> {
    const { service } = this
    await service.pruned()
    const { blocks } = service
    const head = this.finalized.header.number
    const kept = new Set(this.open().map(({ hash }) => hash))
    const held = this.heldStates()
    const first = typeof pruning === 'number' ? Math.max(oldest, Math.min(head - pruning + 1, held.from), 0) : oldest
    for (let number = first; number <= head; number++) kept.add(blocks.hashByNumber(number) as Hash)
    for (const hash of pruning === 'archive' ? this.dead : held.dead) kept.add(hash)
    const { blocks: stored, leaked, faults } = await this.#audit.audit()
    const left = pruning === 'archive' || held.dead.size > 0 ? faults.filter((fault) => !fault.includes('deadState')) : faults
    expect({ stored: [...stored].sort(), leaked, faults: left }).toEqual({ stored: [...kept].sort(), leaked: [], faults: [] })
    const roots = new Set([...kept].map((hash) => this.block(hash).header.stateRoot))
    for (const { hash, header, state } of this.chain.blocks.values()) {
      if (kept.has(hash)) this.#checkState(header.stateRoot, state)
      else if (!roots.has(header.stateRoot)) {
        expect(service.storage.has(header.stateRoot)).toBe(false)
        for (const read of [() => service.storage.get(header.stateRoot, utf8('k')), () => service.proofs.readProof(header.stateRoot, []), () => service.proofs.nodes(header.stateRoot)]) {
          expect(read).toThrow(expect.objectContaining({ code: 'STATE_PRUNED', data: { stateRoot: header.stateRoot } }))
        }
      }
    }
  }

  #checkState(root: Hash, { main, children }: ModelState): void {
    const { storage } = this.service
    expect(storage.has(root)).toBe(true)
    const found = new Map(storage.keys(root, new Uint8Array(0), Infinity).map((key) => [toHex(key), storage.get(root, key)]))
    const childKeys = [...found.keys()].filter((key) => key.startsWith(toHex(utf8(':child'))))
    expect(childKeys).toHaveLength(children.size)
    for (const key of childKeys) found.delete(key)
    expect(found).toEqual(new Map([...main].sort(([a], [b]) => (a < b ? -1 : 1))))
    for (const [childKey, contents] of children) {
      const inner = storage.childKeys(root, utf8(childKey), new Uint8Array(0), Infinity)
      expect(new Map(inner.map((key) => [toHex(key), storage.getChild(root, utf8(childKey), key)]))).toEqual(contents)
    }
  }
}

export function randomEdits(random: (limit: number) => number): Edits {
  if (random(6) === 0) return NO_EDITS
  const changes = (count: number): Change[] =>
    Array.from({ length: random(count) + 1 }, () => {
      const key = random(12) === 0 ? utf8(':code') : Uint8Array.of(random(3) << 4, random(6))
      // Few values, so that some come back to what they were and forks come to the same.
      const size = [1, 31, 32, 33, 70, 300][random(6)] as number
      return [key, random(4) === 0 ? undefined : new Uint8Array(size).fill(random(2))]
    })
  return {
    main: random(4) === 0 ? [] : changes(8),
    children: random(3) === 0 ? Object.fromEntries(['a', 'b'].slice(random(2)).map((key) => [key, changes(5)])) : {},
    version: random(5) === 0 ? 0 : 1,
  }
}

