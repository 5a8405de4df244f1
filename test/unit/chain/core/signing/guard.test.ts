/** When a key may begin to sign, and what shows that another computer signs with it too. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../../../node-core/base/logger.ts'
import { SigningGuard } from '../../../../../node-core/chain/core/signing/guard.ts'
import { GuardedKeystore } from '../../../../../node-core/chain/core/signing/guarded-keystore.ts'
import { memoryStateStore, type SigningStateStore } from '../../../../../node-core/chain/core/signing/types.ts'
import { keyPairFromUri } from '../../../../../node-core/crypto/keys/secret-uri.ts'
import { MemoryKeystore } from '../../../../../node-core/crypto/keys/keystore.ts'
import { MapKeyMemory } from '../../../../helpers/key-memory.ts'
import { toHex } from '../../../../../node-core/base/bytes.ts'

const babe = keyPairFromUri('sr25519', '//Somebody//babe')
const gran = keyPairFromUri('ed25519', '//Somebody//gran')
const BABE = toHex(babe.publicKey)
const GRAN = toHex(gran.publicKey)
const STRANGER: Hash = `0x${'07'.repeat(32)}`
const BLOCK: Hash = `0x${'b1'.repeat(32)}`
const START = 1000

let keystore: MemoryKeystore
let signed: MapKeyMemory
let lastSlot: number | undefined
let offline: boolean
let exempt: Set<string>
let store: SigningStateStore
let random: number
let slotMs: number
let logs: LogRecord[]

beforeEach(() => {
  keystore = new MemoryKeystore().add('babe', babe).add('gran', gran)
  signed = new MapKeyMemory()
  lastSlot = undefined
  offline = false
  exempt = new Set()
  store = memoryStateStore()
  random = 0
  slotMs = 6000
  logs = []
})

async function open(): Promise<SigningGuard> {
  const guard = new SigningGuard(
    { keystore, signed, store, lastSlot: () => lastSlot, isOffline: () => offline, clock: new FakeClock(START * slotMs), random: () => random, logger: createLogger([(record) => logs.push(record)], { default: 'debug' }) },
    { authoring: ['aura', 'babe'], voting: ['gran'], exempt },
  )
  await guard.open(slotMs)
  return guard
}

async function hasSigned(slot: number): Promise<void> {
  lastSlot = slot
  for (const [type, key] of [['babe', BABE], ['gran', GRAN]] as const) await signed.write(type, key, new Uint8Array(1))
}

/** Slots from the start on until the keys may make blocks, and vote. */
function slotsUntilFree(guard: SigningGuard, authorities = 1): [number, number] {
  const free: [number, number] = [0, 0]
  for (let passed = 0; passed < 60; passed++) {
    if (passed > 0) guard.onSlot({ slot: START + passed, offline, authorities })
    if (!guard.allows('babe', BABE)) free[0] = passed + 1
    if (!guard.allows('gran', GRAN)) free[1] = passed + 1
  }
  return free
}

const block = (slot: number, hash = BLOCK, author = BABE) => ({ author, hash, number: 7, slot })

describe('a key', () => {
  it('listens for some slots, and votes one slot later than it makes blocks', async () => {
    const guard = await open()
    expect(guard.hold()).toEqual({ kind: 'listening', untilSlot: START + 4 })
    expect(slotsUntilFree(guard)).toEqual([4, 5])
    expect([guard.hold(), guard.isListening]).toEqual([undefined, false])
  })

  it('listens for a number of slots that chance changes, so that two that start together do not begin together', async () => {
    const lengths = new Set<number>()
    for (random of [0, 0.4, 0.99]) lengths.add(slotsUntilFree(await open())[0])
    expect([...lengths]).toEqual([4, 5, 6])
  })

  it('listens longer where nobody is connected yet and slots are short, and where many share the slots, up to a bound', async () => {
    expect(slotsUntilFree(await open(), 12)[0]).toBe(13)
    expect(slotsUntilFree(await open(), 600)[0]).toBe(21)
    offline = true
    expect(slotsUntilFree(await open())[0]).toBe(4)
    slotMs = 1000
    expect(slotsUntilFree(await open())[0]).toBe(13)
    offline = false
    expect(slotsUntilFree(await open())[0]).toBe(4)
  })

  it('goes on at once where this folder signed with it a moment ago, and listens where that is longer ago', async () => {
    await hasSigned(START - 20)
    expect(slotsUntilFree(await open())).toEqual([0, 0])
    await hasSigned(START - 21)
    expect(slotsUntilFree(await open())).toEqual([4, 5])
  })

  it('listens although another key of the folder has just signed, where it never did itself', async () => {
    lastSlot = START - 1
    await signed.write('babe', BABE, new Uint8Array(1))
    expect(slotsUntilFree(await open())).toEqual([0, 5])
  })

  it('of a development account signs at once on a network for development, unless a peer is connected', async () => {
    exempt = new Set([`babe:${BABE}`, `gran:${GRAN}`])
    offline = true
    expect(slotsUntilFree(await open())).toEqual([0, 0])
    offline = false
    expect(slotsUntilFree(await open())).toEqual([4, 5])
  })

  it('that comes while the node runs listens too', async () => {
    keystore = new MemoryKeystore()
    const guard = await open()
    expect(slotsUntilFree(guard)[0]).toBe(60)
    keystore.add('babe', keyPairFromUri('sr25519', '//Late//babe'))
    expect(guard.hold()).toEqual({ kind: 'listening', untilSlot: START + 59 + 4 })
  })
})

describe('a key that was locked', () => {
  it('listens again, unless it signed here a moment ago', async () => {
    const guard = await open()
    slotsUntilFree(guard)
    const lock = (slot: number): void => {
      const pair = keystore.remove('babe', babe.publicKey)
      guard.onSlot({ slot, offline, authorities: 1 })
      if (pair !== undefined) keystore.add('babe', pair)
    }
    await hasSigned(START + 60)
    lock(START + 61)
    expect(guard.allows('babe', BABE)).toBe(true)
    lock(START + 90)
    expect([guard.allows('babe', BABE), guard.hold()]).toEqual([false, { kind: 'listening', untilSlot: START + 90 + 4 }])
  })
})

describe('a block by a key of this node', () => {
  it('that this node did not make stops every key, at once and over restarts', async () => {
    const guard = await open()
    slotsUntilFree(guard)
    guard.heardBlock(block(START + 1))
    expect(guard.stop).toEqual({ kind: 'block', keyType: 'babe', publicKey: BABE, number: 7, slot: START + 1, hash: BLOCK, at: 6_000_000 })
    expect([guard.allows('babe', BABE), guard.allows('gran', GRAN), guard.hold()]).toEqual([false, false, { kind: 'signed-elsewhere' }])
    expect(logs.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('stopped signing') })

    const after = await open()
    expect(after.stop).toEqual(guard.stop)
    expect(slotsUntilFree(after)).toEqual([60, 60])
  })

  it('says nothing where this node made it, it is by another key, or older than the start of a node without a record', async () => {
    const guard = await open()
    guard.made(BLOCK)
    guard.heardBlock(block(START + 1))
    guard.heardBlock(block(START + 1, STRANGER, STRANGER))
    guard.heardBlock(block(START - 1, STRANGER))
    expect(guard.stop).toBeUndefined()
  })

  it('says nothing up to the slot that the record has, and stops after it, however long ago that was', async () => {
    await hasSigned(START - 500)
    const guard = await open()
    guard.heardBlock(block(START - 500))
    expect(guard.stop).toBeUndefined()
    guard.heardBlock(block(START - 499))
    expect(guard.stop).toMatchObject({ slot: START - 499 })
  })

  it('in a slot in which this node made another one stops it', async () => {
    await hasSigned(START - 1)
    const guard = await open()
    guard.made(BLOCK)
    lastSlot = START + 1
    guard.heardBlock(block(START + 1, STRANGER))
    expect(guard.stop).toMatchObject({ hash: STRANGER })
  })
})

describe('after a stop', () => {
  const vote = (round: number, setId = 0) => ({ keyType: 'gran', publicKey: GRAN, number: 9, setId, round })

  it('the keys listen once more when a person says that this is the only computer, also where they just signed', async () => {
    await hasSigned(START)
    const guard = await open()
    guard.heardBlock(block(START + 1))
    await guard.confirmSole()
    expect(guard.stop).toBeUndefined()
    expect(slotsUntilFree(guard)).toEqual([4, 5])
  })

  it('what was signed elsewhere before that is answered for, now and after a restart; what comes later is not', async () => {
    const guard = await open()
    guard.onSlot({ slot: START + 5, offline, authorities: 1 })
    guard.onRound({ setId: 0, round: 4 })
    guard.heardVote(vote(6))
    expect(guard.stop).toMatchObject({ kind: 'vote', round: 6, setId: 0, publicKey: GRAN })
    await guard.confirmSole()
    for (const again of [guard, await open()]) {
      again.heardBlock(block(START + 5))
      again.heardVote(vote(6))
      expect(again.stop).toBeUndefined()
    }
    guard.heardVote(vote(1, 1))
    expect(guard.stop).toMatchObject({ setId: 1, round: 1 })
  })

  it('counts though the disk does not take it, and is written when it does', async () => {
    const written: unknown[] = []
    let fails = true
    store = { read: async () => ({ stop: undefined, sole: undefined }), write: (state) => (fails ? Promise.reject(new Error('full')) : Promise.resolve(void written.push(state))) }
    const guard = await open()
    guard.heardBlock(block(START + 1))
    await Promise.resolve()
    expect([guard.allows('babe', BABE), written]).toEqual([false, []])
    fails = false
    guard.hold()
    expect(written).toEqual([{ stop: guard.stop, sole: undefined }])
  })
})

describe('the keystore of an engine', () => {
  it('has no key that may not sign', async () => {
    const guard = await open()
    const guarded = new GuardedKeystore(keystore, guard)
    expect([guarded.publicKeys('babe'), guarded.secret('babe', fromHex(BABE))]).toEqual([[], undefined])
    expect(() => guarded.sign('gran', fromHex(GRAN), new Uint8Array(1))).toThrow('does not have this gran key')
    slotsUntilFree(guard)
    expect(guarded.publicKeys('babe').map(toHex)).toEqual([BABE])
    expect(guarded.secret('babe', fromHex(BABE))).toBeDefined()
    expect(guarded.sign('gran', fromHex(GRAN), new Uint8Array(1))).toHaveLength(64)
  })
})
