/** The room as a whole: a file is shared, fetched, paused, fetched on after a start, and discarded. */
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { partPath } from '../../../node-core/net/resources/fetch/part-file.ts'
import { Resources, type FetchRequest, type ResourceRates } from '../../../node-core/net/resources/resources.ts'
import { BareHost } from '../../helpers/bare-host.ts'
import { eventually } from '../../helpers/network.ts'
import { streamsOf } from '../../helpers/resource-host.ts'

const content = Buffer.from(Uint8Array.from({ length: 6_000_000 }, (_, i) => (i * 7) ^ (i >> 9)))
let folder: string
const hosts: BareHost[] = []
const services: Resources[] = []
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'nodestead-resources-'))))
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop()
  for (const host of hosts.splice(0)) await host.stop()
  await rm(folder, { recursive: true, force: true })
})

async function started(name: string, rates: Partial<ResourceRates> = {}): Promise<{ readonly host: BareHost; readonly resources: Resources }> {
  const host = await BareHost.start({ listen: true })
  hosts.push(host)
  const resources = new Resources(
    {
      door: {
        ...streamsOf(host),
        serve(protocol, { perPeer }, onStream) {
          void host.host.handle(protocol, (stream, connection) => onStream({ stream, peer: connection.remotePeer.toString() }), { maxInboundStreams: perPeer })
          return () => void host.host.unhandle(protocol)
        },
      },
      finder: { find: async () => [] },
      judge: { report: (_, fault) => { throw new Error(fault.code) }, reward: () => undefined },
      self: () => host.id,
      clock: systemClock, logger: silentLogger,
    },
    { folder: join(folder, name), rates: () => ({ bytesPerSecond: 0, peerBytesPerSecond: 0, fetchBytesPerSecond: 0, ...rates }) },
  )
  services.push(resources)
  await resources.start()
  return { host, resources }
}

async function shared(rates?: Partial<ResourceRates>): Promise<Pick<FetchRequest, 'root' | 'peers'>> {
  const { host, resources } = await started('seeder', rates)
  await writeFile(join(folder, 'file'), content)
  const { root } = await resources.catalogue.add(join(folder, 'file'))
  return { root, peers: [{ peer: host.id, addresses: [host.address] }] }
}

const progressOf = (resources: Resources) => resources.fetches()[0]?.progress

describe('resources', () => {
  it('fetch a file, tell of it, and offer it further', async () => {
    const request = { ...(await shared()), path: join(folder, 'fetched') }
    const { resources } = await started('leecher')
    const seen: (string | undefined)[] = []
    resources.events.on('fetch', ({ outcome }) => seen.push(outcome?.kind))
    await resources.fetch(request)
    await eventually(() => seen.includes('done'), 'the end')
    expect(content.equals(await readFile(request.path))).toBe(true)
    expect(resources.catalogue.list().map(({ root }) => root)).toEqual([request.root])
    await eventually(async () => (await readFile(join(folder, 'leecher/downloads.json'), 'utf8')).includes('"downloads":[]'), 'the list without it')
  })

  it('fetch what this node shares itself, and share it from where it was', async () => {
    const { root } = await shared()
    const [seeder] = services as [Resources]
    const path = join(folder, 'copied')
    await seeder.fetch({ root, peers: [], path })
    await eventually(() => seeder.fetches()[0]?.outcome?.kind === 'done', 'the end')
    expect(content.equals(await readFile(path))).toBe(true)
    expect(seeder.catalogue.list().map((entry) => entry.path)).toEqual([join(folder, 'file')])
    expect(progressOf(seeder)?.peers.map(({ peer }) => peer)).toEqual([hosts[0]?.id])
  })

  it('ask nobody else for what this node has whole, until it is there no more', async () => {
    const { root, peers } = await shared()
    const rates = { fetchBytesPerSecond: 2e6 }
    const { host, resources } = await started('second', rates)
    await resources.fetch({ root, peers, path: join(folder, 'own') })
    await eventually(() => resources.fetches()[0]?.outcome?.kind === 'done', 'a file of its own')
    const path = join(folder, 'copied')
    const fetch = () => resources.fetches().find(({ request }) => request.path === path)
    await resources.fetch({ root, peers, path })
    await eventually(() => (fetch()?.progress?.hadBytes ?? 0) > 5e5, 'some of it')
    expect(fetch()?.progress?.peers.map(({ peer }) => peer)).toEqual([host.id])
    await writeFile(join(folder, 'own'), content.subarray(0, 100))
    await eventually(() => fetch()?.outcome?.kind === 'done', 'the rest')
    expect(content.equals(await readFile(path))).toBe(true)
    expect(fetch()?.progress?.peers.map(({ peer }) => peer)).toContain(hosts[0]?.id)
  })

  it('do not fetch from a file of this node that was changed', async () => {
    const { root } = await shared()
    const [seeder] = services as [Resources]
    await writeFile(join(folder, 'file'), content.subarray(1))
    await seeder.fetch({ root, peers: [], path: join(folder, 'copied') })
    await eventually(() => seeder.catalogue.list()[0]?.withdrawn !== undefined, 'the file to be offered no more')
    expect(progressOf(seeder)).toMatchObject({ hadBytes: 0, peers: [] })
  })

  it('keep a fetch over a pause and a start, within their rate', async () => {
    const request = { ...(await shared()), path: join(folder, 'fetched') }
    const first = await started('leecher', { fetchBytesPerSecond: 1e6 })
    await first.resources.fetch(request)
    await expect(first.resources.fetch(request)).rejects.toMatchObject({ code: 'NET_RESOURCE_TWICE' })
    await eventually(() => (progressOf(first.resources)?.hadBytes ?? 0) > 5e5, 'some of it')
    await first.resources.pause(request.path)
    expect(first.resources.fetches()).toMatchObject([{ isPaused: true, outcome: { kind: 'stopped' } }])
    await first.resources.resume(request.path)
    await eventually(() => (progressOf(first.resources)?.hadBytes ?? 0) > 1e6, 'more of it')
    await first.resources.stop()
    const second = await started('leecher')
    await eventually(() => second.resources.fetches()[0]?.outcome?.kind === 'done', 'the rest')
    expect(content.equals(await readFile(request.path))).toBe(true)
  })

  it('serve what they have of a file while they fetch the rest', async () => {
    const slow = { bytesPerSecond: 250_000 }
    const { root, peers } = await shared(slow)
    const [second, third] = [await started('second'), await started('third')]
    const paths = [join(folder, 'of-second'), join(folder, 'of-third')] as const
    await second.resources.fetch({ root, peers, path: paths[0] })
    await third.resources.fetch({ root, peers: [{ peer: second.host.id, addresses: [second.host.address] }], path: paths[1] })
    await eventually(() => (progressOf(third.resources)?.hadBytes ?? 0) > 100_000, 'pieces from the second')
    expect(progressOf(second.resources)?.state).toBe('fetching')
    expect(progressOf(third.resources)?.peers).toMatchObject([{ peer: second.host.id, hasAll: false }])
    expect(second.resources.serving.servedBytes).toBeGreaterThan(100_000)
    slow.bytesPerSecond = 0
    for (const { resources } of [second, third]) await eventually(() => resources.fetches()[0]?.outcome?.kind === 'done', 'the rest')
    for (const path of paths) expect(content.equals(await readFile(path))).toBe(true)
    expect(progressOf(third.resources)?.left.map(({ peer }) => peer).filter((peer) => peer !== second.host.id)).toEqual([])
  })

  it('serve what they had before a start', async () => {
    const request = { ...(await shared({ bytesPerSecond: 1e6 })), path: join(folder, 'of-second') }
    const before = await started('second')
    await before.resources.fetch(request)
    await eventually(() => (progressOf(before.resources)?.hadBytes ?? 0) > 5e5, 'some of it')
    await before.resources.stop()
    const second = await started('second', { fetchBytesPerSecond: 1 })
    const third = await started('third')
    await third.resources.fetch({ root: request.root, length: content.length, peers: [{ peer: second.host.id, addresses: [second.host.address] }], path: join(folder, 'of-third') })
    await eventually(() => (progressOf(third.resources)?.hadBytes ?? 0) > 3e5, 'pieces from the second')
    expect(second.resources.fetches()[0]?.outcome).toBeUndefined()
  })

  it('discard what is no longer wanted', async () => {
    const request = { ...(await shared({ bytesPerSecond: 1e6 })), path: join(folder, 'fetched') }
    const { resources } = await started('leecher')
    await resources.fetch(request)
    await eventually(() => (progressOf(resources)?.hadBytes ?? 0) > 0, 'some of it')
    await resources.discard(request.path)
    await expect(access(partPath(request.path))).rejects.toThrow('ENOENT')
    expect(resources.fetches()).toEqual([])
    await expect(resources.discard(request.path)).rejects.toMatchObject({ code: 'NET_RESOURCE_UNKNOWN' })
  })

  it('refuse what is no request', async () => {
    const { resources } = await started('leecher')
    for (const bad of [{ root: 'x', path: '/tmp/a', peers: [] }, { root: '00'.repeat(32), path: 'relative', peers: [] }, { root: '00'.repeat(32), path: '/tmp/a', peers: [], range: { from: 5, to: 5 } }]) {
      await expect(resources.fetch(bad)).rejects.toMatchObject({ code: 'NET_RESOURCE_REQUEST' })
    }
  })
})
