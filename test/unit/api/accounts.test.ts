import { describe, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { polkadotAppsUrl } from '../../../node-core/api/network/polkadot-apps.ts'
import type { AccountsBatch } from '../../../node-core/api/network/accounts.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { NodeError } from '../../../node-core/base/errors.ts'
import { ALICE, RICH } from '../../helpers/fake-accounts.ts'
import { FakeManager, type FakeRunningNode } from '../../helpers/fake-manager.ts'

async function setUp(isRunning = true, browser?: { openPolkadotApps(address: string | undefined): Promise<boolean> }) {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  if (isRunning) await manager.start('dev')
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const abort = new AbortController()
  const caller = appRouter.createCaller({ manager, app, clock, browser }, { signal: abort.signal })
  return { clock, abort, caller, node: manager.node('dev') as FakeRunningNode }
}

describe('the accounts of a network', () => {
  it('are told while its node runs, and sent from', async () => {
    const { caller, node, abort } = await setUp()
    node.accounts.current = RICH
    const batches = (await caller.accounts.watch({ network: 'dev' }))[Symbol.asyncIterator]() as AsyncIterator<AccountsBatch>
    expect((await batches.next()).value).toEqual({ state: RICH })
    abort.abort()
    const request = { from: ALICE.address, to: 'bob', amount: '1.5' }
    expect(await caller.accounts.send({ network: 'dev', ...request })).toMatchObject({ state: 'pooled' })
    expect(node.accounts.sent).toEqual([request])
    await caller.accounts.dismiss({ network: 'dev' })
    expect(node.accounts.dismissed).toBe(1)
  })

  it('refuse with what the node says, and only a node that runs sends', async () => {
    const { caller, node } = await setUp()
    node.accounts.refusal = new NodeError('TRANSFER_TOO_MUCH', 'The account has less.')
    await expect(caller.accounts.send({ network: 'dev', from: '', to: '', amount: '1' })).rejects.toMatchObject({ cause: { code: 'TRANSFER_TOO_MUCH' } })
    const stopped = await setUp(false)
    await expect(stopped.caller.accounts.send({ network: 'dev', from: '', to: '', amount: '1' })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  })
})

describe('blocks on request', () => {
  it('are made and made final where the chain is sealed, and refused where consensus decides', async () => {
    const { caller, node } = await setUp()
    await expect(caller.development.seal({ network: 'dev' })).rejects.toMatchObject({ cause: { code: 'API_NOT_SEALED' } })
    const best = node.blocks.best()
    const asked: string[] = []
    node.sealing = { mode: 'manual', seal: async () => (asked.push('seal'), best), finalize: async (hash) => void asked.push(hash) }
    expect(await caller.development.seal({ network: 'dev' })).toEqual(best)
    expect(await caller.development.finalize({ network: 'dev' })).toEqual(best)
    expect(asked).toEqual(['seal', best.hash])
  })
})

describe('the way to polkadot.js', () => {
  it('goes to its page with the port of a node of this computer, and nowhere else', () => {
    expect(polkadotAppsUrl('ws://127.0.0.1:9944')).toBe('https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F127.0.0.1%3A9944')
    for (const address of [undefined, '', '127.0.0.1:9944', 'ws://127.0.0.1:0', 'ws://127.0.0.1:99999', 'ws://192.0.2.1:9944', 'ws://127.0.0.1:9944/x', 'ws://127.0.0.1:9944@example.org', 'wss://127.0.0.1:9944']) {
      expect(polkadotAppsUrl(address)).toBeUndefined()
    }
  })

  it('is opened by the app alone, with the address that the node says', async () => {
    const opened: (string | undefined)[] = []
    const { caller } = await setUp(true, { openPolkadotApps: async (address) => (opened.push(address), true) })
    expect(await caller.development.openApps({ network: 'dev' })).toBe(true)
    expect(opened).toEqual(['ws://127.0.0.1:9944'])
    const { caller: headless } = await setUp()
    expect(await headless.development.appsUrl({ network: 'dev' })).toBe('https://polkadot.js.org/apps/?rpc=ws%3A%2F%2F127.0.0.1%3A9944')
    await expect(headless.development.openApps({ network: 'dev' })).rejects.toMatchObject({ cause: { code: 'NO_BROWSER' } })
  })
})
