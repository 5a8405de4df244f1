/** Keys as the screen sees them: public things always, the words of a phrase once, no other secret ever. */
import { getTRPCErrorFromUnknown, getTRPCErrorShape } from '@trpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeysState } from '../../../node-core/api/network/keys.ts'
import { appRouter } from '../../../node-core/api/router.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { DEV_PHRASE } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const PASSPHRASE = 'correct horse battery'
const network = 'dev'

function setUp() {
  const clock = new FakeClock(1_000_000)
  const manager = new FakeManager({ clock })
  const app = { name: 'Nodestead', version: '1.2.3', host: 'headless', platform: 'linux' } as const
  const abort = new AbortController()
  const api = appRouter.createCaller({ manager, app, clock }, { signal: abort.signal })
  return { clock, manager, abort, api }
}

async function problemOf(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string | undefined }> {
  const error = getTRPCErrorFromUnknown(await work.then(() => undefined, (reason: unknown) => reason))
  const shape = getTRPCErrorShape({ config: appRouter._def._config, error, type: 'mutation', path: '', input: undefined, ctx: undefined })
  return (shape as unknown as { data: { problem: { code: string; message: string; hint: string | undefined } } }).data.problem
}

let world: ReturnType<typeof setUp>
beforeEach(() => {
  world = setUp()
})
afterEach(() => world.manager.stopAll())

describe('keys', () => {
  it('of a network that never ran: no passphrase, no keys, no identity', async () => {
    expect(await world.api.keys.state({ network })).toEqual({
      lock: 'new', problem: undefined, remembered: false, vaultRefusal: 'none', identity: { peerId: undefined, addresses: [] }, session: [], accounts: [], running: false,
    })
  })

  it('are made from words that are told once and asked for again', async () => {
    const { api } = world
    await api.keys.setPassphrase({ network, passphrase: PASSPHRASE, remember: false })
    const { id, words, asked } = await api.keys.draft({ network })
    const wrong = { network, id, answers: ['a', 'b', 'c'], use: 'account' as const, label: 'Savings' }
    expect((await problemOf(api.keys.confirm(wrong))).code).toBe('KEYSTORE_WRONG_WORDS')
    const state = await api.keys.confirm({ ...wrong, answers: asked.map((position) => words[position - 1] as string) })
    expect(state.accounts).toEqual([expect.objectContaining({ keyType: 'acco', label: 'Savings', usable: true, use: 'unknown', address: expect.stringMatching(/^5/) })])
    expect((await problemOf(api.keys.confirm(wrong))).code).toBe('KEYSTORE_DRAFT_GONE')
    // Single words are everybody's ("level" is a name in each log record); two in a row are of the phrase.
    const told = JSON.stringify([state, world.manager.recentLogs(100)])
    expect(words.slice(1).filter((word, index) => told.includes(`${words[index]} ${word}`) || told.includes(`"${words[index]}","${word}"`))).toEqual([])
  })

  it('are imported, locked, unlocked and removed', async () => {
    const { api } = world
    expect((await problemOf(api.keys.import({ network, secret: '//Alice', use: 'account', label: '' }))).code).toBe('KEYSTORE_NO_PASSPHRASE')
    await api.keys.setPassphrase({ network, passphrase: PASSPHRASE, remember: false })
    const { session } = await api.keys.import({ network, secret: DEV_PHRASE, use: 'session', label: '' })
    expect(session.map(({ keyType }) => keyType).sort()).toEqual(['asgn', 'audi', 'babe', 'gran', 'imon', 'para'])
    const bad = await problemOf(api.keys.import({ network, secret: 'swordfish swordfish', use: 'session', label: '' }))
    expect(bad).toMatchObject({ code: 'KEY_BAD_PHRASE' })
    expect(JSON.stringify(bad)).not.toContain('swordfish')
    const { accounts: [alice] } = await api.keys.import({ network, secret: '//Alice', use: 'account', label: 'Alice' })
    expect(alice?.address).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')

    expect(await api.keys.lock({ network })).toMatchObject({ lock: 'locked', accounts: [{ usable: false }] })
    expect((await problemOf(api.keys.unlock({ network, passphrase: 'not this one', remember: false }))).code).toBe('KEYSTORE_WRONG_PASSPHRASE')
    expect((await problemOf(api.keys.unlock({ network, passphrase: PASSPHRASE, remember: true }))).code).toBe('KEYSTORE_NO_VAULT')
    expect(await api.keys.unlock({ network, passphrase: PASSPHRASE, remember: false })).toMatchObject({ lock: 'unlocked' })
    await api.keys.changePassphrase({ network, passphrase: PASSPHRASE, next: 'another passphrase' })

    const gone = { network, keyType: 'acco', publicKey: alice?.publicKey as string }
    expect((await problemOf(api.keys.remove({ ...gone, confirmation: 'yes' }))).code).toBe('KEYSTORE_NOT_CONFIRMED')
    expect((await api.keys.remove({ ...gone, confirmation: 'GKutQY' })).accounts).toEqual([])
    expect(JSON.stringify(world.manager.recentLogs(100))).not.toMatch(/horse|another passphrase|lake curtain/)
  })

  it('are watched: what changes comes, what does not stays away', async () => {
    const { api, clock, manager, abort } = world
    await api.keys.setPassphrase({ network, passphrase: PASSPHRASE, remember: false })
    const states = (await api.keys.watch({ network }))[Symbol.asyncIterator]()
    expect((await states.next()).value).toMatchObject({ lock: 'unlocked', session: [], running: false })
    await manager.start(network)
    const { keys } = await api.keys.rotate({ network })
    expect(keys).toMatch(/^0x[0-9a-f]{384}$/)
    const next = states.next()
    for (let i = 0; i < 12; i++) {
      clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { session, running, identity } = (await next).value as KeysState
    expect(session).toHaveLength(6)
    expect(session.map(({ keyType, use }) => `${keyType} ${use}`)).toEqual(expect.arrayContaining(['babe unused', 'gran unused', 'imon unknown']))
    expect([running, identity.peerId]).toEqual([true, '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'])
    abort.abort()
  })

  it('are rotated for an owner, whose address must be one', async () => {
    const { api, manager } = world
    await api.keys.setPassphrase({ network, passphrase: PASSPHRASE, remember: false })
    await manager.start(network)
    const owned = await api.keys.rotate({ network, owner: ' 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY ' })
    expect(owned.proof).toBe('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d')
    expect((await problemOf(api.keys.rotate({ network, owner: 'nobody' }))).code).toMatch(/^SS58_/)
    expect((await api.keys.rotate({ network, owner: ' ' })).proof).toBeUndefined()
  })

  it('are rotated by a running node only', async () => {
    expect((await problemOf(world.api.keys.rotate({ network }))).code).toBe('API_NODE_NOT_RUNNING')
  })
})
