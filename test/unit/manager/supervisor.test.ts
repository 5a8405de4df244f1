import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { CHAIN } from '../../../node-core/manager/kinds/chain/chain.ts'
import { HostedChain } from '../../../node-core/manager/kinds/chain/hosted.ts'
import { ManagedNetwork } from '../../../node-core/manager/managed-network.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import type { DiskLimits, Trouble } from '../../../node-core/manager/watch/troubles.ts'
import type { PortPurpose } from '../../../node-core/manager/kinds/trouble.ts'
import type { NetworkSummary } from '../../../node-core/manager/types.ts'
import { SmallVolume, whyNoVolume } from '../../helpers/small-volume.ts'
import { StandInNode } from '../../helpers/stand-in-node.ts'

/** What was begun is done, with what it asks of the disk. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 2))
  await network.idle()
}

let clock: FakeClock
/** By how much the clock on the wall was set. */
let skipped: number
let nodes: StandInNode[]
let prepare: (node: StandInNode) => void
let free: number
let told: (readonly Trouble[])[]
let statuses: NetworkSummary[]
let ports: PortPurpose[]
/** How often the settings of the time were opened. */
let opened: number
let folder: string
let network: ManagedNetwork

const last = (): StandInNode => nodes.at(-1) as StandInNode
const codes = (): string[] => network.supervisor.troubles.map(({ code }) => code)
const state = (): string => network.summary().status.state

function jump(ms: number): void {
  skipped += ms
  clock.skip(ms)
}

const PATIENT = { timeout: 30_000, interval: 5 }

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await settle()
}

beforeEach(async () => {
  clock = new FakeClock(1_000_000)
  skipped = 0
  nodes = []
  prepare = () => undefined
  free = 64e9
  told = []
  statuses = []
  ports = []
  opened = 0
  folder = await mkdtemp(join(tmpdir(), 'nodestead-supervisor-'))
  network = manage(folder)
  network.disk.free = async () => free
})

function manage(dataPath: string, diskLimits?: DiskLimits): ManagedNetwork {
  return new ManagedNetwork(
    {
      kind: CHAIN,
      create: async () => {
        const node = new StandInNode()
        prepare(node)
        nodes.push(node)
        return new HostedChain(node, { logger: silentLogger, clock, chainType: 'Development' })
      },
      clock,
      logger: silentLogger,
      onStatus: (summary) => statuses.push(summary),
      onBlock: () => undefined,
      onSettled: () => undefined,
      onTroubles: (troubles) => told.push(troubles),
      monotonic: () => clock.now() - skipped,
      changePort: async (purpose) => void ports.push(purpose),
      openTimeSettings: async () => void opened++,
      diskLimits,
    },
    { id: 'dev', kind: 'chain', name: 'Development', dataPath },
  )
}

describe('a node that fails while it runs', () => {
  it('is started again after 2, 4, 8 … seconds, and not any more after five times', async () => {
    await network.start()
    for (const [i, seconds] of [2, 4, 8, 16, 32].entries()) {
      last().fail(new Error('the disk has a fault'))
      await settle()
      expect(network.supervisor.troubles).toMatchObject([{ code: 'node-failed', outlook: { kind: 'waiting', attempt: i + 1, at: clock.now() + seconds * 1000 } }])
      expect(network.summary().status.restartAt).toBe(clock.now() + seconds * 1000)
      await pass(seconds * 1000 - 1)
      expect([state(), nodes.length]).toEqual(['failed', i + 1])
      await pass(1)
      expect([state(), nodes.length, codes()]).toEqual(['running', i + 2, []])
    }
    last().fail(new Error('the disk has a fault'))
    await settle()
    expect(network.supervisor.troubles).toMatchObject([{ code: 'node-failed', outlook: { kind: 'gave-up', attempts: 5 } }])
    await pass(3_600_000)
    expect([state(), nodes.length]).toEqual(['failed', 6])

    await network.supervisor.act('node-failed', 'start')
    expect([state(), codes()]).toEqual(['running', []])
    last().fail(new Error('once more'))
    await settle()
    expect(network.supervisor.troubles[0]?.outlook).toMatchObject({ kind: 'waiting', attempt: 1 })
  })

  it('goes on trying where starting again fails', async () => {
    await network.start()
    prepare = (node) => (node.startError = new Error('still'))
    last().fail(new Error('first'))
    await settle()
    await pass(2_000)
    expect(network.supervisor.troubles).toMatchObject([{ message: 'still', outlook: { kind: 'waiting', attempt: 2 } }])
  })

  it('is left alone once it is stopped', async () => {
    await network.start()
    last().fail(new Error('no'))
    await settle()
    await network.stop()
    await pass(60_000)
    expect([state(), nodes.length, codes()]).toEqual(['stopped', 1, []])
  })

  it.each(['STATE_DB_LOCKED', 'RPC_PORT_IN_USE'])('by %s waits for a person', async (code) => {
    await network.start()
    last().fail(new NodeError(code, 'no'))
    await settle()
    expect(network.supervisor.troubles[0]?.outlook).toBeUndefined()
    await pass(60_000)
    expect([state(), nodes.length]).toEqual(['failed', 1])
  })
})

describe('a start by hand that fails', () => {
  it('is answered, and waits; another port mends it', async () => {
    prepare = (node) => (node.startError = new NodeError('RPC_PORT_IN_USE', 'Port 9944 is taken.', { data: { port: 9944 } }))
    await expect(network.start()).rejects.toThrow('Port 9944')
    expect(network.supervisor.troubles).toMatchObject([{ code: 'port-in-use', port: 9944, since: 1_000_000, outlook: undefined }])
    prepare = () => undefined
    await network.supervisor.act('port-in-use', 'free-port')
    expect([ports, state(), codes()]).toEqual([['rpc'], 'running', []])
  })

  it('by a damaged database puts it aside, and keeps it', async () => {
    await mkdir(join(folder, 'db'))
    await writeFile(join(folder, 'db', 'CURRENT'), 'x')
    prepare = (node) => (node.startError = new NodeError('STATE_DB_CORRUPT', 'damaged'))
    await expect(network.start()).rejects.toThrow('damaged')
    prepare = () => undefined
    await network.supervisor.act('database-unusable', 'set-aside')
    expect((await readdir(folder)).filter((name) => name.startsWith('db'))).toEqual(['db.aside-1970-01-01T00-16-40'])
    expect(state()).toBe('running')
  })

  it('does nothing where the trouble is gone', async () => {
    await expect(network.supervisor.act('port-in-use', 'start')).rejects.toMatchObject({ code: 'TROUBLE_GONE' })
    await network.start()
    await expect(network.supervisor.act('disk-low', 'restart')).rejects.toMatchObject({ code: 'TROUBLE_GONE' })
  })
})

describe('the disk', () => {
  it('warns, then stops the node cleanly, and lets it start when there is room', async () => {
    await network.start()
    free = 2e9
    await pass(35_000)
    expect(codes()).toEqual(['disk-low'])
    free = 4e8
    await pass(35_000)
    expect([state(), codes(), last().calls]).toEqual(['failed', ['disk-full'], ['start', 'stop']])
    await pass(60_000)
    await expect(network.supervisor.act('disk-full', 'start')).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(nodes).toHaveLength(1)
    free = 64e9
    await network.supervisor.act('disk-full', 'start')
    expect([state(), codes()]).toEqual(['running', []])
  })

  it.skipIf(whyNoVolume() !== undefined)('is a real one: a small volume that fills up', async () => {
    const volume = new SmallVolume(32 * 2 ** 20)
    try {
      const small = manage(volume.path, { warnBytes: 24e6, stopBytes: 12e6 })
      await small.start()
      expect(small.supervisor.troubles).toEqual([])
      await writeFile(join(volume.path, 'a'), new Uint8Array(12e6))
      // The system answers from a thread of its own, when it comes to it.
      await pass(35_000)
      await vi.waitFor(() => expect(small.supervisor.troubles).toMatchObject([{ code: 'disk-low' }]), PATIENT)
      await writeFile(join(volume.path, 'b'), new Uint8Array(12e6))
      await pass(35_000)
      await vi.waitFor(() => expect(small.supervisor.troubles).toMatchObject([{ code: 'disk-full' }]), PATIENT)
      await small.idle()
      expect(last().calls).toEqual(['start', 'stop'])
      await rm(join(volume.path, 'a'))
      await rm(join(volume.path, 'b'))
      await small.supervisor.act('disk-full', 'start')
      expect(small.summary().status.state).toBe('running')
      await small.stop()
    } finally {
      volume.remove()
    }
  })

  it('is looked at again when asked', async () => {
    await network.start()
    free = 2e9
    await pass(35_000)
    free = 64e9
    await network.supervisor.act('disk-low', 'check')
    expect(codes()).toEqual([])
  })

  it('that has become full meanwhile stops the node when it is looked at', async () => {
    await network.start()
    free = 2e9
    await pass(35_000)
    free = 4e8
    await network.supervisor.act('disk-low', 'check')
    await settle()
    expect([state(), codes(), last().calls]).toEqual(['failed', ['disk-full'], ['start', 'stop']])
  })
})

describe('the clock', () => {
  it('jumps: the node looks after its connections, and the card can be put aside', async () => {
    await network.start()
    await pass(10_000)
    jump(7_200_000)
    await pass(5_000)
    expect(network.supervisor.troubles).toMatchObject([{ code: 'clock-jumped', byMs: 7_200_000 }])
    expect(last().surroundings.told).toContain('reconnect')
    await network.supervisor.act('clock-jumped', 'dismiss')
    expect(codes()).toEqual([])
    await pass(60_000)
    expect(codes()).toEqual([])
  })

  it('that jumped over a sleep which was told is no news', async () => {
    await network.start()
    await pass(10_000)
    jump(7_200_000)
    network.supervisor.onWake()
    await pass(5_000)
    expect([codes(), last().surroundings.told]).toEqual([[], ['forget-clock', 'reconnect']])
  })

  it('is wrong until the peers are heard anew', async () => {
    await network.start()
    last().surroundings.clockReading = { offsetMs: -120_000, peers: 4 }
    await pass(5_000)
    expect(network.supervisor.troubles).toMatchObject([{ code: 'clock-wrong', offsetMs: -120_000, peers: 4 }])
    await network.supervisor.act('clock-wrong', 'time-settings')
    // It is wrong until it was set.
    expect([opened, codes()]).toEqual([1, ['clock-wrong']])
    await network.supervisor.act('clock-wrong', 'check')
    expect(codes()).toEqual([])
  })
})

describe('the others', () => {
  it('are missed after a minute, on a network that has some', async () => {
    prepare = (node) => (node.surroundings.expectsPeers = true)
    await network.start()
    await pass(55_000)
    expect(codes()).toEqual([])
    await pass(10_000)
    expect(codes()).toEqual(['no-peers'])
    await network.supervisor.act('no-peers', 'reconnect')
    expect([codes(), last().surroundings.told]).toEqual([[], ['reconnect']])
  })

  it('are missed more by an authority that makes no blocks alone, and the status says so at once', async () => {
    prepare = (node) => (node.surroundings.expectsPeers = true)
    await network.start()
    last().surroundings.hold = { kind: 'alone', authorities: 4 }
    const before = statuses.length
    await pass(5_000)
    expect(statuses.length).toBeGreaterThan(before)
    expect([statuses.at(-1)?.status.details?.hold, codes()]).toEqual([{ kind: 'alone', authorities: 4 }, []])
    await pass(60_000)
    expect(codes()).toEqual(['authoring-alone'])
    last().surroundings.hold = undefined
    await pass(5_000)
    expect(statuses.at(-1)?.status.details?.hold).toBeUndefined()
    expect(codes()).toEqual(['no-peers'])
  })

  it('tells each change once, and asks the router once more', async () => {
    prepare = (node) => (node.surroundings.expectsPeers = true)
    await network.start()
    last().network.natState = { status: 'failed', mappings: [], reachable: false, problem: { code: 'NAT_ROUTER_REFUSED', message: 'No.', hint: 'Allow it.' } }
    await pass(30_000)
    expect(told.map((troubles) => troubles.map(({ code }) => code))).toEqual([['router']])
    await network.supervisor.act('router', 'ask-router')
    expect(last().surroundings.told).toEqual(['ask-router'])
    await network.stop()
    expect(told.at(-1)).toEqual([])
  })
})

describe('a network on a runtime that is not ours', () => {
  it('is told where it is one of our own on the runtime that was lent, each time its node starts, until it is put aside', async () => {
    prepare = (node) => (node.runtimeName = 'rococo')
    await network.start()
    await settle()
    expect(codes()).toEqual(['old-runtime'])
    await network.supervisor.act('old-runtime', 'dismiss')
    expect(codes()).toEqual([])
    await network.restart()
    await settle()
    expect(codes()).toEqual(['old-runtime'])
  })

  it('is no matter where it is any other', async () => {
    prepare = (node) => (node.runtimeName = 'westend')
    await network.start()
    await settle()
    expect(codes()).toEqual([])
  })
})
