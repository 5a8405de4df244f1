import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { NodeIdentity } from '../../../node-core/network/host/identity.ts'
import { PeerMemory } from '../../../node-core/network/peers/peer-memory.ts'

const DAY_MS = 24 * 3_600_000
let folder: string
let clock: FakeClock
let logs: LogRecord[]
/** Where the host says that peers listen. */
let listening: Record<string, readonly string[]>

const ID = (n: number): string => new NodeIdentity(new Uint8Array(32).fill(n)).peerId
const at = (ip: string, port = 30333): string => `/ip4/${ip}/tcp/${port}`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-peers-'))
  clock = new FakeClock(1_700_000_000_000)
  logs = []
  listening = {}
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function open(): PeerMemory {
  const logger = createLogger([(record) => logs.push(record)], { default: 'debug' })
  return new PeerMemory({ clock, logger, addressesOf: async (peer) => listening[peer] ?? [] }, folder)
}

/** What a node of the next start knows. */
async function reloaded(memory: PeerMemory) {
  await memory.flush()
  return open().load()
}

describe('peers that were good', () => {
  it('are remembered with the address that answered first, then those that they tell', async () => {
    const memory = open()
    listening[ID(1)] = [at('192.0.2.1', 30334), at('192.0.2.1')]
    await memory.seen(ID(1), at('192.0.2.1'))
    listening[ID(2)] = [at('198.51.100.7')]
    clock.advance(1000)
    await memory.seen(ID(2), undefined)
    expect(await reloaded(memory)).toEqual([
      { peerId: ID(2), addresses: [at('198.51.100.7')], lastSeen: clock.now(), chosen: false, reserved: false },
      { peerId: ID(1), addresses: [at('192.0.2.1'), at('192.0.2.1', 30334)], lastSeen: clock.now() - 1000, chosen: true, reserved: false },
    ])
    expect((await stat(join(folder, 'network/peers.json'))).mode & 0o777).toBe(0o600)
  })

  it('that came to us and do not say where they listen cannot be found again', async () => {
    const memory = open()
    await memory.seen(ID(1), undefined)
    expect(await reloaded(memory)).toEqual([])
  })

  it('are forgotten after a month, unless a place is reserved', async () => {
    const memory = open()
    await memory.seen(ID(1), at('192.0.2.1'))
    memory.reserve(ID(2), `${at('192.0.2.2')}/p2p/${ID(2)}`)
    clock.advance(31 * DAY_MS)
    expect((await reloaded(memory)).map(({ peerId }) => peerId)).toEqual([ID(2)])
  })

  it('are so many at the most, those that we chose first, and of those that came few of a site', async () => {
    const memory = open()
    for (let i = 1; i <= 20; i++) {
      listening[ID(i)] = [at(`198.51.100.${i}`)]
      await memory.seen(ID(i), undefined)
    }
    expect(await reloaded(memory)).toHaveLength(4)
    for (let i = 21; i <= 220; i++) await memory.seen(ID(i), at(`198.51.${i}.1`))
    const kept = await reloaded(memory)
    expect([kept.length, kept.every(({ chosen }) => chosen)]).toEqual([128, true])
  })

  it('nearby are not counted by site: a household has one', async () => {
    const memory = open()
    for (let i = 1; i <= 20; i++) {
      listening[ID(i)] = [at(`192.168.1.${i}`)]
      await memory.seen(ID(i), undefined)
    }
    expect(await reloaded(memory)).toHaveLength(20)
  })
})

describe('a reserved place', () => {
  it('is kept, given up, and kept of who is known by id alone', async () => {
    const memory = open()
    await memory.seen(ID(1), at('192.0.2.1'))
    memory.reserve(ID(1), `/p2p/${ID(1)}`)
    memory.reserve(ID(2), `${at('192.0.2.2')}/p2p/${ID(2)}`)
    expect(await reloaded(memory)).toMatchObject([{ peerId: ID(1), addresses: [at('192.0.2.1')], reserved: true }, { peerId: ID(2), reserved: true }])
    memory.unreserve(ID(2))
    expect(await reloaded(memory)).toMatchObject([{ reserved: true }, { peerId: ID(2), reserved: false }])
  })

  it('goes with who is banned by hand', async () => {
    const memory = open()
    await memory.seen(ID(1), at('192.0.2.1'))
    memory.forget(ID(1))
    expect(await reloaded(memory)).toEqual([])
  })
})

describe('a file', () => {
  it.each([['damaged', '{"version":1,"peers":[{'], ['of a newer version', '{"version":2,"peers":[]}'], ['with what is no peer', JSON.stringify({ version: 1, peers: [{ peerId: 'me', addresses: ['there'], lastSeen: 0, chosen: true, reserved: true }] })]])('that is %s costs the memory, not the start', async (_what, text) => {
    const memory = open()
    await memory.seen(ID(1), at('192.0.2.1'))
    await memory.flush()
    await writeFile(join(folder, 'network/peers.json'), text)
    const next = open()
    expect(await next.load()).toEqual([])
    expect(logs.map(({ message }) => message)).toContain('the list of known peers cannot be read')
    await next.seen(ID(2), at('192.0.2.2'))
    await next.flush()
    expect(JSON.parse(await readFile(join(folder, 'network/peers.json'), 'utf8'))).toMatchObject({ peers: [{ peerId: ID(2) }] })
  })

  it('is not made where the data folder is gone', async () => {
    const memory = open()
    await rm(folder, { recursive: true })
    await memory.seen(ID(1), at('192.0.2.1'))
    await memory.flush()
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
