/** The importer's stages: what runs beside what, and what waits for what. */
import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../../node-core/base/logger.ts'
import type { BlockRuleOptions } from '../../../../../node-core/chain/core/import/block-rules.ts'
import { Importer } from '../../../../../node-core/chain/core/import/importer.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { ExecutionPlace, RuntimeExecutor } from '../../../../../node-core/chain/runtime/types.ts'
import type { Block, BlockRef, Justification } from '../../../../../node-core/chain/scale/block.ts'
import { encodeHeader, type Header } from '../../../../../node-core/chain/scale/header.ts'
import type { BlockStateReader, StateChanges, StateWriter } from '../../../../../node-core/chain/state/types.ts'
import { orderedTrieRoot } from '../../../../../node-core/chain/trie/build.ts'
import { BabeError } from '../../../../../node-core/chain/core/engines/babe/errors.ts'
import { GrandpaError } from '../../../../../node-core/chain/core/engines/grandpa/errors.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
const EMPTY = toHex(orderedTrieRoot([], 0))
const GENESIS: Header = { parentHash: ZERO, number: 0, stateRoot: ZERO, extrinsicsRoot: EMPTY, digest: [] }
const hashOf = (header: Header): Hash => blake2Hash(encodeHeader(header))
const PROOF: Justification = { engine: 'FRNK', data: new Uint8Array(1) }

/** `salt` tells siblings apart. */
function child(parent: Header, salt = 0): Block {
  const stateRoot: Hash = `0x${salt.toString(16).padStart(64, '0')}`
  return { header: { parentHash: hashOf(parent), number: parent.number + 1, stateRoot, extrinsicsRoot: EMPTY, digest: [] }, body: [] }
}

function chainOf(length: number): Block[] {
  const chain: Block[] = []
  for (let parent = GENESIS; chain.length < length; ) {
    const block = child(parent)
    chain.push(block)
    parent = block.header
  }
  return chain
}

/** An importer whose other parts say what they do, and whose finality waits until it is let on. */
class Rig {
  readonly events: string[] = []
  readonly headers = new Map<Hash, Header>([[hashOf(GENESIS), GENESIS]])
  final: BlockRef = { hash: hashOf(GENESIS), number: 0 }
  /** What happens while a block is executed. */
  onExecute: (() => void) | undefined
  /** What execution ends in. */
  fails: Error | undefined
  /** Checking a header asks the state of its parent first. */
  asks = false
  /** Headers have their place at once, and are proven when this resolves. */
  proof: ((header: Header) => Promise<void>) | undefined
  /** Execution waits for this. */
  execution: ((header: Header) => Promise<void>) | undefined
  /** Writing waits for this. */
  writing: ((header: Header) => Promise<void>) | undefined
  /** Opens the way for finality. */
  finish: (error?: Error) => void = () => undefined
  /** Why finality does not take the next block. */
  refusal: Error | undefined
  readonly importer: Importer
  #best: BlockRef = this.final

  constructor(rules: Partial<BlockRuleOptions> = {}, queueLimit = 16) {
    const { headers } = this
    const blocks = {
      best: () => this.#best,
      finalized: () => this.final,
      hasBlock: (hash: Hash) => headers.has(hash),
      header: (hash: Hash) => headers.get(hash),
      isAncestor: (ancestor: Hash, descendant: Hash) => {
        for (let hash: Hash | undefined = descendant; hash !== undefined; hash = headers.get(hash)?.parentHash) if (hash === ancestor) return true
        return false
      },
    } as unknown as BlockStateReader
    const writer = {
      importBlock: async ({ hash, header }: { hash: Hash; header: Header }) => {
        this.events.push(`write ${header.number}`)
        await this.writing?.(header)
        headers.set(hash, header)
        this.#best = { hash, number: header.number }
      },
    } as unknown as StateWriter
    const executor = {
      executeBlock: async (_root: Hash, header: Header, _body: unknown, { parentStored }: ExecutionPlace) => {
        this.events.push(`execute ${header.number}${parentStored ? '' : ' ahead'}`)
        this.onExecute?.()
        await this.execution?.(header)
        if (this.fails !== undefined) throw this.fails
        return { stateRoot: header.stateRoot }
      },
    } as unknown as RuntimeExecutor
    this.importer = new Importer(
      {
        blocks, writer, executor,
        verifier: {
          verify: async (header, _now, placed) => {
            if (this.asks) await this.#ask(header)
            if (this.proof !== undefined) {
              this.events.push(`check ${header.number}`)
              placed?.()
              await this.proof(header)
            }
            return { hash: hashOf(header), unsealed: header, slot: header.number, author: ZERO, weight: 1, aux: [] }
          },
        },
        weights: { chainWeight: () => 0 },
        finality: {
          blockAux: () => {
            if (this.refusal !== undefined) throw this.refusal
            return []
          },
          importJustification: async ({ number }) => {
            this.events.push(`prove ${number}`)
            await new Promise<void>((resolve, reject) => (this.finish = (error) => (error === undefined ? resolve() : reject(error))))
            this.events.push(`final ${number}`)
          },
        },
        clock: new FakeClock(),
        logger: silentLogger,
        onFault: (error) => this.events.push(`fault ${String(error)}`),
      },
      { badBlocks: [], queueLimit, ...rules },
    )
  }

  async #ask({ number, parentHash }: Header): Promise<void> {
    await this.importer.arrival(parentHash)
    if (!this.headers.has(parentHash)) throw new NodeError('RUNTIME_UNKNOWN_STATE', 'there is no such state')
    this.events.push(`ask ${number - 1}`)
  }

  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('the importer', () => {
  it('takes no other block where the chain specification names one, and nothing that follows it', async () => {
    const [one, other] = [child(GENESIS), child(GENESIS, 1)]
    const rig = new Rig({ forkBlocks: [[1, hashOf(one.header)]] })
    const results = [rig.importer.importBlock(other, 'announced'), rig.importer.importBlock(child(other.header), 'sync')]
    expect(await Promise.all(results)).toMatchObject([{ kind: 'invalid', code: 'IMPORT_OTHER_FORK' }, { kind: 'unknown-parent' }])
    // Not even where its parent is unknown, and never after anything that costs.
    expect(await rig.importer.importBlock({ ...other, header: { ...other.header, parentHash: ZERO } }, 'sync')).toMatchObject({ code: 'IMPORT_OTHER_FORK' })
    expect(rig.events).toEqual([])
    expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'imported' })
    expect(await rig.importer.importBlock(child(one.header, 7), 'sync')).toMatchObject({ kind: 'imported' })
  })

  it('refuses what the chain specification calls bad', async () => {
    const bad = child(GENESIS)
    const rig = new Rig({ badBlocks: [hashOf(bad.header)] })
    expect(await rig.importer.importBlock(bad, 'sync')).toMatchObject({ kind: 'invalid', code: 'IMPORT_BAD_BLOCK' })
    expect(rig.events).toEqual([])
  })

  it('executes a block while the one before is made final, and writes it afterwards', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    const two = child(one.header)
    const results = [rig.importer.importBlock(one, 'sync', [PROOF]), rig.importer.importBlock(two, 'sync')]
    await rig.settle()
    expect(rig.events).toEqual(['execute 1', 'write 1', 'prove 1', 'execute 2'])
    rig.finish()
    expect(await Promise.all(results)).toMatchObject([{ kind: 'imported' }, { kind: 'imported' }])
    expect(rig.events.slice(4)).toEqual(['final 1', 'write 2'])
  })

  it('has a check that asks the state of the parent wait until that is written, in a row of blocks', async () => {
    const rig = new Rig()
    rig.asks = true
    const one = child(GENESIS)
    const two = child(one.header)
    const results = await Promise.all([one, two, child(two.header)].map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results.every(({ kind }) => kind === 'imported')).toBe(true)
    expect(rig.events).toEqual(['ask 0', 'execute 1', 'write 1', 'ask 1', 'execute 2', 'write 2', 'ask 2', 'execute 3', 'write 3'])
  })

  it('says nothing about a block whose parent is refused while its check waits for it', async () => {
    const rig = new Rig()
    rig.asks = true
    rig.fails = new NodeError('RUNTIME_TRAP', 'it trapped')
    const one = child(GENESIS)
    const results = await Promise.all([one, child(one.header), one].map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results).toMatchObject([{ kind: 'invalid', code: 'RUNTIME_TRAP' }, { kind: 'unknown-parent' }, { kind: 'invalid' }])
    await rig.importer.idle()
  })

  it('refuses a block whose fork died with its states while it was executed', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    await rig.importer.importBlock(one, 'sync')
    const sibling = child(GENESIS, 1)
    await rig.importer.importBlock(sibling, 'sync')
    const late = child(sibling.header)
    rig.fails = new NodeError('RUNTIME_UNKNOWN_STATE', 'it is given up')
    const result = rig.importer.importBlock(late, 'sync')
    rig.headers.set(hashOf(sibling.header), sibling.header)
    rig.onExecute = () => (rig.final = { hash: hashOf(one.header), number: 1 })
    expect(await result).toMatchObject({ kind: 'invalid', code: 'IMPORT_BELOW_FINALIZED', refusal: 'obsolete' })
    expect(rig.events.filter((event) => event.startsWith('fault'))).toEqual([])
    // Where the state should be there it is this node's own trouble.
    rig.onExecute = undefined
    await expect(rig.importer.importBlock(child(one.header), 'sync')).rejects.toMatchObject({ code: 'RUNTIME_UNKNOWN_STATE' })
    expect(rig.events.filter((event) => event.startsWith('fault'))).toHaveLength(1)
  })

  it('refuses a block that what became final meanwhile left behind', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    const sibling = child(GENESIS, 1)
    const results = [rig.importer.importBlock(one, 'sync', [PROOF]), rig.importer.importBlock(sibling, 'sync')]
    await rig.settle()
    expect(rig.events).toContain('execute 1')
    rig.final = { hash: hashOf(one.header), number: 1 }
    rig.finish()
    expect(await Promise.all(results)).toMatchObject([{ kind: 'imported' }, { kind: 'invalid', code: 'IMPORT_BELOW_FINALIZED' }])
    expect(rig.events).not.toContain('fault')
  })

  it('refuses one block for a mistake of its own, and goes on', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    rig.fails = new TypeError('undefined is not a function')
    expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'invalid', code: 'IMPORT_INTERNAL', message: expect.stringContaining('undefined is not a function') as string })
    for (const code of ['RUNTIME_BAD_RESULT', 'RUNTIME_INVALID_CODE', 'RUNTIME_NO_SUCH_API', 'RUNTIME_TRAP']) {
      rig.fails = new NodeError(code, 'it does not run')
      expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'invalid', code })
    }
    expect(rig.events.filter((event) => event.startsWith('fault'))).toEqual([])
    rig.fails = undefined
    expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'imported' })
  })

  it('says when a block that is early may come again', async () => {
    const rig = new Rig()
    rig.fails = new BabeError('BABE_SLOT_IN_FUTURE', 'not yet', { data: { retryAt: 12_000 } })
    expect(await rig.importer.importBlock(child(GENESIS), 'sync')).toEqual({ kind: 'invalid', refusal: 'early', code: 'BABE_SLOT_IN_FUTURE', message: 'not yet', retryAt: 12_000 })
  })

  it('checks a header while those before it are being proven, and as many as fit', async () => {
    const rig = new Rig({}, 200)
    const gates = new Map<number, () => void>()
    rig.proof = ({ number }) => new Promise((resolve) => gates.set(number, resolve))
    const chain = chainOf(100)
    const results = chain.map((block) => rig.importer.importBlock(block, 'sync'))
    await rig.settle()
    expect(rig.events).toEqual(Array.from({ length: 64 }, (_, i) => `check ${i + 1}`))
    // The last first: what is executed keeps its order.
    for (let number = 64; number > 0; number--) gates.get(number)?.()
    await rig.settle()
    expect(rig.events.filter((event) => event.startsWith('check'))).toHaveLength(100)
    for (let number = 65; number <= 100; number++) gates.get(number)?.()
    expect((await Promise.all(results)).every(({ kind }) => kind === 'imported')).toBe(true)
    expect(rig.events.filter((event) => event.startsWith('write'))).toEqual(chain.map(({ header }) => `write ${header.number}`))
  })

  it('says nothing about blocks whose parent turns out to be forged while they are checked', async () => {
    const rig = new Rig()
    rig.proof = async ({ number }) => {
      if (number === 2) throw new BabeError('BABE_BAD_SEAL', 'forged')
    }
    const results = await Promise.all(chainOf(4).map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results).toMatchObject([{ kind: 'imported' }, { kind: 'invalid', code: 'BABE_BAD_SEAL' }, { kind: 'unknown-parent' }, { kind: 'unknown-parent' }])
    expect(rig.events.filter((event) => !event.startsWith('check'))).toEqual(['execute 1', 'write 1'])
  })

  it('executes blocks ahead of their parents being written, so many', async () => {
    const rig = new Rig({}, 200)
    const written = Promise.withResolvers<void>()
    rig.writing = () => written.promise
    const chain = chainOf(40)
    const results = chain.map((block) => rig.importer.importBlock(block, 'sync'))
    await rig.settle()
    expect(rig.events.filter((event) => event.startsWith('execute'))).toEqual(['execute 1', ...Array.from({ length: 15 }, (_, i) => `execute ${i + 2} ahead`)])
    written.resolve()
    expect((await Promise.all(results)).every(({ kind }) => kind === 'imported')).toBe(true)
    expect(rig.events.filter((event) => event.startsWith('write'))).toEqual(chain.map(({ header }) => `write ${header.number}`))
  })

  it('executes again what the executor cannot do ahead, once the parent is there', async () => {
    const rig = new Rig()
    rig.writing = () => rig.settle()
    rig.execution = async ({ number }) => {
      if (number === 2 && !rig.events.includes('execute 2')) throw new NodeError('RUNTIME_UNKNOWN_STATE', 'it is not at hand')
    }
    const results = await Promise.all(chainOf(3).map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results.every(({ kind }) => kind === 'imported')).toBe(true)
    expect(rig.events.filter((event) => event.includes(' 2'))).toEqual(['execute 2 ahead', 'execute 2', 'write 2'])
  })

  it('executes no block that is being executed already, nor one of its own that comes back', async () => {
    const rig = new Rig()
    rig.writing = () => rig.settle()
    const [one, two] = chainOf(2) as [Block, Block]
    const own = rig.importer.importOwn(one, { stateRoot: one.header.stateRoot } as StateChanges)
    const others = [one, two, two, one, two].map((block) => rig.importer.importBlock(block, 'sync'))
    expect((await Promise.all([own, ...others])).map(({ kind }) => kind)).toEqual(['imported', 'known', 'imported', 'known', 'known', 'known'])
    expect(rig.events.filter((event) => event.startsWith('execute'))).toEqual(['execute 2'])
  })

  it('executes a block that comes twice once more where the first was refused', async () => {
    const rig = new Rig()
    let left = 1
    rig.execution = async () => {
      await rig.settle()
      if (left-- > 0) throw new NodeError('RUNTIME_TIMEOUT', 'too slow')
    }
    const [one, two] = chainOf(2) as [Block, Block]
    const results = await Promise.all([one, one, two].map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results).toMatchObject([{ kind: 'invalid', code: 'RUNTIME_TIMEOUT' }, { kind: 'imported' }, { kind: 'imported' }])
    await rig.importer.close()
  })

  it('neither checks nor executes what it has no room to store, and takes it later', async () => {
    const rig = new Rig()
    const written = Promise.withResolvers<void>()
    rig.writing = () => written.promise
    const chain = chainOf(20)
    const results = chain.slice(0, 16).map((block) => rig.importer.importBlock(block, 'sync'))
    await rig.settle()
    // All of these are executed; the queue of the last stage is full.
    const events = [...rig.events]
    for (const block of [...chain.slice(16), chain[7] as Block]) await expect(rig.importer.importBlock(block, 'sync')).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    await rig.settle()
    expect(rig.events).toEqual(events)
    written.resolve()
    expect((await Promise.all(results)).every(({ kind }) => kind === 'imported')).toBe(true)
    expect(await Promise.all(chain.slice(16).map((block) => rig.importer.importBlock(block, 'sync')))).toMatchObject(chain.slice(16).map(() => ({ kind: 'imported' })))
    await rig.importer.idle()
  })

  it('knows no parent of blocks that were executed ahead of one that is refused', async () => {
    const rig = new Rig()
    rig.writing = () => rig.settle()
    rig.execution = async ({ number }) => {
      if (number === 2) throw new NodeError('RUNTIME_TRAP', 'it trapped')
    }
    const results = await Promise.all(chainOf(4).map((block) => rig.importer.importBlock(block, 'sync')))
    expect(results).toMatchObject([{ kind: 'imported' }, { kind: 'invalid', code: 'RUNTIME_TRAP' }, { kind: 'unknown-parent' }, { kind: 'unknown-parent' }])
    expect(rig.events.filter((event) => event.startsWith('write') || event.startsWith('fault'))).toEqual(['write 1'])
    await rig.importer.close()
  })

  it('takes a failing database for no refusal', async () => {
    const rig = new Rig()
    rig.fails = new NodeError('STATE_DB_CORRUPT', 'unreadable')
    await expect(rig.importer.importBlock(child(GENESIS), 'sync')).rejects.toMatchObject({ code: 'STATE_DB_CORRUPT' })
    expect(rig.events).toContain('fault NodeError: unreadable')
  })

  it('takes the same blocks again and again without waiting for itself', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    const two = child(one.header)
    const kinds = await Promise.all([one, two, one, two, one].map(async (block) => (await rig.importer.importBlock(block, 'sync')).kind))
    expect(kinds).toEqual(['imported', 'imported', 'known', 'known', 'known'])
    await rig.importer.close()
  })

  it('refuses a block that the authority sets refuse, which is no fault of ours', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    rig.refusal = new GrandpaError('GRANDPA_FORCED_CHANGE_TOO_EARLY', 'not yet')
    expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'invalid', code: 'GRANDPA_FORCED_CHANGE_TOO_EARLY' })
    expect(rig.events).toEqual(['execute 1'])
    rig.refusal = undefined
    expect(await rig.importer.importBlock(one, 'sync')).toMatchObject({ kind: 'imported' })
  })

  it('goes on to the next justification behind a bad one, and blames nobody where the block is final in the end', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    const outcome = rig.importer.importBlock(one, 'sync', [PROOF, PROOF])
    await rig.settle()
    rig.finish(new GrandpaError('GRANDPA_BAD_SIGNATURE', 'forged'))
    await rig.settle()
    rig.final = { hash: hashOf(one.header), number: 1 }
    rig.finish()
    expect(await outcome).toMatchObject({ kind: 'imported' })
  })

  it.each(['GRANDPA_BEYOND_SET_CHANGE', 'GRANDPA_OTHER_SET'] as const)('blames nobody for a justification of authorities that are not those known here: %s', async (code) => {
    const rig = new Rig()
    const one = child(GENESIS)
    const outcome = rig.importer.importBlock(one, 'sync', [PROOF])
    await rig.settle()
    rig.finish(new GrandpaError(code, 'another set'))
    expect(await outcome).toMatchObject({ kind: 'imported' })
    const again = rig.importer.importJustification({ hash: hashOf(one.header), number: 1 }, PROOF)
    await rig.settle()
    rig.finish(new GrandpaError(code, 'another set'))
    expect(await again).toMatchObject({ kind: 'imported' })
  })

  it('blames a block for a justification that proves nothing, and nobody for one that could not be checked', async () => {
    const rig = new Rig()
    const one = child(GENESIS)
    const first = rig.importer.importBlock(one, 'sync', [PROOF])
    await rig.settle()
    rig.finish(new GrandpaError('GRANDPA_BAD_SIGNATURE', 'forged'))
    expect(await first).toMatchObject({ kind: 'invalid', code: 'IMPORT_BAD_JUSTIFICATION' })
    const again = rig.importer.importJustification({ hash: hashOf(one.header), number: 1 }, PROOF)
    const refused = expect(again).rejects.toMatchObject({ code: 'CRYPTO_BUSY' })
    await rig.settle()
    rig.finish(new NodeError('CRYPTO_BUSY', 'later'))
    await refused
  })
})
