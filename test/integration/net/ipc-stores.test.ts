/** The rooms over the local socket that keep something for programs: sealed messages, files, what is advertised. With scopes and without, and what is left when a program is gone. */
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Channels, Discovery, Resources, Sealed, type SealedEvent, type SealedMessage } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { ended, refused, stands } from '../../helpers/ipc-calls.ts'
import type { IpcSession, StreamCall } from '../../helpers/ipc-client.ts'
import { NetLab } from '../../helpers/net-lab.ts'
import { eventually } from '../../helpers/network.ts'

let lab: NetLab
beforeEach(() => {
  lab = new NetLab()
})
afterEach(() => lab.stop())

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const text = (value: Uint8Array): string => Buffer.from(value).toString()

describe('sealed messages', () => {
  const sealedOf = (call: StreamCall<typeof Sealed.method.serve.output>): readonly SealedMessage[] =>
    call.items.flatMap(({ message: { event } }: { readonly message: SealedEvent }) => (event.case === 'message' ? [event.value] : []))
  const letters = (call: StreamCall<typeof Sealed.method.serve.output>): readonly string[] => sealedOf(call).map(({ data }) => text(data))

  /** Waits for the message of this place among those that came, and acknowledges it. */
  async function acknowledge(session: IpcSession, call: StreamCall<typeof Sealed.method.serve.output>, place: number): Promise<void> {
    await eventually(() => sealedOf(call).length > place, 'the message')
    await session.call(Sealed.method.acknowledge, { number: sealedOf(call)[place]?.number ?? 0n })
  }

  it('reach the program that has the scope of their service, and wait while there is none', async () => {
    const [a, b] = await lab.pair()
    const { session: writer } = await lab.program(a, 'writer', ['sealed'])
    const { session: reader, client, token } = await lab.program(b, 'reader', ['sealed:letters'])
    const serving = await stands(reader.stream(Sealed.method.serve, { service: 'letters' }))
    const first = writer.call(Sealed.method.send, { peer: b.id, service: 'letters', data: bytes('first') })
    await acknowledge(reader, serving, 0)
    expect(await first).toMatchObject({ state: 'delivered', relays: [] })
    const second = writer.call(Channels.method.unicast, { address: b.id, service: 'letters', data: bytes('second'), sealed: true })
    await acknowledge(reader, serving, 1)
    expect(await second).toMatchObject({ receipt: { state: 'delivered' } })
    expect(letters(serving)).toEqual(['first', 'second'])
    expect(serving.items[1]?.message.event.value).toMatchObject({ sender: a.id, service: 'letters', kept: false })
    await refused(reader.stream(Sealed.method.serve, { service: 'secrets' }), 'sealed:secrets')
    await expect(reader.call(Sealed.method.send, { peer: a.id, service: 'secrets', data: bytes('x') })).rejects.toMatchObject({ failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'sealed:secrets' } } })
    await expect(writer.call(Sealed.method.send, { peer: b.id, service: 'letters', data: new Uint8Array(256 * 1024 + 1) })).rejects.toMatchObject({ failure: { code: 'NET_SEALED_TOO_LONG' } })
    client.close()
    await eventually(() => b.net.ipc.clients.size === 0, 'the end of the reader')
    expect(await writer.call(Sealed.method.send, { peer: b.id, service: 'letters', data: bytes('third') })).toMatchObject({ state: 'waiting' })
    await stands((await lab.connect(b.net, token)).session.stream(Sealed.method.serve, { service: 'letters' }))
  })

  it('are delivered when their program has acknowledged them, and come again where it died before', async () => {
    const [a, b] = await lab.pair()
    const { session: writer } = await lab.program(a, 'writer', ['sealed'])
    const { session: reader, client, token } = await lab.program(b, 'reader', ['sealed'])
    const serving = await stands(reader.stream(Sealed.method.serve, { service: 'letters' }))
    const sending = writer.call(Sealed.method.send, { peer: b.id, service: 'letters', data: bytes('precious') })
    await eventually(() => letters(serving).length === 1, 'the message')
    const number = sealedOf(serving)[0]?.number ?? 0n
    // Nobody else may say that it was taken.
    const { session: other } = await lab.connect(b.net, token)
    await expect(other.call(Sealed.method.acknowledge, { number })).rejects.toMatchObject({ failure: { code: 'NET_NOT_FOUND' } })
    client.close()
    expect(await sending).toMatchObject({ state: 'waiting' })
    expect(a.net.mailbox.statistics.outbox.messages).toBe(1)
    const again = await stands(other.stream(Sealed.method.serve, { service: 'letters' }))
    await a.network.streams.disconnect(b.id)
    await eventually(() => a.network.streams.connections(b.id).length === 0, 'the end of the connection')
    await a.network.streams.reach(b.id, [b.address])
    await acknowledge(other, again, 0)
    expect(letters(again)).toEqual(['precious'])
    await eventually(() => a.net.mailbox.statistics.outbox.messages === 0, 'the receipt')
    await expect(other.call(Sealed.method.acknowledge, { number: sealedOf(again)[0]?.number ?? 0n })).rejects.toMatchObject({ failure: { code: 'NET_NOT_FOUND' } })
  })
})

describe('resources', () => {
  it('are shared, fetched with their progress, paused, taken up again and discarded', async () => {
    const [a, b] = await lab.pair()
    const folder = await lab.folder()
    const { session: owner } = await lab.program(a, 'owner', [`resources:${folder}`])
    const { session: other } = await lab.program(b, 'other', [`resources:${folder}`])
    const content = Buffer.alloc(500_000, 'nodestead')
    await writeFile(join(folder, 'shared'), content)
    const { root, length } = await owner.call(Resources.method.add, { path: join(folder, 'shared') })
    expect(length).toBe(500_000n)
    expect((await owner.call(Resources.method.list, {})).resources).toMatchObject([{ root, withdrawn: '' }])
    const path = join(folder, 'fetched')
    expect(await other.call(Resources.method.fetch, { root, path, peers: [{ peer: a.id }] })).toMatchObject({ root, path, hadBytes: expect.any(BigInt) })
    const progress = other.stream(Resources.method.progress, { path })
    await eventually(() => progress.end !== undefined, 'the file')
    expect(progress.end).toBe('end')
    expect(progress.items.at(-1)?.message).toMatchObject({ state: 'done', hadBytes: 500_000n, wantedBytes: 500_000n, length: 500_000n })
    expect((await readFile(path)).equals(content)).toBe(true)
    const nowhere = join(folder, 'nowhere')
    await other.call(Resources.method.fetch, { root: 'ab'.repeat(32), path: nowhere })
    expect(await other.call(Resources.method.pause, { path: nowhere })).toMatchObject({ state: 'paused' })
    expect(await other.call(Resources.method.resume, { path: nowhere })).toMatchObject({ state: 'fetching' })
    const watching = await stands(other.stream(Resources.method.progress, { path: nowhere }))
    await other.call(Resources.method.discard, { path: nowhere })
    expect(await ended(watching, watching)).toBe('end')
    expect((await other.call(Resources.method.fetches, {})).fetches.map(({ path: each }) => each)).toEqual([path])
    expect(await owner.call(Resources.method.remove, { root })).toMatchObject({ removed: true })
    expect(await owner.call(Resources.method.remove, { root })).toMatchObject({ removed: false })
    await expect(owner.call(Resources.method.add, { path: join(folder, 'none') })).rejects.toMatchObject({ failure: { code: 'NET_RESOURCE_UNREADABLE' } })
    await expect(owner.call(Resources.method.add, { path: 'relative' })).rejects.toMatchObject({ failure: { code: 'NET_REQUEST_INVALID' } })
    await expect(owner.call(Resources.method.fetch, { root: 'no root', path })).rejects.toMatchObject({ failure: { code: 'NET_RESOURCE_REQUEST' } })
    await expect(owner.call(Resources.method.pause, { path })).rejects.toMatchObject({ failure: { code: 'NET_RESOURCE_UNKNOWN' } })
  })

  it('are shared and fetched in the folders of the program alone, wherever links lead', async () => {
    const node = await lab.node()
    const [granted, elsewhere] = [await lab.folder(), await lab.folder()]
    await writeFile(join(elsewhere, 'secret'), 'of somebody else')
    await writeFile(join(granted, 'open'), 'for all')
    const { session } = await lab.program(node, 'program', [`resources:${granted}`])
    const { session: modest } = await lab.program(node, 'modest', ['resources'])
    const { add, list, remove, fetch, fetches, folders, discard } = Resources.method
    const outside = { failure: { code: 'NET_RESOURCE_FOLDER', hint: expect.stringContaining('resources:') } }
    const { folders: mine } = await session.call(folders, {})
    expect(mine).toEqual([expect.stringMatching(/programs.program$/), granted])
    expect((await modest.call(folders, {})).folders).toEqual([expect.stringMatching(/programs.modest$/)])
    // Its own folder, which nobody has to grant.
    await writeFile(join(mine[0] as string, 'own'), 'of its own')
    const own = await session.call(add, { path: join(mine[0] as string, 'own') })
    const open = await session.call(add, { path: join(granted, 'open') })
    expect((await session.call(list, {})).resources.map(({ path }) => path)).toEqual([join(mine[0] as string, 'own'), join(granted, 'open')])
    // What lies elsewhere, by its path, by a way around, by a link to it or to its folder; what is there or not.
    await symlink(join(elsewhere, 'secret'), join(granted, 'link'))
    await symlink(elsewhere, join(granted, 'door'))
    for (const path of [join(elsewhere, 'secret'), join(elsewhere, 'none'), `${granted}/../${basename(elsewhere)}/secret`, join(granted, 'door', 'secret'), `${granted}-beside`, join(node.dataPath, 'network/secret_ed25519')]) {
      await expect(session.call(add, { path })).rejects.toMatchObject(outside)
      await expect(session.call(fetch, { root: 'ab'.repeat(32), path })).rejects.toMatchObject(outside)
    }
    await expect(session.call(add, { path: join(granted, 'link') })).rejects.toMatchObject({ failure: { code: 'NET_RESOURCE_UNREADABLE' } })
    await expect(modest.call(add, { path: join(granted, 'open') })).rejects.toMatchObject(outside)
    // It neither sees nor touches what others have.
    expect((await modest.call(list, {})).resources).toEqual([])
    expect(await modest.call(remove, { root: open.root })).toMatchObject({ removed: false })
    const path = join(granted, 'fetched')
    await session.call(fetch, { root: 'ab'.repeat(32), path })
    expect((await modest.call(fetches, {})).fetches).toEqual([])
    await expect(modest.call(discard, { path })).rejects.toMatchObject(outside)
    expect(await session.call(remove, { root: own.root })).toMatchObject({ removed: true })
    // With all folders it has all but the node's own data.
    const { session: wide } = await lab.program(node, 'wide', ['resources:*'])
    expect((await wide.call(folders, {})).folders.at(-1)).toBe('*')
    expect(await wide.call(add, { path: join(elsewhere, 'secret') })).toMatchObject({ withdrawn: '' })
    for (const hidden of ['network/secret_ed25519', 'programs.json', 'programs/modest/x']) await expect(wide.call(add, { path: join(node.dataPath, hidden) })).rejects.toMatchObject(outside)
  })

  it('are not written where a link leads that was put in the way', async () => {
    const [a, b] = await lab.pair()
    const [granted, elsewhere] = [await lab.folder(), await lab.folder()]
    await writeFile(join(granted, 'shared'), Buffer.alloc(50_000, 'nodestead'))
    await writeFile(join(elsewhere, 'precious'), 'as it was')
    const { session: owner } = await lab.program(a, 'owner', [`resources:${granted}`])
    const { session: other } = await lab.program(b, 'other', [`resources:${granted}`])
    const { root } = await owner.call(Resources.method.add, { path: join(granted, 'shared') })
    const path = join(granted, 'fetched')
    await symlink(join(elsewhere, 'precious'), `${path}.part`)
    await other.call(Resources.method.fetch, { root, path, peers: [{ peer: a.id }] })
    const progress = other.stream(Resources.method.progress, { path })
    await eventually(() => progress.end !== undefined, 'the end')
    expect(progress.items.at(-1)?.message).toMatchObject({ state: 'failed', failure: { code: 'NET_RESOURCE_WRITE' } })
    expect(await readFile(join(elsewhere, 'precious'), 'utf8')).toBe('as it was')
  })

  it('are nothing for a program without the scope', async () => {
    const node = await lab.node()
    const { session } = await lab.program(node, 'program', ['channels', 'topics', 'sealed'])
    const failure = { failure: { code: 'NET_SCOPE_MISSING', data: { scope: 'resources' } } }
    const { add, list, remove, fetch, fetches, pause, resume, discard, progress } = Resources.method
    for (const asked of [session.call(add, { path: '/etc/hostname' }), session.call(list, {}), session.call(remove, {}), session.call(fetch, {}), session.call(fetches, {})]) await expect(asked).rejects.toMatchObject(failure)
    for (const asked of [session.call(pause, { path: '/x' }), session.call(resume, { path: '/x' }), session.call(discard, { path: '/x' })]) await expect(asked).rejects.toMatchObject(failure)
    await refused(session.stream(progress, { path: '/x' }), 'resources')
  })
})

describe('discovery', () => {
  it('tells of a service while the program wants it, and finds it', async () => {
    const first = await lab.node()
    const [a, b] = [await lab.node(first), await lab.node(first)]
    const { session: server, client } = await lab.program(a, 'server', ['discovery:echo'])
    const { session: seeker } = await lab.program(b, 'seeker', ['discovery'])
    await stands(server.stream(Discovery.method.advertise, { service: 'echo' }))
    await eventually(async () => {
      const search = seeker.stream(Discovery.method.find, { service: 'echo', limit: 5 })
      await eventually(() => search.end !== undefined, 'the end of the search')
      expect(search.end).toBe('end')
      return search.items.some(({ message: { peer, addresses } }) => peer === a.id && addresses.length > 0)
    }, 'the provider')
    await refused(server.stream(Discovery.method.advertise, { service: 'chat' }), 'discovery:chat')
    await refused(server.stream(Discovery.method.find, { service: 'chat' }), 'discovery:chat')
    expect(a.net.discovery.services).toEqual(['echo'])
    client.close()
    await eventually(() => a.net.discovery.services.length === 0, 'the end of it')
  })
})
