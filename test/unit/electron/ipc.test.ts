/** The link over IPC, both halves: the server with windows made of plain objects, and the client's link on top. */
import { createTRPCClient } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { EVENT_WINDOW, type IpcEvent, type IpcRequest, type NodesteadBridge } from '../../../electron/channel.ts'
import { IpcServer, MAX_REQUESTS, MAX_SUBSCRIPTIONS, type IpcSender } from '../../../electron/ipc.ts'
import type { NetworksBatch } from '../../../node-core/api/network/networks.ts'
import type { AppRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { ACKNOWLEDGE_EVERY, ipcLink } from '../../../renderer/trpc/ipc-link.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const app = { name: 'Nodestead', version: '0', host: 'desktop', platform: 'linux' } as const

function setUp() {
  const clock = new FakeClock()
  const manager = new FakeManager({ clock })
  const server = new IpcServer({ context: { manager, app, clock }, logger: silentLogger })
  return { clock, manager, server }
}

function window(id = 1, trusted = true): IpcSender & { readonly events: IpcEvent[] } {
  const events: IpcEvent[] = []
  return { id, trusted, url: 'app://nodestead/', events, send: (event) => events.push(structuredClone(event)) }
}

/** As the channel does it: text there and text back. */
async function handle(server: IpcServer, sender: IpcSender, message: unknown): Promise<unknown> {
  return JSON.parse(JSON.stringify(await server.handle(sender, typeof message === 'string' ? message : JSON.stringify(message))))
}

async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve()
}

const problem = (code: string, problemCode: string) => ({ error: { data: { code, problem: { code: problemCode } } } })

describe('IpcServer', () => {
  it('answers queries and mutations', async () => {
    const { server, manager } = setUp()
    expect(await handle(server, window(), { kind: 'query', path: 'app.info' })).toEqual({ data: app })
    await handle(server, window(), { kind: 'mutation', path: 'node.start', input: { network: 'dev' } })
    expect(manager.networks()[0]?.status.state).toBe('running')
  })

  it('refuses a sender that is not our page, whatever it says', async () => {
    const { server, manager } = setUp()
    const foreign = window(1, false)
    for (const message of [{ kind: 'query', path: 'app.info' }, { kind: 'mutation', path: 'node.start', input: { network: 'dev' } }, 'junk']) {
      expect(await handle(server, foreign, message)).toMatchObject(problem('FORBIDDEN', 'IPC_FOREIGN_SENDER'))
    }
    expect(manager.networks()[0]?.status.state).toBe('stopped')
  })

  it.each([
    ['a query as a mutation', { kind: 'mutation', path: 'app.info' }, 'API_NO_SUCH_PROCEDURE'],
    ['a mutation as a query', { kind: 'query', path: 'node.start', input: { network: 'dev' } }, 'API_NO_SUCH_PROCEDURE'],
    ['a procedure that is not there', { kind: 'query', path: 'node.explode' }, 'API_NO_SUCH_PROCEDURE'],
    ['a name every object has', { kind: 'query', path: 'constructor' }, 'API_NO_SUCH_PROCEDURE'],
    ['bad input', { kind: 'mutation', path: 'node.start', input: { network: 7 } }, 'API_BAD_INPUT'],
    ['no request at all', 42, 'IPC_BAD_MESSAGE'],
  ])('answers %s with a typed error', async (_what, message, code) => {
    const { server, manager } = setUp()
    const reply = await handle(server, window(), message)
    expect(reply).toMatchObject({ error: { data: { problem: { code } } } })
    expect(JSON.stringify(reply)).not.toContain('stack')
    expect(manager.networks()[0]?.status.state).toBe('stopped')
  })

  it('ends subscriptions with their window, and only those', async () => {
    const { server, manager } = setUp()
    const [one, two] = [window(1), window(2)]
    for (const sender of [one, two]) await handle(server, sender, { kind: 'subscribe', id: 1, path: 'networks.watch' })
    await settle()
    expect([server.subscriptionCount, manager.events.listenerCount('status')]).toEqual([2, 2])
    server.endWindow(1)
    await settle()
    expect([server.subscriptionCount, manager.events.listenerCount('status')]).toEqual([1, 1])
    const before = one.events.length
    manager.setStatus('dev', { peers: 3 })
    await settle()
    expect(one.events.length).toBe(before)
  })

  it('ends a subscription that the window does not want any more', async () => {
    const { server, manager } = setUp()
    const sender = window()
    await handle(server, sender, { kind: 'subscribe', id: 5, path: 'logs.watch', input: { tail: 1 } })
    await settle()
    await handle(server, sender, { kind: 'unsubscribe', id: 5 })
    await settle()
    expect([server.subscriptionCount, manager.events.listenerCount('log')]).toEqual([0, 0])
  })

  it('bounds subscriptions, requests under way, and refuses a number used twice', async () => {
    const { server } = setUp()
    const sender = window()
    const subscribe = (id: number) => handle(server, sender, { kind: 'subscribe', id, path: 'networks.watch' })
    expect(await subscribe(1)).toEqual({})
    expect(await subscribe(1)).toMatchObject(problem('BAD_REQUEST', 'IPC_BAD_MESSAGE'))
    for (let id = 2; id <= MAX_SUBSCRIPTIONS; id++) await subscribe(id)
    expect(await subscribe(100)).toMatchObject(problem('TOO_MANY_REQUESTS', 'IPC_TOO_MANY'))
    const replies = await Promise.all(Array.from({ length: MAX_REQUESTS + 1 }, () => handle(server, sender, { kind: 'query', path: 'app.info' })))
    expect(replies.filter((reply) => 'error' in (reply as object))).toHaveLength(1)
    expect(await handle(server, sender, { kind: 'query', path: 'app.info' })).toEqual({ data: app })
  })

  it('sends no more than the window acknowledges', async () => {
    const { server, manager, clock } = setUp()
    const sender = window()
    await handle(server, sender, { kind: 'subscribe', id: 1, path: 'networks.watch' })
    for (let peers = 1; peers <= 2 * EVENT_WINDOW; peers++) {
      await settle()
      manager.setStatus('dev', { peers })
      clock.advance(100)
    }
    await settle()
    expect(sender.events).toHaveLength(EVENT_WINDOW)
    await handle(server, sender, { kind: 'acknowledge', id: 1, count: 8 })
    await settle()
    clock.advance(100)
    await settle()
    // What waited is told in one message: how it is now.
    const last = sender.events.at(-1) as Extract<IpcEvent, { kind: 'data' }>
    expect(sender.events).toHaveLength(EVENT_WINDOW + 1)
    expect((last.data as NetworksBatch).networks[0]?.status.peers).toBe(2 * EVENT_WINDOW)
  })
})

describe('ipcLink', () => {
  function connect() {
    const { server, manager, clock } = setUp()
    const listeners = new Set<(event: string) => void>()
    const requests: IpcRequest[] = []
    const sender: IpcSender = {
      id: 1,
      trusted: true,
      url: 'app://nodestead/',
      send: (event) => listeners.forEach((listener) => listener(JSON.stringify(event))),
    }
    const bridge: NodesteadBridge = {
      request: async (message) => {
        requests.push(JSON.parse(message) as IpcRequest)
        return JSON.stringify(await server.handle(sender, message))
      },
      pathOf: () => '',
      onEvent: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    return { client: createTRPCClient<AppRouter>({ links: [ipcLink(bridge)] }), server, manager, clock, requests }
  }

  it('carries queries, mutations and their errors', async () => {
    const { client } = connect()
    expect(await client.app.info.query()).toEqual(app)
    await expect(client.node.start.mutate({ network: 'nowhere' })).rejects.toMatchObject({
      message: 'Network "nowhere" does not exist.',
      data: { problem: { code: 'API_UNKNOWN_NETWORK', hint: 'Known networks: dev, local.' } },
    })
  })

  it('carries subscriptions, acknowledges, and ends them', async () => {
    const { client, server, manager, clock, requests } = connect()
    const seen: number[] = []
    const subscription = client.networks.watch.subscribe(undefined, { onData: ({ networks }) => seen.push(networks[0]?.status.peers ?? -1) })
    for (let peers = 1; peers <= 100; peers++) {
      await settle()
      clock.advance(100)
      await settle()
      manager.setStatus('dev', { peers })
    }
    await settle()
    // More than the server sends ahead: without acknowledgements it would have stopped.
    expect(seen.length).toBeGreaterThan(EVENT_WINDOW)
    expect(seen.at(-1)).toBe(100)
    subscription.unsubscribe()
    await settle()
    expect(server.subscriptionCount).toBe(0)
    expect(requests.at(-1)).toEqual({ kind: 'unsubscribe', id: 1 })
  })

  it('tells a subscription that was refused', async () => {
    const { client } = connect()
    const error = await new Promise<unknown>((resolve) => {
      client.blocks.watch.subscribe({ network: 'nowhere', count: 1 }, { onError: resolve })
    })
    expect(error).toMatchObject({ data: { problem: { code: 'API_UNKNOWN_NETWORK' } } })
  })

  it('acknowledges before the other side runs dry', () => {
    expect(ACKNOWLEDGE_EVERY).toBeLessThan(EVENT_WINDOW)
  })
})
