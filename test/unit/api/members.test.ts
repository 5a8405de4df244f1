/** `members.*`: keys before their network, the lines of others, and what a node of the command line says instead. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { appRouter } from '../../../node-core/api/router.ts'
import { NetworkOffers } from '../../../node-core/api/network/offers.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { Keyrings } from '../../../node-core/keystore/network-keys.ts'
import { MemberDrafts } from '../../../node-core/manager/kinds/chain/member-drafts.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-api-members-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function caller(withDrafts = true) {
  const clock = new FakeClock()
  const members = withDrafts ? new MemberDrafts({ keyrings: new Keyrings({ logger: silentLogger, clock }), clock }, folder) : undefined
  const offers = new NetworkOffers()
  const manager = new FakeManager({ clock })
  return { api: appRouter.createCaller({ manager, clock, members, offers, app: { name: 'Nodestead', version: '1.0.0', host: 'desktop', platform: 'linux' } }), offers, manager }
}

it('makes keys whose line it reads again, and lists and removes them', async () => {
  const { api } = caller()
  const { id, words, asked } = await api.members.words()
  const draft = await api.members.make({ words: { id, answers: asked.map((position) => words[position - 1] ?? '') }, name: 'Ada', passphrase: 'correct horse battery', remember: false })
  expect(await api.members.read({ text: `mine: ${draft.line}` })).toMatchObject([{ ok: true, member: draft.member }])
  const listed = (await api.members.watch())[Symbol.asyncIterator]()
  expect((await listed.next()).value).toMatchObject({ drafts: [{ id: draft.id, line: draft.line }], vaultRefusal: 'none' })
  await api.members.remove({ id: draft.id })
  expect(JSON.stringify(draft)).not.toContain(words.slice(0, 2).join(' '))
})

it('says which line a change of the authorities needs', async () => {
  const { api, manager } = caller()
  await manager.start('dev')
  for (const [add, why] of [['5Grw', 'holds no line of a member'], ['nodestead1qqqq', 'is wrong or missing'], ['nodestead1qqqq nodestead1qqqq', 'several lines']] as const) {
    await expect(api.members.authorities.change({ network: 'dev', change: { add } })).rejects.toMatchObject({ cause: { message: expect.stringContaining(why) } })
  }
})

it('offers what was opened with the app once', async () => {
  const { api, offers } = caller()
  offers.offer('/a/ours.chainspec')
  const offered = (await api.networks.offered())[Symbol.asyncIterator]()
  expect((await offered.next()).value).toEqual({ source: '/a/ours.chainspec' })
  await api.networks.takeOffer()
  expect(offers.pending).toBeUndefined()
})

it('tells a node of the command line apart', async () => {
  await expect(caller(false).api.members.words()).rejects.toMatchObject({ cause: { code: 'MEMBERS_NOT_HERE' } })
})

it('asks nobody who is online where no network can be added', async () => {
  const { api } = caller()
  await expect(api.networks.presence({ genesisHash: `0x${'00'.repeat(32)}`, addresses: [], peerIds: [] })).rejects.toMatchObject({ cause: { code: 'NETWORKS_FIXED' } })
})
