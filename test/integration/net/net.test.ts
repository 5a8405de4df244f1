/** The network opened to services: three nodes, each with all rooms, over loopback, found by the table and reached by the net API. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { NetLab } from '../../helpers/net-lab.ts'
import { eventually, freePorts } from '../../helpers/network.ts'

let lab = new NetLab()
afterEach(async () => {
  await lab.stop()
  lab = new NetLab()
})

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const text = (value: Uint8Array): string => Buffer.from(value).toString()

test('a service is found by its name, dialled by its address, and answers', async () => {
  const first = await lab.node()
  const [server, caller] = [await lab.node(first), await lab.node(first)]
  server.net.api.listen('echo', { onChannel: (channel) => void channel.onMessage((message) => channel.send(message)) }, { advertise: true })
  let provider: string | undefined
  // It is told when the peers who keep such records are known.
  await eventually(async () => {
    for await (const { peer } of caller.net.discovery.find('echo')) provider = peer
    return provider !== undefined
  }, 'the provider')
  expect(provider).toBe(server.id)
  const channel = await caller.net.api.dial(`/nodestead/echo/p2p/${server.id}`)
  expect(channel.state).toMatchObject({ peer: server.id, service: 'echo', path: 'direct', open: true })
  expect(['connected', 'address book', 'kademlia']).toContain(channel.state.found)
  await channel.send(bytes('hello'))
  for await (const message of channel) {
    expect(text(message)).toBe('hello')
    break
  }
  await channel.close()
  await expect(caller.net.api.dial(server.id)).rejects.toMatchObject({ code: 'NET_SERVICE_MISSING' })
})

test('one message goes to a service now, or sealed to a peer that is away and comes', async () => {
  const [here, there] = await lab.pair()
  const got: string[] = []
  there.net.api.listen('note', { onChannel: (channel) => void channel.onMessage((message) => void got.push(text(message))) })
  await here.net.api.unicast(`/nodestead/note/p2p/${there.id}`, bytes('now'))
  expect(got).toEqual(['now'])
  there.net.mailbox.serve('letters', ({ payload }) => void got.push(text(payload)))
  await expect(here.net.api.unicast(there.id, bytes('sealed'), { sealed: true, service: 'letters' })).resolves.toMatchObject({ state: 'delivered' })
  expect(got).toEqual(['now', 'sealed'])
})

test('a topic of a mesh carries a large message in chunks, and an open one by gossip', async () => {
  const first = await lab.node()
  const second = await lab.node(first)
  const third = await lab.node(first, second)
  const fourth = await lab.node(first, second, third)
  const all = [first, second, third, fourth]
  const limits = { maxMessageBytes: 2_000_000, rate: { perSecond: 1000, burst: 1000 } }
  const got = new Map<string, number[]>(all.map(({ id }) => [id, []]))
  for (const { net, id } of all) {
    net.topics.declare({ ...limits, name: 'blocks', topology: 'mesh' })
    net.topics.declare({ ...limits, name: 'news' })
    for (const topic of ['blocks', 'news']) net.topics.subscribe(topic, 'reader', ({ payload }) => void got.get(id)?.push(payload.length))
  }
  await eventually(() => all.every(({ net }) => net.topics.figures().every(({ peers }) => peers.length === 3)), 'the mesh')
  await expect(first.net.api.broadcast('blocks', new Uint8Array(1_000_000))).resolves.toMatchObject({ way: 'chunks' })
  await eventually(() => all.slice(1).every(({ id }) => got.get(id)?.includes(1_000_000)), 'the chunks')
  await expect(first.net.api.broadcast('blocks', new Uint8Array(10))).resolves.toMatchObject({ way: 'direct' })
  await eventually(() => all.slice(1).every(({ id }) => got.get(id)?.includes(10)), 'the small one')
  let sent = 0
  await eventually(async () => {
    sent = 20 + (sent % 20) + 1
    const { way } = await first.net.api.broadcast('news', new Uint8Array(sent))
    expect(way).toBe('gossip')
    return all.slice(1).every(({ id }) => got.get(id)?.some((length) => length > 20 && length < 100))
  }, 'the gossip')
})

test('a shared file is found by its root and fetched', async () => {
  const folder = await lab.folder()
  const first = await lab.node()
  const [owner, other] = [await lab.node(first), await lab.node(first)]
  const path = join(folder, 'shared.bin')
  const content = Buffer.alloc(300_000, 'nodestead')
  await writeFile(path, content)
  const { root, length } = await owner.net.resources.catalogue.add(path)
  const target = join(folder, 'fetched.bin')
  await eventually(async () => {
    for await (const { peer } of other.net.discovery.findKey(Uint8Array.from([0x12, 32, ...Buffer.from(root, 'hex')]))) if (peer === owner.id) return true
    return false
  }, 'the record of it')
  await other.net.resources.fetch({ root, path: target, length, peers: [] })
  await eventually(() => other.net.resources.fetches()[0]?.outcome?.kind === 'done', 'the file')
  expect((await readFile(target)).equals(content)).toBe(true)
  expect(other.net.resources.catalogue.get(root)).toBeDefined()
})

test('groups, figures, and an end that frees what was opened', async () => {
  const [a, b] = await lab.pair()
  const groups = await Promise.all([a.net.api.group('/nodestead/group/table', { members: [b.id] }), b.net.api.group('table', { members: [a.id] })])
  const heard: string[] = []
  groups[1].onMessage((message, peer) => void heard.push(`${peer === a.id ? 'a' : '?'}:${text(message)}`))
  const { deliveries } = groups[0].send(bytes('all'))
  expect(await Promise.all(deliveries.map(({ outcome }) => outcome))).toHaveLength(1)
  await eventually(() => heard.length === 1, 'the message')
  expect(heard).toEqual(['a:all'])
  await expect(a.net.api.group('/nodestead/group/none', { members: [] })).rejects.toMatchObject({ code: 'NET_GROUP_MEMBERS' })
  expect(a.net.metrics().map(({ name }) => name)).toEqual(expect.arrayContaining(['nodestead_service_messages_total', 'nodestead_channels']))
  await a.net.stop()
  await a.net.stop()
  await expect(a.net.api.dial(`/nodestead/x/p2p/${b.id}`)).rejects.toMatchObject({ code: 'NET_CLOSED' })
})

test('a topic over plain links reaches the machines of the file, by their names', async () => {
  const folder = await lab.folder()
  const [one, two] = await freePorts(2)
  const at = [{ name: 'one', host: '127.0.0.1', port: one as number }, { name: 'two', host: '127.0.0.1', port: two as number }] as const
  const files = await Promise.all(
    at.map(async ({ name, host, port }) => {
      const path = join(folder, `${name}.json`)
      await writeFile(path, JSON.stringify({ network: 'lab', name, listen: { host, port }, peers: at.filter((peer) => peer.name !== name), longestRetrySeconds: 1 }))
      return path
    }),
  )
  const [a, b] = [await lab.nodeWith({ plainFile: files[0] as string }), await lab.nodeWith({ plainFile: files[1] as string })]
  for (const { net } of [a, b]) net.topics.declare({ name: 'wired', over: 'plain', maxMessageBytes: 1000, rate: { perSecond: 10, burst: 10 } })
  const got: string[] = []
  b.net.topics.subscribe('wired', 'reader', ({ payload, source }) => void got.push(`${source}:${text(payload)}`))
  await eventually(() => a.net.topics.figures()[0]?.peers.join() === 'two', 'the link')
  await expect(a.net.api.broadcast('wired', bytes('hi'), { to: { only: ['two', 'three'] } })).resolves.toMatchObject({ taken: ['two'], undelivered: [{ peer: 'three', reason: 'not-connected' }] })
  expect(got).toEqual(['one:hi'])
  await writeFile(files[0] as string, '{"network":"lab"}')
  await expect(lab.nodeWith({ plainFile: files[0] as string })).rejects.toMatchObject({ code: 'NETWORK_PLAIN_FILE' })
})
