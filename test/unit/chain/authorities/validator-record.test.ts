/** What a validator did, by day, and when it has stopped; on a chain whose slots the test fills. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { RECORD_FILE, recordFile } from '../../../../node-core/chain/authorities/record-file.ts'
import { KEPT_DAYS, ValidatorRecord, type RecordStore } from '../../../../node-core/chain/authorities/validator-record.ts'
import type { DayRecord } from '../../../../node-core/chain/authorities/types.ts'
import type { CoreEvents } from '../../../../node-core/chain/core/core-service.ts'
import type { Header } from '../../../../node-core/chain/scale/header.ts'

const SLOT_MS = 6000
/** 2023-11-14, five slots before midnight in UTC. */
const MIDNIGHT = Date.UTC(2023, 10, 15)
const START_SLOT = MIDNIGHT / SLOT_MS - 5
const MINE: Hash = `0x${'01'.repeat(32)}`
const OTHER: Hash = `0x${'02'.repeat(32)}`
const hashOf = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}`

let clock: FakeClock
/** Slots of the blocks above genesis. */
let slots: number[]
let locked: Set<Hash>
let own: Set<Hash>
let syncing: boolean
let stored: readonly DayRecord[]
let writes: number
/** What chance gave to a key of this node. */
let drawn: Set<number>
let events: Emitter<CoreEvents>
let store: RecordStore

beforeEach(() => {
  clock = new FakeClock(START_SLOT * SLOT_MS + 10)
  slots = []
  locked = new Set()
  own = new Set([MINE])
  syncing = false
  stored = []
  writes = 0
  drawn = new Set()
  events = new Emitter()
  store = { read: async () => stored, write: async (days) => void ((stored = days), writes++) }
})

async function begin(): Promise<ValidatorRecord> {
  const record = new ValidatorRecord({
    blocks: {
      best: () => ({ hash: hashOf(slots.length), number: slots.length }),
      header: (hash) => {
        const number = Number(BigInt(hash))
        return number > slots.length ? undefined : { parentHash: hashOf(number - 1), number, stateRoot: hash, extrinsicsRoot: hash, digest: [] }
      },
    },
    consensus: {
      events, slotDurationMs: SLOT_MS,
      slotOf: ({ number }: Header) => slots[number - 1],
      // Every second slot is ours.
      turnOf: async (_parent, _hash, slot) => (slot % 2 === START_SLOT % 2 ? MINE : OTHER),
      drawnHere: async (_parent, _hash, slot) => (drawn.has(slot) ? MINE : undefined),
    },
    keys: () => ({ own, locked }),
    isMajorSyncing: () => syncing,
    store, clock, logger: silentLogger,
  })
  await record.start()
  return record
}

async function pass(record: ValidatorRecord, count: number, each: (slot: number) => void = () => undefined): Promise<void> {
  for (let i = 0; i < count; i++) {
    each(Math.floor(clock.now() / SLOT_MS))
    clock.advance(SLOT_MS)
    await record.idle()
  }
}

const author = (slot: number): void => {
  slots.push(slot)
  events.emit('authored', { slot })
}

describe('the record', () => {
  it('counts blocks, turns without a block, and rounds voted in, each on its day', async () => {
    const record = await begin()
    await pass(record, 5, (slot) => {
      if (slot % 2 !== START_SLOT % 2) slots.push(slot)
      else if (slot === START_SLOT + 2) author(slot)
      // Said twice.
      for (let i = 0; i < 2; i++) events.emit('vote', { authority: MINE, setId: 0, round: slot - START_SLOT + 1, own: true })
      events.emit('vote', { authority: OTHER, setId: 0, round: 99, own: false })
    })
    // The slot that was under way at the start counts for nothing; the turn after the last block is after midnight.
    await pass(record, 3)
    expect(record.days(9)).toEqual([{ day: '2023-11-15', blocks: 0, missed: 1, votes: 0 }, { day: '2023-11-14', blocks: 1, missed: 1, votes: 5 }])
  })

  it('counts what chance gave to a key of this node, once, also where another made a block in the slot', async () => {
    const record = await begin()
    const others = START_SLOT + 1
    drawn = new Set([others, others + 1, others + 2, others + 3, others + 4, others + 5])
    await pass(record, 9, (slot) => {
      // Only others make blocks, but for one; the slot behind the first of theirs is ours by chance and by turn, and stays empty.
      if (slot === others + 4) author(slot)
      else if (slot !== others + 1) slots.push(slot)
    })
    // All but the one that this node made, also the one right before that.
    expect(record.days(9).reduce((sum, { missed }) => sum + missed, 0)).toBe(5)
    expect(record.silence()).toBeUndefined()
  })

  it('counts nothing while the node catches up, nor for one that has no keys', async () => {
    syncing = true
    const record = await begin()
    await pass(record, 8)
    syncing = false
    own = new Set()
    await pass(record, 8)
    expect([record.days(9), record.silence()]).toEqual([[], undefined])
  })

  it('is written once a minute where something changed, and at the end, and goes on from there', async () => {
    const first = await begin()
    author(START_SLOT)
    await pass(first, 4)
    expect(writes).toBe(0)
    await pass(first, 8)
    expect(writes).toBe(1)
    await first.stop()
    const before = stored
    expect(before.find(({ day }) => day === '2023-11-14')).toMatchObject({ blocks: 1 })

    const second = await begin()
    author(START_SLOT + 100)
    await second.stop()
    expect(stored.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(2)
  })

  it('keeps some hundred days', async () => {
    stored = Array.from({ length: KEPT_DAYS }, (_, i) => ({ day: new Date(MIDNIGHT - (KEPT_DAYS - i + 1) * 86_400_000).toISOString().slice(0, 10), blocks: 1, missed: 0, votes: 0 }))
    const record = await begin()
    author(START_SLOT)
    await record.stop()
    expect([stored.length, stored.at(-1)?.day]).toEqual([KEPT_DAYS, '2023-11-14'])
  })
})

describe('a node that has stopped signing', () => {
  it('is told of after three turns in a row, with whether its key is locked, until it makes a block again', async () => {
    const record = await begin()
    await pass(record, 7)
    expect(record.silence()).toBeUndefined()
    await pass(record, 2)
    expect(record.silence()).toEqual({ turns: 3, locked: false })
    locked = new Set([MINE])
    await pass(record, 2)
    expect(record.silence()).toEqual({ turns: 4, locked: true })
    author(Math.floor(clock.now() / SLOT_MS))
    expect(record.silence()).toBeUndefined()
  })
})

describe('the file', () => {
  it('is read as it was written, and refused where it is something else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-record-'))
    try {
      const file = recordFile(folder)
      expect(await file.read()).toEqual([])
      const days = [{ day: '2026-11-29', blocks: 3, missed: 1, votes: 20 }]
      await file.write(days)
      expect(await file.read()).toEqual(days)
      expect((await stat(join(folder, RECORD_FILE))).mode & 0o777).toBe(0o600)
      expect(await readFile(join(folder, RECORD_FILE), 'utf8')).not.toContain('0x')
      await writeFile(join(folder, RECORD_FILE), '{"version":2}')
      await expect(file.read()).rejects.toThrow()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
