/** The states of the port mapper and of what is built on it, with a router that does as it is told. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { NatError, type NatErrorCode } from '../../../../node-core/network/nat/errors.ts'
import { Nat, type HostAddresses } from '../../../../node-core/network/nat/nat.ts'
import type { PeerPort } from '../../../../node-core/network/nat/port-mapper.ts'
import type { Router } from '../../../../node-core/network/nat/router.ts'
import type { NatState, PortMapping } from '../../../../node-core/network/types.ts'

class FakeRouter implements Router {
  readonly localAddress = '192.168.1.5'
  readonly name = 'a router'
  readonly forwarded = new Map<number, number>()
  readonly forwardedUdp = new Map<number, number>()
  /** Ports of TCP. */
  readonly asked: number[] = []
  udpFailure: NatErrorCode | undefined
  external = '45.33.32.1'
  taken: number[] = []
  failure: NatErrorCode | undefined
  failAfter = 0

  externalAddress(): Promise<string> {
    return Promise.resolve(this.external)
  }

  map({ transport, internal, external }: Parameters<Router['map']>[0]): Promise<void> {
    if (transport === 'udp') {
      if (this.udpFailure !== undefined) return Promise.reject(new NatError(this.udpFailure, 'no'))
      this.forwardedUdp.set(external, internal)
      return Promise.resolve()
    }
    if (this.failure !== undefined && this.asked.length >= this.failAfter) return Promise.reject(new NatError(this.failure, 'no'))
    this.asked.push(external)
    if (this.taken.includes(external)) return Promise.reject(new NatError('NAT_PORT_TAKEN', 'taken'))
    this.forwarded.set(external, internal)
    return Promise.resolve()
  }

  unmap({ transport, external }: Parameters<Router['unmap']>[0]): Promise<void> {
    const forwarded = transport === 'udp' ? this.forwardedUdp : this.forwarded
    forwarded.delete(external)
    return Promise.resolve()
  }
}

class FakeHost implements HostAddresses {
  ports: readonly number[] = [30333, 30334]
  udpPorts: readonly number[] = []
  readonly announced = new Set<string>()
  proven: string[] = []
  update: () => void = () => undefined

  peerPorts(localAddress: string): readonly PeerPort[] {
    const of = (transport: PeerPort['transport'], ports: readonly number[]): PeerPort[] => ports.map((port) => ({ transport, port }))
    return localAddress === '192.168.1.5' ? [...of('tcp', this.ports), ...of('udp', this.udpPorts)] : []
  }

  announce(_: string, { transport, externalAddress, externalPort }: PortMapping): void {
    this.announced.add(`${transport}:${externalAddress}:${externalPort}`)
  }

  withdraw(_: string, { transport, externalAddress, externalPort }: PortMapping): void {
    this.announced.delete(`${transport}:${externalAddress}:${externalPort}`)
  }

  confirmed(): readonly string[] {
    return this.proven
  }

  onUpdate(listener: () => void): () => void {
    this.update = listener
    return () => (this.update = () => undefined)
  }
}

function setUp(options: { upnp?: boolean; upnpLeaseSeconds?: number } = { upnp: true }) {
  const clock = new FakeClock()
  const router = new FakeRouter()
  const host = new FakeHost()
  const world = { present: true, searches: 0 }
  const findRouter = (): Promise<Router> => {
    world.searches++
    return world.present ? Promise.resolve(router) : Promise.reject(new NatError('NAT_ROUTER_ABSENT', 'nobody'))
  }
  const nat = new Nat({ clock, logger: silentLogger, findRouter }, options)
  const seen: NatState[] = []
  nat.events.on('changed', (state) => seen.push(state))
  const after = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await nat.idle()
  }
  return { clock, router, host, nat, seen, world, after }
}

describe('NAT', () => {
  it('asks nobody where nobody wants it', async () => {
    const { nat, host, world } = setUp({})
    nat.start(host)
    await nat.idle()
    expect(nat.state()).toEqual({ status: 'off', mappings: [], reachable: false })
    expect(world.searches).toBe(0)
    await nat.stop()
  })

  it('has every port for peers passed on, tells the host, and takes it back', async () => {
    const { nat, host, router, seen } = setUp()
    nat.start(host)
    expect(nat.state().status).toBe('searching')
    await nat.idle()
    expect(nat.state().status).toBe('mapped')
    expect(nat.state().mappings).toEqual([
      { transport: 'tcp', internalPort: 30333, externalPort: 30333, externalAddress: '45.33.32.1' },
      { transport: 'tcp', internalPort: 30334, externalPort: 30334, externalAddress: '45.33.32.1' },
    ])
    expect([...host.announced]).toEqual(['tcp:45.33.32.1:30333', 'tcp:45.33.32.1:30334'])
    await nat.stop()
    expect([router.forwarded.size, host.announced.size, nat.state().status]).toEqual([0, 0, 'off'])
    expect(seen.map(({ status }) => status)).toEqual(['searching', 'mapped', 'off'])
  })

  it('has the UDP port of QUIC passed on under the same number, and keeps those of TCP where the router refuses that', async () => {
    const { nat, host, router, after } = setUp()
    host.ports = [30333]
    host.udpPorts = [30333]
    nat.start(host)
    await nat.idle()
    expect(nat.state().mappings.map(({ transport, internalPort, externalPort }) => [transport, internalPort, externalPort])).toEqual([['tcp', 30333, 30333], ['udp', 30333, 30333]])
    expect([...host.announced]).toEqual(['tcp:45.33.32.1:30333', 'udp:45.33.32.1:30333'])
    host.proven = ['udp:45.33.32.1:30333']
    host.update()
    expect(nat.state().status).toBe('verified')
    router.udpFailure = 'NAT_ROUTER_REFUSED'
    await after(20 * 60_000)
    expect(nat.state()).toMatchObject({ status: 'mapped', mappings: [{ transport: 'tcp', externalPort: 30333 }] })
    expect([...host.announced]).toEqual(['tcp:45.33.32.1:30333'])
    router.udpFailure = 'NAT_ROUTER_SILENT'
    await after(20 * 60_000)
    expect(nat.state()).toMatchObject({ status: 'failed', problem: { code: 'NAT_ROUTER_SILENT' } })
    await nat.stop()
    expect([router.forwarded.size, host.announced.size]).toEqual([0, 0])
  })

  it('says that the router refuses where it passes on nothing but UDP was asked for', async () => {
    const { nat, host, router } = setUp()
    host.ports = []
    host.udpPorts = [30333]
    router.udpFailure = 'NAT_ROUTER_REFUSED'
    nat.start(host)
    await nat.idle()
    expect(nat.state().problem?.code).toBe('NAT_ROUTER_REFUSED')
    await nat.stop()
  })

  it('is verified when a peer outside confirmed a mapped address, and no longer when none does', async () => {
    const { nat, host, seen } = setUp()
    nat.start(host)
    await nat.idle()
    host.proven = ['tcp:45.33.32.1:9', 'udp:45.33.32.1:30333']
    host.update()
    expect(nat.state()).toMatchObject({ status: 'mapped', reachable: true })
    host.proven = ['tcp:45.33.32.1:30333']
    host.update()
    expect(nat.state()).toMatchObject({ status: 'verified', reachable: true })
    host.proven = []
    host.update()
    expect(nat.state()).toMatchObject({ status: 'mapped', reachable: false })
    expect(seen.map(({ status }) => status)).toEqual(['searching', 'mapped', 'mapped', 'verified', 'mapped'])
    await nat.stop()
  })

  it('asks again before the time is over, and follows a new address', async () => {
    const { nat, host, router, after } = setUp({ upnp: true, upnpLeaseSeconds: 100 })
    nat.start(host)
    await nat.idle()
    expect(router.asked).toHaveLength(2)
    await after(49_000)
    expect(router.asked).toHaveLength(2)
    router.external = '45.33.32.9'
    await after(1_000)
    expect(router.asked).toHaveLength(4)
    expect([...host.announced]).toEqual(['tcp:45.33.32.9:30333', 'tcp:45.33.32.9:30334'])
    await nat.stop()
    await after(100_000)
    expect(router.asked).toHaveLength(4)
  })

  it('asks a router again after twenty minutes, however long it promised: it may have been restarted', async () => {
    const { nat, host, router, after } = setUp({ upnp: true, upnpLeaseSeconds: 86_400 })
    nat.start(host)
    await nat.idle()
    await after(20 * 60_000)
    expect(router.asked).toHaveLength(4)
    await nat.stop()
  })

  it('takes another outside port where somebody has ours, and stays with it', async () => {
    const { nat, host, router, after } = setUp()
    router.taken = [30333]
    nat.start(host)
    await nat.idle()
    expect(nat.state().mappings.map(({ internalPort, externalPort }) => [internalPort, externalPort])).toEqual([[30333, 31333], [30334, 30334]])
    await after(20 * 60_000)
    expect(router.asked).toEqual([30333, 31333, 30334, 31333, 30334])
    await nat.stop()
    expect(router.forwarded.size).toBe(0)
  })

  it('gives up where every port is taken', async () => {
    const { nat, host, router } = setUp()
    host.ports = [65_000]
    router.taken = [65_000, 1_488, 2_488, 3_488, 4_488]
    nat.start(host)
    await nat.idle()
    expect(router.asked).toEqual(router.taken)
    expect(nat.state().problem?.code).toBe('NAT_PORT_TAKEN')
    await nat.stop()
  })

  it('says that there is no router, and searches again, later and later', async () => {
    const { nat, host, world, clock, after } = setUp()
    world.present = false
    nat.start(host)
    await nat.idle()
    expect(nat.state()).toMatchObject({ status: 'failed', mappings: [], problem: { code: 'NAT_ROUTER_ABSENT', message: 'nobody' } })
    expect(nat.state().problem?.hint).toContain('UPnP')
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      waits.push(((clock.nextDue() ?? NaN) - clock.now()) / 1000)
      await after(waits.at(-1)! * 1000)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600])
    world.present = true
    await after(600_000)
    expect(nat.state().status).toBe('mapped')
    expect(nat.state().problem).toBeUndefined()
    await nat.stop()
  })

  it.each(['NAT_ROUTER_REFUSED', 'NAT_ROUTER_MALFORMED', 'NAT_ROUTER_SILENT', 'NAT_ROUTER_OFFLINE'] as const)('says %s, withdraws the addresses, and comes back', async (code) => {
    const { nat, host, router, after } = setUp()
    nat.start(host)
    await nat.idle()
    router.failure = code
    await after(20 * 60_000)
    expect(nat.state()).toMatchObject({ status: 'failed', mappings: [], problem: { code } })
    expect(nat.state().problem?.hint).not.toBe('')
    expect(host.announced.size).toBe(0)
    router.failure = undefined
    await after(30_000)
    expect([nat.state().status, host.announced.size]).toEqual(['mapped', 2])
    await nat.stop()
  })

  it('takes back what a router passed on before it refused', async () => {
    const { nat, host, router } = setUp()
    router.failure = 'NAT_ROUTER_REFUSED'
    router.failAfter = 1
    nat.start(host)
    await nat.idle()
    expect([nat.state().status, router.forwarded.size]).toEqual(['failed', 1])
    await nat.stop()
    expect(router.forwarded.size).toBe(0)
  })

  it.each(['10.1.2.3', '192.168.178.2', '172.20.0.1', '100.64.0.1', '100.127.255.254', '169.254.1.1', '203.0.113.1', '240.0.0.1'])('calls a router at %s one behind another, and tells nobody', async (address) => {
    const { nat, host, router } = setUp()
    router.external = address
    nat.start(host)
    await nat.idle()
    expect(nat.state()).toMatchObject({ status: 'double-nat', problem: { code: 'NAT_DOUBLE' } })
    expect(nat.state().problem?.message).toContain(address)
    expect([host.announced.size, router.forwarded.size]).toEqual([0, 2])
    await nat.stop()
    expect(router.forwarded.size).toBe(0)
  })

  it('has nothing passed on for a node that listens for itself only', async () => {
    const { nat, host, router } = setUp()
    host.ports = []
    nat.start(host)
    await nat.idle()
    expect(nat.state().problem?.code).toBe('NAT_NO_PORTS')
    expect(router.asked).toEqual([])
    await nat.stop()
  })

  it('stops while it searches', async () => {
    const clock = new FakeClock()
    const nat = new Nat(
      { clock, logger: silentLogger, findRouter: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))) },
      { upnp: true },
    )
    nat.start(new FakeHost())
    await nat.stop()
    expect(nat.state().status).toBe('off')
    expect(clock.nextDue()).toBeUndefined()
  })
})
