/** When a block is made, how long it may take, and when none is made. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../../../../node-core/base/logger.ts'
import type { Hash } from '../../../../../../node-core/base/bytes.ts'
import { BlockProducer, type ProducerDependencies } from '../../../../../../node-core/chain/core/engines/slots/block-producer.ts'
import type { Author, SlotClaim } from '../../../../../../node-core/chain/core/engines/slots/author.ts'
import type { ImportOutcome } from '../../../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../../../node-core/crypto/hashes/hashing.ts'
import type { ApplyOutcome, BlockBuilder, InherentData, RuntimeExecutor } from '../../../../../../node-core/chain/runtime/types.ts'
import { encodeHeader, type Header } from '../../../../../../node-core/chain/scale/header.ts'
import type { BlockStateReader } from '../../../../../../node-core/chain/state/types.ts'
import { FREE_GUARD } from '../../../../../helpers/free-guard.ts'
import { refused } from '../../../../../helpers/refused.ts'

const DURATION = 6000
const SLOT = 1000
const START = SLOT * DURATION
const ZERO: Hash = `0x${'00'.repeat(32)}`
const PARENT: Header = { parentHash: ZERO, number: 7, stateRoot: ZERO, extrinsicsRoot: ZERO, digest: [] }

/** Steps of making a block that take time. */
type Step = 'idle' | 'claim' | 'build' | 'apply' | 'finish' | 'seal'

let clock: FakeClock
let logs: LogRecord[]
let takes: Partial<Record<Step, number>>
let transactions: number
let sealed: number
let imported: Header[]
let timestamps: number[]
let outcome: ImportOutcome
let sync: { syncing: boolean; offline: boolean }
let authorities: number
let lastClaimed: number | undefined
let mine: boolean
let guard: ProducerDependencies['guard']

beforeEach(() => {
  clock = new FakeClock(START)
  logs = []
  takes = {}
  transactions = 0
  sealed = 0
  imported = []
  timestamps = []
  outcome = { kind: 'imported', isBest: true }
  sync = { syncing: false, offline: false }
  authorities = 4
  lastClaimed = undefined
  mine = true
  guard = FREE_GUARD
})

const pass = (step: Step): void => clock.skip(takes[step] ?? 0)

function producer(options = { force: false }): BlockProducer {
  const claim: SlotClaim = { slot: SLOT, authority: ZERO, preDigest: { type: 'preRuntime', engine: 'BABE', data: new Uint8Array(1) }, inherents: [], weight: 1 }
  const author: Author = {
    slotDuration: DURATION,
    get lastClaimed() {
      return lastClaimed
    },
    authorityCount: async () => authorities,
    claimSlot: async () => {
      pass('claim')
      return mine ? claim : undefined
    },
    seal: async (header) => {
      pass('seal')
      sealed++
      return { ...header, digest: [...header.digest, { type: 'seal', engine: 'BABE', data: new Uint8Array(64) }] }
    },
  }
  const builder: BlockBuilder = {
    onlyInherents: false,
    apply: async (): Promise<ApplyOutcome> => {
      pass('apply')
      return { kind: 'included' }
    },
    finish: async () => {
      pass('finish')
      return { header: { ...PARENT, number: 8 }, changes: { stateRoot: ZERO, nodes: [] } as never }
    },
    drop: () => undefined,
  }
  const timestampOf = (inherents: InherentData): number => {
    const value = inherents.find(([id]) => id === 'timstap0')?.[1] as Uint8Array
    return Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true))
  }
  return new BlockProducer(
    {
      author,
      blocks: { best: () => ({ hash: ZERO, number: 7 }), header: () => PARENT } as unknown as BlockStateReader,
      executor: {
        buildBlock: async ({ inherents }: { inherents: InherentData }) => {
          timestamps.push(timestampOf(inherents))
          pass('build')
          return { builder, inherents: [] }
        },
      } as unknown as RuntimeExecutor,
      pool: { ready: () => Array.from({ length: transactions }, () => ({ hash: ZERO, extrinsic: new Uint8Array(1), provides: [] })), remove: () => [], caughtUp: async () => undefined },
      importer: {
        idle: async () => pass('idle'),
        importOwn: async ({ header }) => {
          imported.push(header)
          return outcome
        },
      },
      sync: { isMajorSyncing: () => sync.syncing, isOffline: () => sync.offline },
      clock,
      guard,
      logger: createLogger([(record) => logs.push(record)], { default: 'debug' }),
    },
    options,
  )
}

const told = (): string[] => logs.map(({ level, message }) => `${level}: ${message.split(/[:(]/)[0] ?? ''}`.trim())

describe('a block', () => {
  it('is made in its slot, and its hash is told', async () => {
    const hash = await producer().produce(SLOT)
    expect(hash).toBe(blake2Hash(encodeHeader(imported[0] as Header)))
    expect(told()).toEqual(['info: authored a block'])
  })

  it.each([
    ['idle', 'info: skipped a slot'],
    ['claim', 'warn: missed an own slot'],
    ['build', 'warn: missed an own slot'],
    ['apply', 'warn: missed an own slot'],
    ['finish', 'warn: missed an own slot'],
    ['seal', 'warn: missed an own slot'],
  ] as const)('is thrown away where the slot ends during the step "%s"', async (step, log) => {
    takes[step] = DURATION
    transactions = 1
    expect(await producer().produce(SLOT)).toBeUndefined()
    expect([imported, told()]).toEqual([[], [log]])
    // A slot that is over costs no claim.
    expect(sealed).toBe(step === 'seal' ? 1 : 0)
  })

  it('is made up to the last moment of its slot', async () => {
    takes.finish = DURATION - 1
    expect(await producer().produce(SLOT)).toBeDefined()
  })

  it.each([
    // Begun on time: two thirds of two thirds of the slot, at 100 ms each.
    [0, 27],
    // Begun late: two thirds of what is left.
    [4500, 10],
  ])('begun %i ms after its slot takes %i transactions', async (late, expected) => {
    clock.skip(late)
    takes.apply = 100
    transactions = 100
    await producer().produce(SLOT)
    expect(logs.at(-1)?.fields).toMatchObject({ extrinsics: expected })
  })

  it('bears a moment of its slot, also where a timer was early', async () => {
    clock = new FakeClock(START - 2)
    await producer().produce(SLOT)
    expect(timestamps).toEqual([START])
  })

  it('that the chain refuses was not authored', async () => {
    for (const refusal of [refused('BABE_BAD_SEAL', 'bad'), { kind: 'unknown-parent' }, { kind: 'known' }] as const) {
      outcome = refusal
      expect(await producer().produce(SLOT)).toBeUndefined()
    }
    expect(new Set(told())).toEqual(new Set(['error: own block was refused']))
  })
})

describe('no block is made', () => {
  it('during a major sync, also where it is forced', async () => {
    sync.syncing = true
    for (const force of [false, true]) {
      const made = producer({ force })
      expect(await made.produce(SLOT)).toBeUndefined()
      expect(made.hold).toEqual({ kind: 'syncing' })
    }
    expect(imported).toEqual([])
  })

  it('alone, where other authorities share the slots; it says so once, and goes on when somebody is connected', async () => {
    sync.offline = true
    const made = producer()
    await made.produce(SLOT)
    clock.skip(1)
    await made.produce(SLOT)
    expect([imported, made.hold]).toEqual([[], { kind: 'alone', authorities: 4 }])
    expect(told()).toEqual(['warn: paused block production'])
    sync.offline = false
    await made.produce(SLOT)
    expect([imported.length, made.hold]).toEqual([1, undefined])
    expect(told().slice(1)).toEqual(['info: resumed block production', 'info: authored a block'])
  })

  it('but the only authority of a network needs nobody, and who is forced does not wait', async () => {
    sync.offline = true
    await producer({ force: true }).produce(SLOT)
    authorities = 1
    await producer().produce(SLOT)
    expect(imported).toHaveLength(2)
  })

  it('in a slot that is not after the last one that was claimed', async () => {
    lastClaimed = SLOT
    const made = producer()
    await made.produce(SLOT)
    expect([imported, made.hold, told()]).toEqual([[], { kind: 'clock-behind', untilSlot: SLOT + 1 }, ['warn: paused block production']])
  })

  it('while its keys are listened for; that slot is one in which it listened', async () => {
    const slots: unknown[] = []
    let untilSlot = SLOT + 3
    guard = { ...FREE_GUARD, isListening: true, onSlot: (facts) => slots.push(facts), hold: () => ({ kind: 'listening', untilSlot }) }
    const made = producer()
    // Said before the first slot begins.
    expect(made.hold).toEqual({ kind: 'listening', untilSlot: SLOT + 3 })
    await made.produce(SLOT)
    expect([imported, made.hold]).toEqual([[], { kind: 'listening', untilSlot: SLOT + 3 }])
    // A peer was found: it is over sooner, which is told and not logged.
    untilSlot = SLOT + 2
    await made.produce(SLOT + 1)
    expect(made.hold).toEqual({ kind: 'listening', untilSlot: SLOT + 2 })
    expect(slots).toEqual([SLOT, SLOT + 1].map((slot) => ({ slot, offline: false, authorities: 4 })))
    expect(told()).toEqual(['info: paused block production'])
  })

  it.each([
    ['it is far behind the others', () => (sync.syncing = true)],
    ['it is alone, and there are other authorities', () => (sync.offline = true)],
  ])('while %s, which is no slot in which it listened', async (_why, happens) => {
    const slots: unknown[] = []
    guard = { ...FREE_GUARD, isListening: true, onSlot: (facts) => slots.push(facts) }
    happens()
    await producer().produce(SLOT)
    expect([imported, slots]).toEqual([[], []])
  })

  it('while another computer signs with its keys, also where that is heard while the block is made', async () => {
    guard = { ...FREE_GUARD, stop: 'unreadable', hold: () => ({ kind: 'signed-elsewhere' }) }
    const made = producer()
    await made.produce(SLOT)
    expect([sealed, imported, made.hold, told()]).toEqual([0, [], { kind: 'signed-elsewhere' }, ['warn: paused block production']])

    let heard = 0
    guard = { ...FREE_GUARD, get stop() { return heard++ === 0 ? undefined : 'unreadable' as const } }
    await producer().produce(SLOT)
    expect([sealed, imported]).toEqual([0, []])
  })

  it('in a slot of somebody else, which is nothing to talk about', async () => {
    mine = false
    const made = producer()
    await made.produce(SLOT)
    expect([imported, made.hold, logs]).toEqual([[], undefined, []])
  })
})
