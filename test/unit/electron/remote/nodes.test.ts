/** Managing another node: which windows there are, who answers them, and what is remembered. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localCaller } from '../../../../electron/caller.ts'
import type { IpcEvent } from '../../../../electron/channel.ts'
import { IpcServer, type IpcSender } from '../../../../electron/ipc.ts'
import { RememberedNodes, rememberedSchema, type RememberedNode } from '../../../../electron/remote/remembered.ts'
import { RemoteNodes, type RemoteWindow } from '../../../../electron/remote/nodes.ts'
import { DashboardService } from '../../../../node-core/api/server/dashboard-service.ts'
import { systemClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { NO_VAULT, type PassphraseVault } from '../../../../node-core/keystore/vault.ts'
import { FakeManager } from '../../../helpers/fake-manager.ts'

const TOKEN = 'a-token-that-only-this-test-knows'
const APP = { name: 'Nodestead', version: '0', host: 'desktop', platform: 'linux' } as const

/** Turned around is sealed enough to see who looks. */
const turn = (text: string): string => [...text].reverse().join('')
const KEYRING: PassphraseVault = {
  refusal: () => undefined,
  seal: (text) => new TextEncoder().encode(turn(text)),
  open: (sealed) => turn(new TextDecoder().decode(sealed)),
}

class FakeWindow implements RemoteWindow {
  readonly id: number
  revealed = 0
  readonly #listeners: (() => void)[] = []

  constructor(id: number) {
    this.id = id
  }

  reveal(): void {
    this.revealed++
  }

  close(): void {
    for (const listener of this.#listeners.splice(0)) listener()
  }

  onClosed(listener: () => void): void {
    this.#listeners.push(listener)
  }
}

let folder: string
let service: DashboardService
let there: FakeManager

async function serve(port: number, token = TOKEN): Promise<void> {
  const app = { name: 'Nodestead', version: '0', host: 'headless', platform: 'linux' } as const
  service = new DashboardService({ manager: there, logger: silentLogger }, { port, assetsPath: folder, app, token })
  await service.start()
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-remote-'))
  await writeFile(join(folder, 'index.html'), '')
  there = new FakeManager({ clock: systemClock })
  await serve(0)
})

afterEach(async () => {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})

function setUp(vault: PassphraseVault = KEYRING) {
  const here = new FakeManager({ clock: systemClock })
  const context = { manager: here, app: APP, clock: systemClock }
  const kept: { remoteNodes: RememberedNode[] } = { remoteNodes: [] }
  const remembered = new RememberedNodes({ get: () => kept, update: (change) => Object.assign(kept, change) }, vault)
  const windows: FakeWindow[] = []
  const titles: string[] = []
  let shown = 0
  let allClosed = 0
  const nodes = new RemoteNodes({
    remembered,
    clock: systemClock,
    logger: silentLogger,
    openWindow: ({ name, address }) => {
      titles.push(`${name} (${address})`)
      const window = new FakeWindow(100 + windows.length)
      windows.push(window)
      return window
    },
    localCaller: (managed) => localCaller({ ...context, managed }),
    showApp: () => shown++,
    onAllClosed: () => allClosed++,
  })
  const ipc = new IpcServer({ context: { ...context, remote: nodes }, logger: silentLogger, callerOf: (id) => nodes.callerOf(id) })
  const ask = async (window: number, message: unknown, events: IpcEvent[] = []) => {
    const sender: IpcSender = { id: window, trusted: true, url: 'app://nodestead/', send: (event) => events.push(event) }
    return JSON.parse(JSON.stringify(await ipc.handle(sender, JSON.stringify(message)))) as { data?: unknown; error?: { data: { problem: { code: string } } } }
  }
  const address = new URL(service.address).host
  const connect = (change: Partial<{ address: string; token: string; name: string }> = {}) => nodes.connect({ address: `http://${address}/#token=${TOKEN}`, token: '', name: '', ...change })
  return { here, nodes, ipc, ask, connect, windows, titles, kept, address, shown: () => shown, allClosed: () => allClosed }
}

const INFO = { kind: 'query', path: 'app.info' }

describe('a window for another node', () => {
  it('is answered by that node; the app’s own by this computer, whatever they say', async () => {
    const { ask, connect, windows, here, address, titles } = setUp()
    await connect({ name: 'Attic' })
    const id = windows[0]?.id ?? 0
    expect(titles).toEqual([`Attic (${address})`])
    expect((await ask(1, INFO)).data).toMatchObject({ host: 'desktop' })
    expect((await ask(id, INFO)).data).toMatchObject({ host: 'headless' })
    await ask(id, { kind: 'mutation', path: 'node.start', input: { network: 'dev' } })
    expect([there.networks()[0]?.status.state, here.networks()[0]?.status.state]).toEqual(['running', 'stopped'])
    windows[0]?.close()
  })

  it('says which node it is and how it is reached, and can do nothing of the app’s', async () => {
    const { ask, connect, windows, address } = setUp()
    await connect({ name: 'Attic' })
    const id = windows[0]?.id ?? 0
    const events: IpcEvent[] = []
    await ask(id, { kind: 'subscribe', id: 1, path: 'remote.managed' }, events)
    await expect.poll(() => events[0]).toEqual({ id: 1, kind: 'data', data: { name: 'Attic', address, state: { kind: 'open' } } })
    await service.stop()
    await expect.poll(() => events[1], { timeout: 20_000 }).toMatchObject({ data: { state: { kind: 'lost' } } })
    for (const [path, input] of [['remote.connect', { address: 'x', token: 'x', name: '' }], ['remote.open', { address }], ['remote.forget', { address }]] as const) {
      expect((await ask(id, { kind: 'mutation', path, input })).error?.data.problem.code).toBe('REMOTE_NOT_HERE')
    }
    windows[0]?.close()
  })

  it('ends its connection when it closes', async () => {
    const { nodes, connect, windows, allClosed, ask } = setUp()
    await connect()
    const id = windows[0]?.id ?? 0
    await ask(id, { kind: 'subscribe', id: 1, path: 'networks.watch' })
    await expect.poll(() => there.events.listenerCount('status')).toBe(1)
    windows[0]?.close()
    await expect.poll(() => there.events.listenerCount('status')).toBe(0)
    expect([nodes.openWindows, nodes.callerOf(id), allClosed()]).toEqual([0, undefined, 1])
  })

  it('there is one to a node: it comes to the front', async () => {
    const { nodes, connect, windows, address } = setUp()
    await connect()
    nodes.open(address)
    nodes.ask(address)
    expect([windows.length, windows[0]?.revealed]).toEqual([1, 2])
    // Entered anew it is connected anew.
    await connect()
    expect([windows.length, nodes.openWindows]).toEqual([2, 1])
    windows[1]?.close()
  })

  it.each([
    ['a wrong token', { token: 'wrong' }, 'REMOTE_TOKEN_REFUSED'],
    ['a port where nobody is', { address: 'http://127.0.0.1:1', token: TOKEN }, 'REMOTE_NO_ANSWER'],
    ['another computer', { address: 'http://192.0.2.1:9955', token: TOKEN }, 'REMOTE_NOT_LOOPBACK'],
  ])('is not opened for %s, and nothing is remembered', async (_what, change, code) => {
    const { connect, windows, kept } = setUp()
    await expect(connect(change)).rejects.toMatchObject({ code })
    expect([windows.length, kept.remoteNodes]).toEqual([0, []])
  })
})

describe('what is remembered', () => {
  it('is name, address and the sealed token, and opens without asking', async () => {
    const { nodes, connect, windows, kept, address, titles } = setUp()
    await connect({ name: ' Attic ' })
    windows[0]?.close()
    expect(nodes.list()).toEqual([{ address, name: 'Attic', hasToken: true }])
    expect(JSON.stringify(kept)).not.toContain(TOKEN)
    expect(rememberedSchema.parse(kept.remoteNodes)).toEqual(kept.remoteNodes)
    nodes.open(address)
    expect(titles).toEqual([`Attic (${address})`, `Attic (${address})`])
    windows[1]?.close()
    nodes.forget(address)
    expect(nodes.list()).toEqual([])
    expect(() => nodes.open(address)).toThrow('not kept')
  })

  it('keeps no token where there is no keyring, and asks for it', async () => {
    const { nodes, connect, windows, kept, address, shown } = setUp(NO_VAULT)
    await connect()
    windows[0]?.close()
    expect(kept.remoteNodes).toEqual([{ address, name: address }])
    expect(() => nodes.open(address)).toThrow('not kept')
    nodes.ask(address)
    expect([windows.length, shown(), nodes.takeRequest(), nodes.takeRequest()]).toEqual([1, 1, { address }, undefined])
  })

  it('asks for the token where the node does not accept the old one', async () => {
    const { nodes, connect, windows, address, shown, ask } = setUp()
    await connect()
    const port = Number(new URL(service.address).port)
    await service.stop()
    await serve(port, 'another-token')
    const id = windows[0]?.id ?? 0
    await expect.poll(async () => (await ask(id, INFO)).error?.data.problem.code, { timeout: 20_000 }).toBe('REMOTE_TOKEN_REFUSED')
    expect(() => nodes.open(address)).toThrow('does not accept the token')
    nodes.ask(address)
    expect([windows.length, shown()]).toEqual([1, 1])
    await connect({ address, token: 'another-token' })
    expect([windows.length, nodes.openWindows]).toEqual([2, 1])
    windows[1]?.close()
  }, 40_000)
})
