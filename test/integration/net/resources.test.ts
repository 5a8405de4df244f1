/** Files fetched over libp2p on loopback: from several at once, a liar and a quitter among them. */
import { createHash } from 'node:crypto'
import { access, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LEAF_BYTES } from '../../../node-core/net/resources/tree.ts'
import type { OpenResource, ResourceShelf } from '../../../node-core/net/resources/types.ts'
import { partPath, statePath } from '../../../node-core/net/resources/fetch/part-file.ts'
import { encodeQuestion } from '../../../node-core/net/resources/wire.ts'
import { encodeFrame } from '../../../node-core/network/framing.ts'
import { eventually } from '../../helpers/network.ts'
import { ResourceHost, streamsOf } from '../../helpers/resource-host.ts'
import { SmallVolume, whyNoVolume } from '../../helpers/small-volume.ts'

const LENGTH = 1300 * LEAF_BYTES + 77
const content = bytesOf(LENGTH, 5)

/** Bytes that repeat nowhere near. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0, i = 0; at < length; i++) at += createHash('sha512').update(`${seed} ${i}`).digest().copy(bytes, at)
  return bytes
}

let folder: string
let hosts: ResourceHost[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-resources-'))
  hosts = []
})
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function host(): Promise<ResourceHost> {
  const started = await ResourceHost.start(join(folder, `catalogue-${hosts.length}`))
  hosts.push(started)
  return started
}

/** A host that offers the file. */
async function offering(bytes: Uint8Array = content): Promise<{ readonly seeder: ResourceHost; readonly root: Buffer; readonly path: string }> {
  const seeder = await host()
  const path = join(folder, `offered-${hosts.length}`)
  await writeFile(path, bytes)
  const { root } = await seeder.catalogue.add(path)
  return { seeder, root: Buffer.from(root, 'hex'), path }
}

/** What is read from it passes through `change`. */
function changing(shelf: ResourceShelf, change: (resource: OpenResource) => Partial<OpenResource>): ResourceShelf {
  return {
    async open(root) {
      const resource = await shelf.open(root)
      if (resource === undefined) return undefined
      const { length, ranges } = resource
      return { length, ranges, proof: (group) => resource.proof(group), read: (index, into) => resource.read(index, into), close: () => resource.close(), ...change(resource) }
    },
  }
}

describe('a file', () => {
  it('comes from three at once, is offered further, and leaves nothing beside it', async () => {
    const first = await offering()
    const seeders = [first, await offering(), await offering()]
    const { root } = first
    // Slow enough that each has its turn.
    for (const { seeder } of seeders) await seeder.serve({ rates: () => ({ bytesPerSecond: 20e6, peerBytesPerSecond: 0 }) })
    const leecher = await host()
    const path = join(folder, 'fetched')
    const download = leecher.fetch({ root, path }, () => seeders.map(({ seeder }) => seeder.provider))
    const seen: number[] = []
    download.events.on('progress', ({ hadBytes }) => seen.push(hadBytes))
    expect(await download.run()).toEqual({ kind: 'done', path, isWhole: true })
    expect(content.equals(await readFile(path))).toBe(true)
    const { peers, left, state, hadBytes, wantedBytes } = download.progress()
    expect([state, hadBytes, wantedBytes]).toEqual(['done', LENGTH, LENGTH])
    for (const { seeder } of seeders) expect([...peers, ...left].find(({ peer }) => peer === seeder.host.id)?.bytes).toBeGreaterThan(LENGTH / 10)
    expect(seen.at(-1)).toBe(LENGTH)
    expect(leecher.catalogue.list().map((entry) => entry.root)).toEqual([root.toString('hex')])
    for (const gone of [partPath(path), statePath(path)]) await expect(access(gone)).rejects.toThrow('ENOENT')
    // From who fetched it to the next.
    await leecher.serve()
    const next = await host()
    expect(await next.fetch({ root, path: join(folder, 'again'), peers: [leecher.provider] }).run()).toMatchObject({ kind: 'done' })
    expect(hosts.flatMap(({ faults }) => faults)).toEqual([])
  })

  it('comes from an honest one where one lies and one stops', async () => {
    const [honest, liar, quitter] = [await offering(), await offering(), await offering()]
    await honest.seeder.serve({ rates: () => ({ bytesPerSecond: 8e6, peerBytesPerSecond: 0 }) })
    await liar.seeder.serve({ rates: () => ({ bytesPerSecond: 8e6, peerBytesPerSecond: 0 }) }, changing(liar.seeder.catalogue, (resource) => ({
      read: async (index, into) => {
        await resource.read(index, into)
        const first = into[0] as Uint8Array
        if (index > 100) first[3] = (first[3] as number) ^ 1
      },
    })))
    await quitter.seeder.serve({ rates: () => ({ bytesPerSecond: 8e6, peerBytesPerSecond: 0 }) })
    const leecher = await host()
    const path = join(folder, 'fetched')
    const download = leecher.fetch({ root: honest.root, path, peers: [honest, liar, quitter].map(({ seeder }) => seeder.provider) })
    const done = download.run()
    await eventually(() => quitter.seeder.server.state.servedBytes > 1e6, 'some of it')
    await quitter.seeder.host.stop()
    expect(await done).toMatchObject({ kind: 'done', isWhole: true })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(leecher.faults).toEqual([{ peer: liar.seeder.host.id, fault: expect.objectContaining({ code: expect.stringMatching(/^resource-false-/) }) }])
  })

  it.each([0, 1, LEAF_BYTES])('of %d bytes comes as well', async (length) => {
    const { seeder, root } = await offering(content.subarray(0, length))
    await seeder.serve()
    const path = join(folder, 'fetched')
    expect(await (await host()).fetch({ root, path, peers: [seeder.provider] }).run()).toEqual({ kind: 'done', path, isWhole: true })
    expect(content.subarray(0, length).equals(await readFile(path))).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('comes in a part, and the rest later', async () => {
    const { seeder, root } = await offering()
    await seeder.serve()
    const leecher = await host()
    const path = join(folder, 'fetched')
    const range = { from: 5_000_000, to: 6_000_000 }
    expect(await leecher.fetch({ root, path, range, peers: [seeder.provider] }).run()).toEqual({ kind: 'done', path: partPath(path), isWhole: false })
    expect((await readFile(partPath(path))).subarray(range.from, range.to).equals(content.subarray(range.from, range.to))).toBe(true)
    expect(seeder.server.state.servedBytes).toBeLessThan(1_000_000 + 3 * LEAF_BYTES)
    expect(await leecher.fetch({ root, path, peers: [seeder.provider] }).run()).toMatchObject({ isWhole: true })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(seeder.server.state.servedBytes).toBeLessThan(LENGTH + 3 * LEAF_BYTES)
  })

  it('that changed is withdrawn, and said to be so', async () => {
    const { seeder, root, path } = await offering()
    await seeder.serve()
    await truncate(path, LENGTH - 1)
    const outcome = await (await host()).fetch({ root, path: join(folder, 'fetched'), peers: [seeder.provider], times: { patienceMs: 100 } }).run()
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_NOBODY' } })
    await eventually(() => seeder.catalogue.list()[0]?.withdrawn !== undefined, 'its withdrawal')
    expect(seeder.catalogue.list()[0]?.withdrawn).toBe(`Its length has changed from ${LENGTH} to ${LENGTH - 1} bytes.`)
  })

  it('that nobody has any more ends with what is here, and goes on when somebody has it again', async () => {
    const { seeder, root } = await offering()
    await seeder.serve({ rates: () => ({ bytesPerSecond: 8e6, peerBytesPerSecond: 0 }) })
    const leecher = await host()
    const path = join(folder, 'fetched')
    const download = leecher.fetch({ root, path, peers: [seeder.provider], times: { patienceMs: 100 } })
    const done = download.run()
    await eventually(() => download.progress().hadBytes > 2e6, 'some of it')
    await seeder.host.stop()
    const outcome = await done
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_NOBODY', data: { wantedBytes: LENGTH } } })
    const had = download.progress().hadBytes
    const other = await offering()
    await other.seeder.serve()
    expect(await leecher.fetch({ root, path, peers: [other.seeder.provider] }).run()).toMatchObject({ isWhole: true })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(other.seeder.server.state.servedBytes).toBeLessThanOrEqual(LENGTH - had + LEAF_BYTES)
  })

  it('does not take the place of another', async () => {
    const path = join(folder, 'fetched')
    await writeFile(path, 'mine')
    expect(await (await host()).fetch({ root: Buffer.alloc(32, 1), path }).run()).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_EXISTS' } })
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  it('is stopped and goes on', async () => {
    const { seeder, root } = await offering()
    await seeder.serve({ rates: () => ({ bytesPerSecond: 8e6, peerBytesPerSecond: 0 }) })
    const leecher = await host()
    const path = join(folder, 'fetched')
    const download = leecher.fetch({ root, path, peers: [seeder.provider] })
    const done = download.run()
    await eventually(() => download.progress().hadBytes > 1e6, 'some of it')
    await download.stop()
    expect(await done).toEqual({ kind: 'stopped' })
    await download.stop()
    expect(await leecher.fetch({ root, path, peers: [seeder.provider] }).run()).toMatchObject({ isWhole: true })
    expect(content.equals(await readFile(path))).toBe(true)
  })

  it('whose part was changed on the disk meanwhile is not taken for whole', async () => {
    const { seeder, root } = await offering()
    await seeder.serve()
    const leecher = await host()
    const path = join(folder, 'fetched')
    await leecher.fetch({ root, path, range: { from: 0, to: 1_000_000 }, peers: [seeder.provider] }).run()
    const bytes = await readFile(partPath(path))
    bytes[500_000] = (bytes[500_000] as number) ^ 1
    await writeFile(partPath(path), bytes)
    expect(await leecher.fetch({ root, path, peers: [seeder.provider] }).run()).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_DAMAGED' } })
    expect(await leecher.fetch({ root, path, peers: [seeder.provider] }).run()).toMatchObject({ isWhole: true })
  })
})

const noVolume = whyNoVolume()
describe.skipIf(noVolume !== undefined)(`on a disk that is full${noVolume === undefined ? '' : ` (skipped: ${noVolume})`}`, () => {
  it('a fetch says so before it begins, or where it stops, and goes on when there is room', async () => {
    const { seeder, root } = await offering()
    await seeder.serve({ rates: () => ({ bytesPerSecond: 20e6, peerBytesPerSecond: 0 }) })
    const leecher = await host()
    const volume = new SmallVolume(8 << 20)
    try {
      const path = join(volume.path, 'fetched')
      const options = { root, path, peers: [seeder.provider] }
      expect(await leecher.fetch(options).run()).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_DISK_FULL', data: { missing: expect.any(Number) } } })
      volume.resize(64 << 20)
      const download = leecher.fetch(options)
      const done = download.run()
      await eventually(() => download.progress().hadBytes > 1e6, 'some of it')
      volume.fill()
      expect(await done).toMatchObject({ kind: 'failed', error: { code: 'NET_RESOURCE_DISK_FULL' } })
      volume.resize(64 << 20)
      const before = seeder.server.state.servedBytes
      expect(await leecher.fetch(options).run()).toMatchObject({ isWhole: true })
      expect(content.equals(await readFile(path))).toBe(true)
      expect(seeder.server.state.servedBytes - before).toBeLessThan(LENGTH - 500_000)
    } finally {
      volume.remove()
    }
  })
})

describe('whoever serves', () => {
  it('keeps to its rates', async () => {
    const { seeder, root } = await offering(content.subarray(0, 2e6))
    await seeder.serve({ rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 1e6 }) })
    const begin = performance.now()
    expect(await (await host()).fetch({ root, path: join(folder, 'fetched'), peers: [seeder.provider] }).run()).toMatchObject({ isWhole: true })
    // Half a second's worth may go at once.
    expect(performance.now() - begin).toBeGreaterThan(1400)
  })

  it('has places for so many, and tells the others to come again', async () => {
    const { seeder, root } = await offering(content.subarray(0, 1e6))
    await seeder.serve({ maxStreams: 1, rates: () => ({ bytesPerSecond: 2e6, peerBytesPerSecond: 0 }) })
    const [one, two] = [await host(), await host()]
    const first = one.fetch({ root, path: join(folder, 'one'), peers: [seeder.provider] })
    const running = first.run()
    await eventually(() => seeder.server.state.streams === 1, 'a place')
    const second = two.fetch({ root, path: join(folder, 'two'), peers: [seeder.provider] }).run()
    expect([await running, await second]).toMatchObject([{ isWhole: true }, { isWhole: true }])
  })

  it.each<[string, string, (root: Buffer) => Uint8Array[]]>([
    ['no message', 'malformed', () => [encodeFrame(Uint8Array.of(99, 0, 0, 0, 0))]],
    ['a frame that is too long', 'malformed', () => [encodeFrame(new Uint8Array(65))]],
    ['leaves before it says of what', 'malformed', () => [encodeFrame(encodeQuestion({ kind: 'leaves', id: 1, index: 0, count: 1 }))]],
    ['two resources on one stream', 'malformed', (root) => [root, Buffer.alloc(32, 3)].map((each, id) => encodeFrame(encodeQuestion({ kind: 'ask', id, root: each })))],
    [
      'for more than may be open', 'rate-exceeded',
      (root) => [encodeFrame(encodeQuestion({ kind: 'ask', id: 0, root })), ...Array.from({ length: 17 }, (_, i) => encodeFrame(encodeQuestion({ kind: 'leaves', id: i + 1, index: i * 64, count: 64 })))],
    ],
  ])('ends a stream on which somebody asks %s', async (_, code, frames) => {
    const { seeder, root } = await offering()
    await seeder.serve()
    const stranger = await host()
    await streamsOf(stranger.host).reach(seeder.host.id, [seeder.host.address])
    const { stream } = await streamsOf(stranger.host).open(seeder.host.id, ['/nodestead/resource/1'])
    for (const frame of frames(root)) stream.send(frame)
    await eventually(() => seeder.faults.length > 0, 'the report')
    expect(seeder.faults).toEqual([{ peer: stranger.host.id, fault: expect.objectContaining({ code }) }])
    await eventually(() => stream.status !== 'open' && seeder.server.state.streams === 0, 'the end of the stream')
  })
})
