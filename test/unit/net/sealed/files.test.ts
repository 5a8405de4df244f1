import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { loadCounters, saveCounters } from '../../../../node-core/net/sealed/counter-file.ts'
import { seal } from '../../../../node-core/net/sealed/envelope.ts'
import { ReplayWindow, type Stamp } from '../../../../node-core/net/sealed/replay-window.ts'
import { SeenFile } from '../../../../node-core/net/sealed/seen-file.ts'
import type { ShelfLimits } from '../../../../node-core/net/sealed/shelf.ts'
import { Store } from '../../../../node-core/net/sealed/store.ts'
import { NodeIdentity } from '../../../../node-core/network/host/identity.ts'

const NOW = 1_800_000_000_000
const LIMITS: ShelfLimits = { maxMessages: 8, maxBytes: 2 ** 20, senderMessages: 8, senderBytes: 2 ** 20, maxAgeMs: 1000 }
const identityOf = (fill: number): NodeIdentity => new NodeIdentity(new Uint8Array(32).fill(fill))
const [alice, bob] = [identityOf(1), identityOf(2)]
let counter = 0
const envelope = (from = alice, payload = utf8('hello')): Uint8Array => seal(from, { recipient: bob.peerId, service: 'chat', counter: ++counter, time: NOW, payload })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-sealed-'))
})
afterEach(() => rm(folder, { recursive: true }))

const open = async (limits = LIMITS): Promise<Store> => {
  const store = new Store(join(folder, 'outbox'), limits)
  await store.load()
  return store
}

describe('messages that wait', () => {
  it('are there again behind a restart, for their owner only, in their order', async () => {
    const store = await open()
    const [first, second] = [envelope(), envelope()]
    const { id } = await store.put(second, NOW + 1)
    await store.put(first, NOW)
    const after = await open()
    expect(after.of(bob.peerId).map(({ since, sender }) => [since, sender])).toEqual([[NOW, alice.peerId], [NOW + 1, alice.peerId]])
    expect(await after.read(id)).toEqual(second)
    const modes = await Promise.all([join(folder, 'outbox'), join(folder, 'outbox', id)].map(async (path) => (await stat(path)).mode & 0o777))
    if (process.platform !== 'win32') expect(modes).toEqual([0o700, 0o600])
  })

  it('are gone from the disk when they are removed, dropped or too old', async () => {
    const store = await open({ ...LIMITS, maxMessages: 2, senderMessages: 2 })
    const old = await store.put(envelope(), NOW)
    await store.put(envelope(), NOW + 900)
    await store.put(envelope(identityOf(3)), NOW + 900)
    expect([store.has(old.id), store.dropped]).toEqual([false, 1])
    expect(await readdir(join(folder, 'outbox'))).toHaveLength(2)
    const [left] = store.entries()
    await store.remove(left?.id ?? '')
    await store.expire(NOW + 5000)
    expect([await readdir(join(folder, 'outbox')), store.use.messages]).toEqual([[], 0])
  })

  it('are refused where there is no room, and leave nothing', async () => {
    const store = await open({ ...LIMITS, senderMessages: 1 })
    await store.put(envelope(), NOW)
    await expect(store.put(envelope(), NOW)).rejects.toMatchObject({ code: 'NET_SEALED_FULL', hint: expect.any(String) as string })
    await expect(store.put(utf8('no envelope'), NOW)).rejects.toMatchObject({ code: 'NET_SEALED_MALFORMED' })
    expect(await readdir(join(folder, 'outbox'))).toHaveLength(1)
  })

  it('are nobody\'s where the file is damaged, half written, or something else: it is removed', async () => {
    const store = await open()
    const { id } = await store.put(envelope(), NOW)
    const whole = await store.put(envelope(), NOW)
    const path = join(folder, 'outbox')
    await truncate(join(path, id), 100)
    await writeFile(join(path, '.0123456789ab.new'), 'half')
    await writeFile(join(path, 'f'.repeat(32)), await readFile(join(path, whole.id)))
    await mkdir(join(path, 'folder'))
    expect((await open()).entries().map((entry) => entry.id)).toEqual([whole.id])
    expect(await readdir(path)).toEqual([whole.id])
  })

  it('say where they cannot be written', async () => {
    const store = await open()
    await rm(join(folder, 'outbox'), { recursive: true })
    await expect(store.put(envelope(), NOW)).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE' })
    expect(store.use.messages).toBe(0)
  })
})

describe('the record of what came', () => {
  const opened: SeenFile[] = []
  afterEach(async () => {
    for (const seen of opened.splice(0)) await seen.close()
  })
  const stamp = (number: number, from = alice): Stamp => ({ sender: from.peerId, counter: number, time: NOW })
  const start = async (): Promise<{ readonly window: ReplayWindow; readonly seen: SeenFile }> => {
    const window = new ReplayWindow({ maxSenders: 4, maxAgeMs: 1e6 })
    const seen = new SeenFile(window, folder)
    opened.push(seen)
    await seen.load()
    return { window, seen }
  }
  const take = async ({ window, seen }: Awaited<ReturnType<typeof start>>, message: Stamp): Promise<void> => {
    await seen.append(message)
    window.take(message)
  }

  it('is read again, whether the end was an orderly one or not', async () => {
    const first = await start()
    for (const number of [1, 2, 5]) await take(first, stamp(number))
    // No close: the program was killed.
    const second = await start()
    expect([1, 2, 3, 5].map((number) => second.window.judge(stamp(number), NOW, false))).toEqual(['replayed', 'replayed', 'fresh', 'replayed'])
    await take(second, stamp(3))
    await second.seen.close()
    expect((await start()).window.judge(stamp(3), NOW, false)).toBe('replayed')
  })

  it('loses a record that was cut off, and none before or behind it', async () => {
    const first = await start()
    await take(first, stamp(1))
    await take(first, stamp(2))
    await first.seen.close()
    await truncate(join(folder, 'seen.log'), 48 + 47)
    const second = await start()
    expect([1, 2].map((number) => second.window.judge(stamp(number), NOW, false))).toEqual(['replayed', 'fresh'])
    await take(second, stamp(3))
    expect((await start()).window.judge(stamp(3), NOW, false)).toBe('replayed')
  })

  it('knows what is in the snapshot and in the log: a crash between the two', async () => {
    const first = await start()
    await take(first, stamp(1))
    const log = await readFile(join(folder, 'seen.log'))
    await first.seen.close()
    await start()
    await writeFile(join(folder, 'seen.log'), log)
    expect((await start()).window.snapshot().senders).toMatchObject([{ sender: alice.peerId, highest: 1 }])
  })

  it('is folded when it is long', async () => {
    const first = await start()
    for (let number = 1; number <= 2056; number++) await take(first, stamp(number))
    expect((await stat(join(folder, 'seen.log'))).size).toBe(8 * 48)
    expect((await start()).window.judge(stamp(2050), NOW, false)).toBe('replayed')
  })

  it('is not started over where it cannot be read, and says what to do', async () => {
    await appendFile(join(folder, 'seen.json'), '{"version":2}')
    await expect(start()).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE', hint: expect.stringContaining('restore the file') as string })
  })

  it('refuses a message that it cannot note', async () => {
    const first = await start()
    for (let number = 1; number <= 2048; number++) await take(first, stamp(number))
    await rm(folder, { recursive: true })
    // The log is full, and is to be folded.
    await expect(first.seen.append(stamp(2049))).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE', hint: expect.stringContaining('room') as string })
    await mkdir(folder)
    await take(first, stamp(2049))
    await first.seen.close()
    await expect(first.seen.append(stamp(2050))).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE' })
    expect((await start()).window.judge(stamp(2049), NOW, false)).toBe('replayed')
  })
})

describe('the record of own numbers', () => {
  it('is read as it was written, is nothing where it is not there, and an error where it is damaged', async () => {
    expect(await loadCounters(folder)).toBeUndefined()
    const state = { floor: 3, rows: [{ recipient: bob.peerId, next: NOW }] }
    await saveCounters(folder, state)
    expect(await loadCounters(folder)).toMatchObject(state)
    await writeFile(join(folder, 'counters.json'), '{')
    await expect(loadCounters(folder)).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE' })
    await expect(saveCounters(join(folder, 'gone'), state)).rejects.toMatchObject({ code: 'NET_SEALED_STORAGE' })
  })
})
