/** States that are kept and states that are given up, against a model: random trees of blocks with forks, finality and restarts. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
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
function dice(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
}

/** A database with the model of its chain. */
class Modelled {
  readonly folder: string
  service: StateService
  source!: OpenTrieSource
  chain!: StateChain
  #audit!: Awaited<ReturnType<typeof openAudit>>
  /** Dead blocks whose states are kept (archive). */
  readonly dead = new Set<Hash>()

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

  /** Everything that is kept reads as the model says, everything else says that it is gone, and no record is left over. */
  async check(pruning: StatePruning, oldest = 0): Promise<void> {
    const { service } = this
    await service.pruned()
    const { blocks } = service
    const head = this.finalized.header.number
    const kept = new Set(this.open().map(({ hash }) => hash))
    const first = typeof pruning === 'number' ? Math.max(oldest, head - pruning + 1, 0) : oldest
    for (let number = first; number <= head; number++) kept.add(blocks.hashByNumber(number) as Hash)
    if (pruning === 'archive') for (const hash of this.dead) kept.add(hash)
    const { blocks: stored, leaked, faults } = await this.#audit.audit()
    const left = pruning === 'archive' ? faults.filter((fault) => !fault.includes('deadState')) : faults
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

function randomEdits(random: (limit: number) => number): Edits {
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

const SEEDS = 12

describe('pruning', () => {
  const ways: readonly StatePruning[] = ['archive', 'archive-canonical', 1, 2, 5]
  it.each(ways.flatMap((pruning) => Array.from({ length: SEEDS }, (_, seed) => [pruning, seed] as const)))(
    'keeps %s (seed %i)',
    async (pruning, seed) => {
      const random = dice(seed * 1000 + 7)
      const modelled = await Modelled.open(pruning)
      let twin: { readonly parent: ModelBlock; readonly edits: Edits } | undefined
      for (let step = 0; step < 60; step++) {
        const open = modelled.open()
        const chosen = open[random(3) === 0 ? random(open.length) : open.length - 1] as ModelBlock
        if (random(4) === 0 && chosen.hash !== modelled.finalized.hash) await modelled.finalize(chosen)
        else if (random(4) === 0 && twin !== undefined && open.some(({ hash }) => hash === twin?.parent.hash)) await modelled.import(twin.parent, twin.edits, `twin ${step}`)
        else {
          const edits = randomEdits(random)
          await modelled.import(chosen, edits, `${step}`)
          twin = { parent: chosen, edits }
        }
        if (step % 6 === 5) await modelled.check(pruning)
      }
      await modelled.check(pruning)
    },
  )

  it('changes from one way to another over restarts, as far as it can', async () => {
    const random = dice(99)
    const modelled = await Modelled.open('archive')
    const grow = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const parent = modelled.block(modelled.service.blocks.best().hash)
        await modelled.import(parent, randomEdits(random), `${i}`)
        await modelled.import(parent, randomEdits(random), `fork ${i}`)
      }
      await modelled.finalize(modelled.block(modelled.service.blocks.hashByNumber(modelled.service.blocks.best().number - 2) as Hash))
    }
    await grow()
    await modelled.check('archive')
    await modelled.restart('archive-canonical')
    await modelled.check('archive-canonical')
    await grow()
    await modelled.restart(6)
    await modelled.check(6)
    const oldest = modelled.service.pruning?.oldest
    await modelled.restart(9)
    // What is gone does not come back.
    await modelled.check(9, oldest)
    await grow()
    await modelled.check(9, oldest)
    await modelled.restart(2)
    await modelled.check(2)
    await modelled.stop()
    for (const wanted of ['archive', 'archive-canonical'] as const) {
      const refused = makeService(modelled.folder, { pruning: wanted })
      await expect(refused.start()).rejects.toMatchObject({ code: 'STATE_PRUNING_REFUSED', data: { stored: 2, wanted }, hint: expect.stringContaining('--state-pruning 2') as unknown })
    }
    // Where nothing is said it goes on as before.
    const again = makeService(modelled.folder, { initialPruning: 'archive' })
    await again.start()
    expect(again.pruning?.mode).toBe(2)
  })

  it('of a block that changed very much goes on in small steps', async () => {
    const modelled = await Modelled.open(1)
    const all = (fill: number): Change[] => Array.from({ length: 3000 }, (_, i) => [Uint8Array.of(i >> 8, i & 0xff), new Uint8Array(40).fill(fill)])
    const first = await modelled.import(modelled.finalized, { main: all(1) }, 'first')
    const fork = await modelled.import(first, { main: all(2) }, 'fork')
    const second = await modelled.import(first, { main: all(3) }, 'second')
    await modelled.finalize(second)
    expect(fork.header.stateRoot).not.toBe(second.header.stateRoot)
    await modelled.check(1)
    expect(modelled.service.pruning?.records).toBeGreaterThan(10_000)
  })

  it('loses nothing and leaves nothing over, wherever it is killed', async () => {
    const folder = await temporaryFolder()
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'pruning-process.ts'), folder, `${round}`, '3'], { stdio: ['ignore', 'pipe', 'inherit'] })
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      onTestFinished(() => void child.kill('SIGKILL'))
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve())
        child.once('exit', () => reject(new Error('the process ended early')))
      })
      // Not waited for anything but the moment: the process is anywhere in its work.
      for (let turns = round * 37; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      await exited
      const service = makeService(folder, { pruning: 3 })
      await service.start()
      await service.pruned()
      const { audit, close } = await openAudit(folder)
      const { blocks, leaked, faults } = await audit()
      await close()
      expect({ leaked, faults }).toEqual({ leaked: [], faults: [] })
      const head = service.blocks.finalized()
      const kept = new Set(blocks)
      for (let number = Math.max(0, head.number - 2); number <= head.number; number++) expect(kept.delete(service.blocks.hashByNumber(number) as Hash)).toBe(true)
      for (const open = [head.hash]; open.length > 0; ) {
        for (const { hash } of service.blocks.children(open.pop() as Hash)) {
          expect(kept.delete(hash)).toBe(true)
          open.push(hash)
        }
      }
      expect([...kept]).toEqual([])
      await service.stop()
    }
  })

  it('of a state under a walk ends the walk as one that is gone', async () => {
    const modelled = await Modelled.open(1)
    const main = Array.from({ length: 200 }, (_, i): Change => [Uint8Array.of(i), new Uint8Array(40).fill(i)])
    const first = await modelled.import(modelled.finalized, { main }, 'first')
    const second = await modelled.import(first, { main: main.map(([key]) => [key, utf8('new')]) }, 'second')
    const { stateRoot } = first.header
    const differences = modelled.service.proofs.differences(genesis.header.stateRoot, stateRoot, [])[Symbol.iterator]()
    expect(differences.next().done).toBe(false)
    await modelled.finalize(second)
    await modelled.service.pruned()
    const rest = (): void => {
      while (differences.next().done !== true);
    }
    expect(rest).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }))
  })
})
