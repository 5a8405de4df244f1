import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Discovery, type Provider } from '../../../../node-core/net/discovery/discovery.ts'
import { serviceKey } from '../../../../node-core/net/discovery/keys.ts'
import type { FoundPeer } from '../../../../node-core/network/streams.ts'

const SELF = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ADDRESS = '/ip4/192.0.2.1/tcp/1'

/** Peer ids are only compared and appended here. */
const peer = (i: number): FoundPeer => ({ peer: `12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMu${'ABCDEFGHJKLMNPQRSTUVWXYZ'[i] ?? 'a'}`, addresses: [ADDRESS] })

class FakeTable {
  readonly told: string[] = []
  readonly stopped: string[] = []
  readonly lookedUp: string[] = []
  readonly where = new Map<string, readonly string[]>()
  failure: Error | undefined
  /** Told one behind the other; then the search goes on without an end where `endless`. */
  records: FoundPeer[] = []
  endless = false
  /** Searches that run. */
  running = 0
  /** Where telling waits for. */
  gate: Promise<void> = Promise.resolve()

  async provide(key: Uint8Array): Promise<void> {
    this.told.push(toHex(key))
    await this.gate
    if (this.failure !== undefined) throw this.failure
  }

  async stopProviding(key: Uint8Array): Promise<void> {
    this.stopped.push(toHex(key))
    await Promise.resolve()
  }

  async *findProviders(): AsyncGenerator<FoundPeer> {
    this.running++
    try {
      for (const record of this.records) yield await Promise.resolve(record)
      if (this.endless) await new Promise(() => undefined)
    } finally {
      this.running--
    }
  }

  findPeer(id: string): Promise<FoundPeer> {
    this.lookedUp.push(id)
    const addresses = this.where.get(id)
    return addresses === undefined ? Promise.reject(new Error('not found')) : Promise.resolve({ peer: id, addresses })
  }
}

function lab() {
  const [table, clock] = [new FakeTable(), new FakeClock(1_000_000)]
  const learned: string[] = []
  const discovery = new Discovery({ table, clock, peerId: () => SELF, learn: (id, addresses) => void learned.push(`${id} ${addresses.join()}`) })
  return { table, clock, learned, discovery }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

async function all(found: AsyncIterable<Provider>): Promise<string[]> {
  const peers: string[] = []
  for await (const provider of found) peers.push(provider.peer)
  return peers
}

const NAME_ERROR = expect.objectContaining({ code: 'NET_DISCOVERY_NAME' }) as Error

describe('the key of a service', () => {
  it('is what the libraries make of its name', async () => {
    const digest = await sha256.digest(utf8('nodestead/service/chess'))
    expect(serviceKey('chess')).toEqual(digest.bytes)
  })
})

describe('what is advertised', () => {
  it('is told at once, soon again, then ever less often, twelve hours apart at most', async () => {
    const { table, clock, discovery } = lab()
    discovery.advertise('chess')
    await settle()
    const times = [0]
    for (let hour = 0; hour < 48 * 60; hour++) {
      const before = table.told.length
      clock.advance(MINUTE)
      await settle()
      if (table.told.length > before) times.push(clock.now() - 1_000_000)
    }
    expect(times.slice(0, 5).map((time) => time / MINUTE)).toEqual([0, 1, 3, 7, 15])
    const waits = times.slice(1).map((time, i) => time - (times[i] as number))
    expect([Math.max(...waits), waits.at(-1)]).toEqual([12 * HOUR, 12 * HOUR])
    expect(discovery.offers()).toMatchObject([{ key: serviceKey('chess'), toldAt: (times.at(-1) as number) + 1_000_000, failure: undefined }])
  })

  it('is tried again from the beginning where it failed, and the reason is there meanwhile', async () => {
    const { table, clock, discovery } = lab()
    discovery.advertise('chess')
    for (let i = 0; i < 4; i++) {
      await settle()
      clock.advance(2 ** i * MINUTE)
    }
    await settle()
    table.failure = new Error('no table')
    clock.advance(16 * MINUTE)
    await settle()
    expect(discovery.offers()[0]?.failure).toBe('no table')
    const count = table.told.length
    table.failure = undefined
    clock.advance(MINUTE)
    await settle()
    expect([table.told.length, discovery.offers()[0]?.failure]).toEqual([count + 1, undefined])
  })

  it('is told until everybody who offers it has withdrawn', async () => {
    const { table, clock, discovery } = lab()
    const [first, second] = [discovery.advertise('chess'), discovery.advertise('chess')]
    await settle()
    first()
    first()
    expect([discovery.services, table.stopped]).toEqual([['chess'], []])
    second()
    expect([discovery.services, discovery.offers(), table.stopped]).toEqual([[], [], [toHex(serviceKey('chess'))]])
    clock.advance(24 * HOUR)
    await settle()
    expect(table.told).toHaveLength(1)
    discovery.advertise('chess')
    expect(table.told).toHaveLength(2)
  })

  it('is not left behind where it is withdrawn while it is told', async () => {
    const { table, discovery } = lab()
    let open = (): void => undefined
    table.gate = new Promise((resolve) => (open = resolve))
    discovery.advertise('chess')()
    open()
    await settle()
    expect(table.stopped).toHaveLength(2)
  })

  it('ends with the node, also where the table never answers', async () => {
    const { table, clock, discovery } = lab()
    table.gate = new Promise(() => undefined)
    discovery.advertise('chess')
    await discovery.stop()
    await discovery.stop()
    clock.advance(24 * HOUR)
    expect([table.told.length, discovery.offers(), clock.nextDue()]).toEqual([1, [], undefined])
  })

  it('has a name, and an end', () => {
    const { discovery } = lab()
    for (const name of ['', 'Chess', 'a/b', 'a'.repeat(65)]) expect(() => discovery.advertise(name)).toThrow(NAME_ERROR)
    for (let i = 0; i < 1024; i++) discovery.advertise(`service-${i}`)
    expect(() => discovery.advertise('one-more')).toThrow(expect.objectContaining({ code: 'NET_DISCOVERY_FULL' }) as Error)
  })
})

describe('what is found', () => {
  it('is each provider once, with addresses, and not this node', async () => {
    const { table, learned, discovery } = lab()
    table.records = [peer(0), { peer: SELF, addresses: [ADDRESS] }, peer(0), peer(1)]
    expect(await all(discovery.find('chess'))).toEqual([peer(0).peer, peer(1).peer])
    expect(learned[0]).toBe(`${peer(0).peer} ${ADDRESS}/p2p/${peer(0).peer}`)
  })

  it('is looked up where the record does not say where it is, and left out where nobody knows', async () => {
    const { table, discovery } = lab()
    table.records = [{ ...peer(0), addresses: [] }, { ...peer(1), addresses: ['nonsense', `${ADDRESS}/p2p/${SELF}`] }]
    table.where.set(peer(0).peer, [ADDRESS])
    expect(await all(discovery.find('chess'))).toEqual([peer(0).peer])
    expect(table.lookedUp).toEqual([peer(0).peer, peer(1).peer])
  })

  it('is as many as were asked for, and a flood of records is looked at no further', async () => {
    const { table, discovery } = lab()
    table.records = Array.from({ length: 20 }, (_, i) => peer(i))
    expect(await all(discovery.find('chess', { limit: 3 }))).toHaveLength(3)
    table.records = Array.from({ length: 1000 }, () => ({ ...peer(0), addresses: [] }))
    let read = 0
    table.records.forEach((record, i) => Object.defineProperty(table.records, i, { get: () => (read++, record) }))
    expect(await all(discovery.find('chess', { limit: 2 }))).toEqual([])
    expect(read).toBe(8)
  })

  it('is what there was, where time is up, the signal says so, or the node stops', async () => {
    for (const end of ['time', 'signal', 'stop'] as const) {
      const { table, clock, discovery } = lab()
      table.records = [peer(0)]
      table.endless = true
      const controller = new AbortController()
      const found = all(discovery.find('chess', { signal: controller.signal }))
      await settle()
      if (end === 'time') clock.advance(30_000)
      else if (end === 'signal') controller.abort()
      else await discovery.stop()
      expect(await found).toEqual([peer(0).peer])
      await discovery.stop()
      expect(clock.nextDue()).toBeUndefined()
    }
  })

  it('is told once, and told to be lost when the peer does not have it or no search finds it again', async () => {
    const { table, clock, discovery } = lab()
    const told: string[] = []
    discovery.events.on('found', ({ service, peer: id, addresses }) => void told.push(`found ${service} ${id} ${addresses.join()}`))
    discovery.events.on('lost', ({ service, peer: id, reason }) => void told.push(`${reason} ${service} ${id}`))
    table.records = [peer(0), peer(1)]
    await all(discovery.find('chess'))
    clock.advance(20 * MINUTE)
    table.records = [peer(1)]
    await all(discovery.find('chess'))
    expect(told.splice(0)).toEqual([0, 1].map((i) => `found chess ${peer(i).peer} ${ADDRESS}/p2p/${peer(i).peer}`))
    clock.advance(10 * MINUTE)
    expect(told.splice(0)).toEqual([`expired chess ${peer(0).peer}`])
    discovery.refused('go', peer(1).peer)
    discovery.refused('chess', peer(1).peer)
    discovery.refused('chess', peer(1).peer)
    expect(told.splice(0)).toEqual([`refused chess ${peer(1).peer}`])
    await all(discovery.find('chess'))
    expect(told).toHaveLength(1)
    await discovery.stop()
    expect(clock.nextDue()).toBeUndefined()
  })

  it('is not looked for by too many at a time, and whoever leaves makes room', async () => {
    const { table, discovery } = lab()
    table.records = [peer(0)]
    table.endless = true
    const searches = Array.from({ length: 16 }, () => discovery.find('chess'))
    for (const search of searches) await search.next()
    await expect(discovery.find('chess').next()).rejects.toMatchObject({ code: 'NET_DISCOVERY_BUSY' })
    await searches[0]?.return(undefined)
    expect(table.running).toBe(15)
    await expect(discovery.find('chess').next()).resolves.toMatchObject({ done: false })
    for (const search of searches) await search.return(undefined)
  })

  it('is an error where the table has one, and where the name is none', async () => {
    const { table, discovery } = lab()
    table.findProviders = () => {
      throw new Error('no table')
    }
    await expect(all(discovery.find('chess'))).rejects.toThrow('no table')
    expect(() => discovery.find('No Name')).toThrow(NAME_ERROR)
  })
})
