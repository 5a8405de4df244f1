import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { AddressBook } from '../../../../node-core/net/routing/address-book.ts'
import { RouteFinder, type Router, type Way } from '../../../../node-core/net/routing/finder.ts'
import { addressBookRouter, connectedRouter, kademliaRouter, relayRouter } from '../../../../node-core/net/routing/routers.ts'
import type { Path, PeerConnection, StreamDoor, StreamOptions } from '../../../../node-core/network/streams.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const RELAY = '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD'
const at = (last: number): string => `/ip4/192.0.2.${last}/tcp/1/p2p/${PEER}`
const addresses = (...list: string[]): Way => ({ kind: 'addresses', addresses: list })

/** A network in which some addresses lead to a peer. */
class FakeDoor implements Pick<StreamDoor, 'reach' | 'connections'> {
  readonly open: PeerConnection[] = []
  readonly tried: (readonly string[])[] = []
  readonly leads = new Map<string, Path>()

  connections(): readonly PeerConnection[] {
    return this.open
  }

  reach(_peer: string, list: readonly string[], options?: StreamOptions): Promise<Path> {
    this.tried.push(list)
    const path = list.map((address) => this.leads.get(address)).find((found) => found !== undefined && (found === 'direct' || options?.relayed === true))
    return path === undefined ? Promise.reject(new Error('nobody answers')) : Promise.resolve(path)
  }

  connect(path: Path): void {
    this.open.push({ peer: PEER, address: at(1), path, direction: 'outbound' })
  }
}

function lab(routers: readonly Router[] = []): { readonly door: FakeDoor; readonly clock: FakeClock; readonly book: AddressBook; readonly finder: RouteFinder; readonly table: Map<string, readonly string[]> } {
  const [door, clock, table] = [new FakeDoor(), new FakeClock(1000), new Map<string, readonly string[]>()]
  const book = new AddressBook(clock)
  const findPeer = (peer: string) => {
    const found = table.get(peer)
    return found === undefined ? Promise.reject(new Error('not in the table')) : Promise.resolve({ peer, addresses: found })
  }
  const builtIn = [connectedRouter(door), addressBookRouter(book), kademliaRouter({ findPeer }), relayRouter(() => [`/ip4/192.0.2.99/tcp/1/p2p/${RELAY}`])]
  return { door, clock, book, table, finder: new RouteFinder({ door, clock }, [...builtIn, ...routers]) }
}

const CIRCUIT = `/ip4/192.0.2.99/tcp/1/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`

describe('the way to a peer', () => {
  it('is the connection that there is', async () => {
    const { door, finder } = lab()
    door.connect('direct')
    await expect(finder.reach(PEER)).resolves.toEqual({ path: 'direct', router: 'connected', attempts: [{ router: 'connected', outcome: 'reached' }] })
    expect(door.tried).toEqual([])
  })

  it('is looked for by each router, in order, and the one that knew is told', async () => {
    const { door, book, table, finder } = lab()
    book.learn(PEER, [at(1)], 1000)
    table.set(PEER, [at(2), '/ip4/192.0.2.3/tcp/1'])
    door.leads.set(at(3), 'direct')
    await expect(finder.reach(PEER)).resolves.toEqual({
      path: 'direct',
      router: 'kademlia',
      attempts: [{ router: 'connected', outcome: 'unknown' }, { router: 'address book', outcome: 'failed', reason: 'nobody answers' }, { router: 'kademlia', outcome: 'reached' }],
    })
    expect(door.tried).toEqual([[at(1)], [at(2), at(3)]])
  })

  it('is a relay where nothing else leads there, and only where that will do', async () => {
    const { door, finder } = lab()
    door.leads.set(CIRCUIT, 'relayed')
    await expect(finder.reach(PEER)).rejects.toMatchObject({ code: 'NET_ROUTE_NONE' })
    await expect(finder.reach(PEER, { relayed: true })).resolves.toMatchObject({ path: 'relayed', router: 'relay' })
    door.leads.set(at(7), 'direct')
    door.connect('relayed')
    await expect(finder.reach(PEER, { relayed: true })).resolves.toMatchObject({ path: 'relayed', router: 'connected' })
    await expect(finder.reach(PEER, { way: at(7) })).resolves.toMatchObject({ path: 'direct', router: 'address' })
  })

  it('that was given is tried behind the connections, before the others are asked', async () => {
    const { door, book, finder } = lab()
    book.learn(PEER, [at(1)], 1000)
    door.leads.set(at(9), 'direct')
    const reached = await finder.reach(PEER, { way: at(9) })
    expect(reached.attempts.map(({ router }) => router)).toEqual(['connected', 'address'])
  })

  it('may be known by a router of one\'s own, wherever it is put', async () => {
    const { door, finder } = lab()
    const own: Router = { name: 'company directory', find: () => Promise.resolve(addresses(at(5))) }
    door.leads.set(at(5), 'direct')
    const remove = finder.use(own, 'kademlia')
    expect(finder.routers).toEqual(['connected', 'address book', 'company directory', 'kademlia', 'relay'])
    await expect(finder.reach(PEER)).resolves.toMatchObject({ router: 'company directory' })
    expect(() => finder.use(own)).toThrow(expect.objectContaining({ code: 'NET_ROUTER_TAKEN' }) as Error)
    remove()
    remove()
    expect(finder.routers).toEqual(['connected', 'address book', 'kademlia', 'relay'])
  })

  it('is not waited for where a router never answers, fails, or says what cannot be', async () => {
    const { clock, finder } = lab([
      { name: 'broken', find: () => Promise.reject(new Error('no idea')) },
      { name: 'nonsense', find: () => Promise.resolve(addresses('', 'x', '/', `/p2p/${PEER}`, '/ip4/192.0.2.1/tcp/1/p2p/12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD', `/dns4/${'a'.repeat(600)}/tcp/1`)) },
      { name: 'silent', find: () => new Promise(() => undefined) },
    ])
    const reaching = finder.reach(PEER)
    for (let i = 0; i < 100; i++) await Promise.resolve()
    clock.advance(15_000)
    const error = await reaching.catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ code: 'NET_ROUTE_NONE', hint: expect.any(String) as string })
    expect((error as Error).message).toContain('broken: no idea; nonsense: does not know it; silent: nothing came within 15 s')
  })

  it('is not looked for any more where whoever asked has gone', async () => {
    const { finder } = lab([{ name: 'silent', find: () => new Promise(() => undefined) }])
    const controller = new AbortController()
    const reaching = finder.reach(PEER, { signal: controller.signal })
    controller.abort(new Error('gone'))
    await expect(reaching).rejects.toThrow('gone')
  })

  it('has no more addresses than a bound', async () => {
    const { door, finder } = lab([{ name: 'many', find: () => Promise.resolve(addresses(...Array.from({ length: 500 }, (_, i) => `/ip4/192.0.2.1/tcp/${i + 1}`))) }])
    await finder.reach(PEER).catch(() => undefined)
    expect(door.tried.at(-1)).toHaveLength(16)
  })
})

describe('the address book', () => {
  it('forgets in time, keeps the newest first, and is bounded', () => {
    const clock = new FakeClock(0)
    const book = new AddressBook(clock)
    book.learn(PEER, [at(1)], 1000)
    clock.advance(500)
    book.learn(PEER, ['/ip4/192.0.2.2/tcp/1', at(1)], 1000)
    expect(book.addressesOf(PEER)).toEqual([at(2), at(1)])
    clock.advance(999)
    expect(book.addressesOf(PEER)).toHaveLength(2)
    clock.advance(1)
    expect(book.addressesOf(PEER)).toEqual([])
    book.learn(PEER, Array.from({ length: 50 }, (_, i) => at(i)), 1000)
    expect(book.addressesOf(PEER)).toHaveLength(8)
    book.forget(PEER)
    expect(book.addressesOf(PEER)).toEqual([])
    book.learn(PEER, [at(1)], 1000)
    for (let i = 0; i < 1024; i++) book.learn(`other ${i}`, ['/ip4/192.0.2.1/tcp/1'], 1000)
    expect(book.addressesOf(PEER)).toEqual([])
  })
})
