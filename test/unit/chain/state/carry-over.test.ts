/** A database of version 1 becomes one of this version: with every state that is kept, also when it is cut off anywhere. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { META } from '../../../../node-core/chain/state/buckets.ts'
import type { CarryProgress } from '../../../../node-core/chain/state/carry/carry-over.ts'
import { Database } from '../../../../node-core/chain/state/database.ts'
import { StateService, type StateOptions } from '../../../../node-core/chain/state/state-service.ts'
import { readStoredGenesis } from '../../../../node-core/chain/state/stored-genesis.ts'
import type { Change } from '../../../../node-core/chain/trie/types.ts'
import { OldDatabase } from '../../../helpers/old-database.ts'
import { openAudit } from '../../../helpers/state-audit.ts'
import { NO_EDITS, type Edits, type ModelBlock } from '../../../helpers/state-chain.ts'
import { temporaryFolder } from './service-fixture.ts'

const CLOCK = (): FakeClock => new FakeClock(1_700_000_000_000)

interface Old {
  readonly folder: string
  readonly chain: readonly ModelBlock[]
  readonly fork: ModelBlock
  readonly finalized: ModelBlock
}

/** Forty blocks, thirty of them final, and a fork. Values move from their nodes to places of their own, and child tries come and go. */
async function oldDatabase(): Promise<Old> {
  const old = new OldDatabase()
  const code = new Uint8Array(5_000).fill(1)
  const filler = Array.from({ length: 300 }, (_, i): Change => [Uint8Array.of(i >> 8, i & 0xff, 7), new Uint8Array(10 + (i % 60)).fill(i & 0xff)])
  const chain = [old.block(undefined, { main: [[utf8(':code'), code], ...filler], children: { kid: [[utf8('a'), new Uint8Array(40)]] }, version: 0 }, 'genesis')]
  const edits = (number: number): Edits => {
    if (number % 9 === 4) return NO_EDITS
    const main: Change[] = Array.from({ length: 6 }, (_, i) => [Uint8Array.of(0, (number * 7 + i * 31) & 0xff, 7), i === 5 ? undefined : new Uint8Array(50).fill(number + i)])
    // The same value, written again: it moves where the version moves.
    if (number === 12) main.push([utf8(':code'), code])
    const children = number % 5 === 1 ? { kid: [[utf8('b'), new Uint8Array(60).fill(number)], [utf8('a'), number > 10 ? undefined : utf8('short')]] as Change[] } : number === 33 ? { kid: [[utf8('b'), undefined]] as Change[], other: [[utf8('x'), utf8('y')]] as Change[] } : {}
    return { main, children, version: number < 12 ? 0 : 1 }
  }
  for (let number = 1; number <= 40; number++) chain.push(old.block(chain.at(-1), edits(number), `${number}`))
  const fork = old.block(chain[35], { main: [[utf8('fork'), utf8('fork')]] }, 'fork')
  const finalized = chain[30] as ModelBlock
  const folder = await temporaryFolder()
  await old.write(folder, CLOCK(), chain, finalized, [fork])
  return { folder, chain, fork, finalized }
}

function service({ folder, chain }: Old, options: Partial<StateOptions> = {}, onCarry?: (progress: CarryProgress) => void, clock = CLOCK()): StateService {
  const made = new StateService({ logger: silentLogger, clock, onCarry }, { dataPath: folder, genesis: () => expect.fail('it is there'), genesisHash: (chain[0] as ModelBlock).hash, ...options })
  onTestFinished(() => made.stop())
  return made
}

async function expectStates(state: StateService, { folder, chain, fork }: Old, oldest: number): Promise<void> {
  const kept = [...chain.slice(oldest), fork]
  for (const { header, state: model } of kept) {
    const keys = state.storage.keys(header.stateRoot, new Uint8Array(0), Infinity).filter((key) => !toHex(key).startsWith(toHex(utf8(':child'))))
    expect(new Map(keys.map((key) => [toHex(key), state.storage.get(header.stateRoot, key)]))).toEqual(new Map([...model.main].sort(([a], [b]) => (a < b ? -1 : 1))))
    for (const [childKey, contents] of model.children) {
      const inner = state.storage.childKeys(header.stateRoot, utf8(childKey), new Uint8Array(0), Infinity)
      expect(new Map(inner.map((key) => [toHex(key), state.storage.getChild(header.stateRoot, utf8(childKey), key)]))).toEqual(contents)
    }
  }
  const { audit, close } = await openAudit(folder)
  const { blocks, leaked, faults } = await audit()
  await close()
  expect({ leaked, faults, blocks: [...blocks].sort() }).toEqual({ leaked: [], faults: [], blocks: kept.map(({ hash }) => hash).sort() })
}

async function marks(folder: string): Promise<{ version: number | undefined; old: number }> {
  const database = new Database(folder, CLOCK())
  await database.open()
  const old = await database.level.keys({ gte: Uint8Array.of(6), lt: Uint8Array.of(7) }).all()
  const version = database.get(META.version)?.[3]
  await database.close()
  return { version, old: old.length }
}

describe('a database of version 1', () => {
  it('is carried over with all of its states, and its nodes by hash go', async () => {
    const old = await oldDatabase()
    const progress: CarryProgress[] = []
    const state = service(old, {}, (one) => progress.push(one))
    await state.start()
    expect(state.blocks.best().hash).toBe(old.chain[40]?.hash)
    expect(state.pruning?.mode).toBe('archive')
    await expectStates(state, old, 0)
    expect(progress.at(-1)).toMatchObject({ blocks: 42, total: 42 })
    await state.stop()
    await service(old).start()
  })

  it('is carried over with the states that are to be kept', async () => {
    const old = await oldDatabase()
    const state = service(old, { initialPruning: 5 })
    await state.start()
    await expectStates(state, old, 26)
    expect(state.pruning).toMatchObject({ mode: 5, oldest: 26 })
    expect(() => state.storage.get((old.chain[25] as ModelBlock).header.stateRoot, utf8('k'))).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }))
    await state.writer.finalize((old.chain[38] as ModelBlock).hash)
    await state.pruned()
    expect(state.pruning?.oldest).toBe(34)
    await state.tidied()
    await state.stop()
    expect(await marks(old.folder)).toEqual({ version: 2, old: 0 })
  })

  it('goes on where it was cut off, after any number of batches', async () => {
    const whole = await oldDatabase()
    let writes = 0
    for (let limit = 0; ; limit += 7) {
      const old = limit === 0 ? whole : await oldDatabase()
      const write = Database.prototype.write
      writes = 0
      Database.prototype.write = function (...args) {
        if (writes++ === limit) return Promise.reject(new Error('cut off'))
        return write.apply(this, args)
      }
      const begun = await service(old).start().then(() => true, () => false)
      Database.prototype.write = write
      if (begun) break
      expect((await marks(old.folder)).version).toBe(1)
      const state = service(old)
      await state.start()
      await expectStates(state, old, 0)
      await state.stop()
    }
    expect(writes).toBeGreaterThan(40)
  })

  it('is left as it is where it would take longer than a new synchronization', async () => {
    const old = await oldDatabase()
    const before = await marks(old.folder)
    const clock = CLOCK()
    // Each look at the clock is ten seconds later.
    const slow = { now: () => (clock.advance(10_000), clock.now()), schedule: clock.schedule.bind(clock) }
    const refused = service(old, { carryLimitMs: 60_000 }, undefined, slow as FakeClock)
    await expect(refused.start()).rejects.toMatchObject({ code: 'STATE_DB_VERSION', data: { found: 1, expected: 2 }, hint: expect.stringContaining('aside') as unknown })
    expect(await marks(old.folder)).toEqual(before)
    await service(old).start()
  })

  it('still says its genesis', async () => {
    const old = await oldDatabase()
    const { top, childrenDefault } = await readStoredGenesis(old.folder, CLOCK())
    expect(Object.keys(top)).toHaveLength(301)
    expect(childrenDefault).toEqual({ [toHex(utf8('kid'))]: { [toHex(utf8('a'))]: toHex(new Uint8Array(40)) } })
  })
})
