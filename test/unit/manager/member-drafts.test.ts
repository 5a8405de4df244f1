/** Keys before their network: made, given away as a line, moved into the network that is joined. On real folders. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { describeError } from '../../../node-core/base/errors.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { fromHex } from '../../../node-core/base/bytes.ts'
import { Keyrings } from '../../../node-core/keystore/network-keys.ts'
import { MemberDrafts, readLines, type MemberDraft } from '../../../node-core/manager/kinds/chain/member-drafts.ts'
import { storedPeerId } from '../../../node-core/network/host/identity.ts'

const PASSPHRASE = 'correct horse battery'
let folder: string
let keyrings: Keyrings
let drafts: MemberDrafts

function open(): void {
  keyrings = new Keyrings({ logger: silentLogger, clock: new FakeClock() }, {})
  drafts = new MemberDrafts({ keyrings, clock: new FakeClock() }, join(folder, 'members'))
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-members-'))
  open()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function make(name: string, passphrase = PASSPHRASE): Promise<MemberDraft> {
  const { id, words, asked } = drafts.begin()
  return drafts.make({ words: { id, answers: asked.map((position) => words[position - 1] ?? '') }, name, passphrase, remember: false })
}

async function problem(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'no error', describeError)
}

it('makes keys and an identity, and a line that says who it is and nothing secret', async () => {
  const { id, member, line } = await make('Ada')
  expect(readLines(`Ada: ${line}`)).toEqual([{ ok: true, member, proof: expect.stringMatching(/^0x[0-9a-f]{256}$/), line }])
  expect(member.sessionKeys.map(({ keyType }) => keyType)).toEqual(['gran', 'babe'])
  expect(await storedPeerId(join(folder, 'members', id))).toBe(member.peerId)
  for (const path of ['network/secret_ed25519', 'member.json']) expect((await stat(join(folder, 'members', id, path))).mode & 0o077).toBe(0)
  open()
  expect(await drafts.list()).toEqual([{ id, member, line, remembered: false, madeAt: expect.any(Number) }])
})

it('leaves nothing behind where the words or the passphrase do not do', async () => {
  const { id, asked } = drafts.begin()
  expect(await problem(drafts.make({ words: { id, answers: asked.map(() => 'wrong') }, name: 'Ada', passphrase: PASSPHRASE, remember: false }))).toContain('not the words at those places')
  expect(await problem(make('Ada', 'short'))).toContain('at least 8 characters')
  expect(await readdir(join(folder, 'members')).catch(() => [])).toEqual([])
  expect(await drafts.list()).toEqual([])
})

it('moves into the network: it signs with them there, as the same node, and nowhere else', async () => {
  const { id, member } = await make('Ada')
  open()
  expect(await problem(drafts.require(id, undefined))).toContain('These keys are locked')
  expect(await problem(drafts.require(id, 'something else'))).toContain('passphrase')
  await drafts.require(id, PASSPHRASE)
  const dataPath = join(folder, 'network/chains/ours')
  await drafts.moveInto(id, dataPath)
  expect(await drafts.list()).toEqual([])
  expect(existsSync(join(folder, 'members', id))).toBe(false)
  expect(await storedPeerId(dataPath)).toBe(member.peerId)
  const keys = keyrings.at(dataPath)
  await keys.unlock(PASSPHRASE, false)
  for (const { keyType, publicKey } of member.sessionKeys) expect(keys.keystore.secret(keyType, fromHex(publicKey))).toBeDefined()
  expect((await stat(join(dataPath, 'network/secret_ed25519'))).mode & 0o077).toBe(0)
})

it('does not put keys where others are, and keeps them then', async () => {
  const [one, two] = [await make('Ada'), await make('Ben')]
  const dataPath = join(folder, 'network/chains/ours')
  await drafts.moveInto(one.id, dataPath)
  expect(await problem(drafts.moveInto(two.id, dataPath))).toContain('already holds keys')
  expect((await drafts.list()).map(({ member }) => member.name)).toEqual(['Ben'])
})
