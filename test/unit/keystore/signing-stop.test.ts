/** That nothing is signed is remembered beside the keys; what cannot be read counts as a stop. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Hash } from '../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { SigningStop } from '../../../node-core/keystore/signing-stop.ts'

const GENESIS: Hash = `0x${'9a'.repeat(32)}`
const KEY: Hash = `0x${'01'.repeat(32)}`
const STOP = { kind: 'vote', keyType: 'gran', publicKey: KEY, at: 1_700_000_000_000, number: 12, setId: 1, round: 44 } as const

let base: string
let folder: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'nodestead-stop-'))
  folder = join(base, 'signing-record')
})
afterEach(() => rm(base, { recursive: true, force: true }))

const open = (genesisHash = GENESIS): SigningStop => new SigningStop({ logger: silentLogger, genesisHash: () => genesisHash }, { folder })

it('reads what was written, of its own network alone, in a file of its owner', async () => {
  expect(await open().read()).toEqual({ stop: undefined, sole: undefined })
  await open().write({ stop: STOP, sole: { slot: 5, setId: 0, round: 1 } })
  expect(await open().read()).toEqual({ stop: STOP, sole: { slot: 5, setId: 0, round: 1 } })
  expect(await open(`0x${'9b'.repeat(32)}`).read()).toEqual({ stop: undefined, sole: undefined })
  expect(await readdir(folder)).toEqual(['9a9a9a9a9a9a9a9a-sole.json'])
  expect((await stat(join(folder, '9a9a9a9a9a9a9a9a-sole.json'))).mode & 0o777).toBe(0o600)
})

it.each(['', '{"version":1}', JSON.stringify({ version: 1, genesisHash: `0x${'9b'.repeat(32)}` })])('stops where it reads %j', async (text) => {
  await open().write({ stop: undefined, sole: undefined })
  await writeFile(join(folder, '9a9a9a9a9a9a9a9a-sole.json'), text)
  expect((await open().read()).stop).toBe('unreadable')
})
