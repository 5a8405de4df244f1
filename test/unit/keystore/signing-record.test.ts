/** What keys signed last: it is on disk before a signature leaves, outlives the database, and is never guessed. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { toHex, type Hash } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { forgetDevelopmentSigned } from '../../../node-core/keystore/forget-signed.ts'
import { SigningRecord } from '../../../node-core/keystore/signing-record.ts'
import { setDatabaseAside } from '../../../node-core/manager/kinds/chain/set-aside.ts'

const GENESIS: Hash = `0x${'ab'.repeat(32)}`
const ALICE: Hash = `0x${'01'.repeat(32)}`
const BOB: Hash = `0x${'02'.repeat(32)}`
const STEM = `${'ab'.repeat(8)}-babe-${'01'.repeat(32)}`

let dataPath: string
let folder: string
let logs: LogRecord[]

beforeEach(async () => {
  dataPath = await mkdtemp(join(tmpdir(), 'nodestead-signed-'))
  folder = join(dataPath, 'signing-record')
  logs = []
})
afterEach(() => rm(dataPath, { recursive: true, force: true }))

async function opened(genesis = GENESIS): Promise<SigningRecord> {
  const record = new SigningRecord({ logger: createLogger([(entry) => logs.push(entry)], { default: 'debug' }) }, { folder })
  await record.open(genesis)
  return record
}

const file = (name: string) => join(folder, name)

describe('the signing record', () => {
  it('keeps the last word of each key and kind, and of each network', async () => {
    const record = await opened()
    expect(record.last('babe', ALICE)).toBeUndefined()
    await record.write('babe', ALICE, Uint8Array.of(1))
    await record.write('gran', ALICE, Uint8Array.of(2))
    await record.write('babe', BOB, Uint8Array.of(3))
    await record.write('babe', ALICE, Uint8Array.of(4))
    await record.close()
    const again = await opened()
    expect([again.last('babe', ALICE), again.last('gran', ALICE), again.last('babe', BOB), again.last('gran', BOB)])
      .toEqual([Uint8Array.of(4), Uint8Array.of(2), Uint8Array.of(3), undefined])
    expect([...again.keys('babe')].sort()).toEqual([ALICE, BOB])
    const other = await opened(`0x${'cd'.repeat(32)}`)
    expect(other.last('babe', ALICE)).toBeUndefined()
    expect(logs).toEqual([])
  })

  it('is on disk when a writing resolves, in files that are their owner\'s alone', async () => {
    const record = await opened()
    await record.write('babe', ALICE, Uint8Array.of(7))
    // Without a close, as after a power cut.
    expect((await opened()).last('babe', ALICE)).toEqual(Uint8Array.of(7))
    await record.close()
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const names = await readdir(folder)
    expect(names.sort()).toEqual([`${STEM}.copy.json`, `${STEM}.json`])
    for (const name of names) expect((await stat(file(name))).mode & 0o777).toBe(0o600)
  })

  it('makes no folder for a node that signs nothing', async () => {
    const record = await opened()
    await record.close()
    expect(await readdir(dataPath)).toEqual([])
  })

  it('stays where it is when the database is set aside', async () => {
    await writeFile(join(dataPath, 'db'), '')
    const record = await opened()
    await record.write('gran', BOB, Uint8Array.of(9))
    await record.close()
    expect(await setDatabaseAside(dataPath, 0)).toBeDefined()
    expect((await opened()).last('gran', BOB)).toEqual(Uint8Array.of(9))
  })

  it.each(['', '{"version":1,"genesisHa', 'rubbish'])('has a copy where the file was torn (%j), and the file where the copy was', async (torn) => {
    for (const name of [`${STEM}.json`, `${STEM}.copy.json`]) {
      const record = await opened()
      await record.write('babe', ALICE, Uint8Array.of(5))
      await record.close()
      await writeFile(file(name), torn)
      expect((await opened()).last('babe', ALICE)).toEqual(Uint8Array.of(5))
    }
  })

  it('finds out a changed file, and a newer one counts', async () => {
    const record = await opened()
    for (const value of [5, 6]) await record.write('babe', ALICE, Uint8Array.of(value))
    await record.close()
    const text = await readFile(file(`${STEM}.json`), 'utf8')
    await writeFile(file(`${STEM}.json`), text.replace('"0x06"', '"0x01"'))
    expect((await opened()).last('babe', ALICE)).toEqual(Uint8Array.of(6))
    expect(logs).toMatchObject([{ level: 'warn', fields: { reason: 'its content was changed' } }])
  })

  it('guesses nothing where neither can be read: that key signs nothing, and others do', async () => {
    const record = await opened()
    await record.write('babe', ALICE, Uint8Array.of(5))
    await record.close()
    for (const name of [`${STEM}.json`, `${STEM}.copy.json`]) await writeFile(file(name), '{}')
    const again = await opened()
    const unreadable = expect.objectContaining({ code: 'SIGNING_RECORD_UNREADABLE', hint: expect.stringContaining('delete both files') })
    expect(() => again.last('babe', ALICE)).toThrow(unreadable)
    await expect(again.write('babe', ALICE, Uint8Array.of(6))).rejects.toEqual(unreadable)
    await again.write('babe', BOB, Uint8Array.of(6))
    expect(again.keys('babe')).toEqual([BOB])
    expect(logs.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(again.problem).toMatchObject({ code: 'SIGNING_RECORD_UNREADABLE', data: { path: file(`${STEM}.json`) } })
    // The person did what the hint says.
    for (const name of [`${STEM}.json`, `${STEM}.copy.json`]) await rm(file(name))
    expect((await opened()).last('babe', ALICE)).toBeUndefined()
  })

  it('says where it cannot be written, counts it as signed, and leaves nothing behind', async () => {
    const record = await opened()
    await writeFile(folder, 'a file where the folder should be')
    await expect(record.write('babe', ALICE, Uint8Array.of(5))).rejects.toMatchObject({ code: 'SIGNING_RECORD_UNWRITABLE', data: { path: folder } })
    expect(record.last('babe', ALICE)).toEqual(Uint8Array.of(5))
    expect(record.problem).toMatchObject({ code: 'SIGNING_RECORD_UNWRITABLE', data: { path: folder } })
    await rm(folder)
    await record.write('babe', ALICE, Uint8Array.of(6))
    expect(record.problem).toBeUndefined()
    await record.close()
    expect((await opened()).last('babe', ALICE)).toEqual(Uint8Array.of(6))
  })

  it('clears away what a crash left half written', async () => {
    const record = await opened()
    await record.write('babe', ALICE, Uint8Array.of(5))
    await record.close()
    await writeFile(file('.0123456789ab.new'), '{"ver')
    await chmod(folder, 0o755)
    const again = await opened()
    await again.write('babe', ALICE, Uint8Array.of(6))
    await again.close()
    expect((await readdir(folder)).sort()).toEqual([`${STEM}.copy.json`, `${STEM}.json`])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })
})

describe('where every node of a chain begins anew', () => {
  it('what development keys signed is forgotten, and nothing that keys of ones own did', async () => {
    const development = toHex(devAccount('//Alice').ed25519.publicKey)
    const record = await opened()
    await record.write('gran', development, Uint8Array.of(1))
    await record.write('gran', BOB, Uint8Array.of(2))
    await record.close()
    await writeFile(file('notes.txt'), '')
    await forgetDevelopmentSigned(dataPath)
    expect(await readdir(folder)).toContain('notes.txt')
    const again = await opened()
    expect([again.last('gran', development), again.last('gran', BOB)]).toEqual([undefined, Uint8Array.of(2)])
    await expect(forgetDevelopmentSigned(join(dataPath, 'nothing'))).resolves.toBeUndefined()
  })
})
