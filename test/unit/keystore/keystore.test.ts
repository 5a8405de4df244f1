/** The keystore on disk: what it keeps, for whom, and what it says when something is wrong. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { sr25519Verify } from '../../../node-core/crypto/sr25519/sr25519.ts'
import { DEV_PHRASE } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { keyPairFromUri } from '../../../node-core/crypto/keys/secret-uri.ts'
import { NetworkKeys, USUAL_SESSION_KEYS } from '../../../node-core/keystore/network-keys.ts'
import type { PassphraseVault, VaultRefusal } from '../../../node-core/keystore/vault.ts'

const cost = { n: 1024, r: 8, p: 1 }
const PASSPHRASE = 'correct horse battery'
const BABE = { keyType: 'babe', scheme: 'sr25519' } as const
const ALICE = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'
const code = (expected: string) => expect.objectContaining({ code: expected })

/** A keyring that turns letters around. */
class StandInVault implements PassphraseVault {
  reason: VaultRefusal | undefined
  refusal = () => this.reason
  seal = (passphrase: string) => utf8([...passphrase].reverse().join(''))
  open = (sealed: Uint8Array) => [...Buffer.from(sealed).toString()].reverse().join('')
}

let folder: string
let logs: LogRecord[]
let vault: StandInVault
let clock: FakeClock

const keysAt = (options: { passphraseFile?: string } = {}) =>
  new NetworkKeys({ dataPath: folder, logger: createLogger([(record) => logs.push(record)], { default: 'debug' }), clock, vault }, { cost, ...options })
const file = (name: string) => join(folder, 'keystore', name)
const onlyKeyFile = async () => file((await readdir(join(folder, 'keystore'))).find((name) => name.startsWith('sr25519')) as string)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-keystore-'))
  logs = []
  vault = new StandInVault()
  clock = new FakeClock(1_000_000)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('key files', () => {
  it('are their owner\'s alone, and hold no secret in the open', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    await keys.import(BABE, '//Alice', 'mine')
    expect((await stat(join(folder, 'keystore'))).mode & 0o777).toBe(0o700)
    const names = await readdir(join(folder, 'keystore'))
    expect(names.sort()).toEqual(['passphrase.json', `sr25519-babe-${ALICE.slice(2)}.json`])
    for (const name of names) expect((await stat(file(name))).mode & 0o777).toBe(0o600)
    const secret = keys.keystore.secret('babe', fromHex(ALICE))?.reveal() as Uint8Array
    const text = await readFile(await onlyKeyFile(), 'utf8')
    for (const form of ['hex', 'base64'] as const) expect(text).not.toContain(Buffer.from(secret.subarray(0, 30)).toString(form))
    expect(JSON.parse(await readFile(file('passphrase.json'), 'utf8'))).toMatchObject({ version: 1, kdf: { name: 'scrypt', n: 1024, r: 8, p: 1 } })
    expect(JSON.stringify(logs)).not.toMatch(new RegExp(`${PASSPHRASE}|${Buffer.from(secret).toString('hex').slice(0, 16)}`))
  })

  it('mend a folder that others may read', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    await chmod(join(folder, 'keystore'), 0o755)
    await keys.import(BABE, '//Alice')
    expect((await stat(join(folder, 'keystore'))).mode & 0o777).toBe(0o700)
  })

  it('list public keys while locked, and sign after unlocking', async () => {
    const first = keysAt()
    await first.setUp(PASSPHRASE, false)
    await first.import(BABE, '//Alice', 'mine')

    const { keystore } = keysAt()
    await keystore.load()
    expect(keystore.lockState).toBe('locked')
    expect(keystore.entries()).toEqual([{ scheme: 'sr25519', keyType: 'babe', publicKey: ALICE, label: 'mine', usable: false, damaged: false }])
    expect(keystore.publicKeys('babe')).toEqual([])
    expect(keystore.has('babe', ALICE)).toBe(true)
    await expect(keystore.add('babe', keyPairFromUri('sr25519', '//Bob'))).rejects.toThrow(code('KEYSTORE_LOCKED'))
    await expect(keystore.unlock('correct horse batterie')).rejects.toThrow(code('KEYSTORE_WRONG_PASSPHRASE'))
    expect(keystore.lockState).toBe('locked')

    await keystore.unlock(PASSPHRASE)
    expect(keystore.publicKeys('babe').map(toHex)).toEqual([ALICE])
    const message = utf8('a vote')
    expect(sr25519Verify(keystore.sign('babe', fromHex(ALICE), message), message, fromHex(ALICE))).toBe(true)
  })

  it('zeroes secrets on lock and on removal', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    await keys.import(BABE, '//Alice')
    await keys.import(BABE, '//Bob')
    const [alice, bob] = keys.keystore.publicKeys('babe').map((key) => keys.keystore.secret('babe', key)?.reveal()) as [Uint8Array, Uint8Array]
    await keys.keystore.remove('babe', ALICE)
    expect(alice.every((byte) => byte === 0)).toBe(true)
    expect(bob.some((byte) => byte !== 0)).toBe(true)
    await keys.keystore.lock()
    expect(bob.every((byte) => byte === 0)).toBe(true)
    expect(keys.keystore.publicKeys('babe')).toEqual([])
    expect(keys.keystore.entries()).toHaveLength(1)
    expect(() => keys.keystore.sign('babe', fromHex(ALICE), utf8('x'))).toThrow(code('KEYSTORE_UNKNOWN_KEY'))
  })

  it('that were changed are found out, and the others still work', async () => {
    const first = keysAt()
    await first.setUp(PASSPHRASE, false)
    await first.import(BABE, '//Alice')
    await first.import({ keyType: 'gran', scheme: 'ed25519' }, '//Alice')
    const path = await onlyKeyFile()
    const original = JSON.parse(await readFile(path, 'utf8')) as { label: string; secret: { data: string } }
    const flipped = Buffer.from(original.secret.data, 'base64')
    flipped[3] = (flipped[3] as number) ^ 1
    for (const changed of [{ ...original, label: 'another' }, { ...original, secret: { ...original.secret, data: flipped.toString('base64') } }]) {
      await writeFile(path, JSON.stringify(changed))
      const { keystore } = keysAt()
      await keystore.load()
      await keystore.unlock(PASSPHRASE)
      expect(keystore.entries().map(({ keyType, damaged, usable }) => [keyType, damaged, usable])).toEqual([['gran', false, true], ['babe', true, false]])
      expect(keystore.publicKeys('babe')).toEqual([])
      expect(keystore.publicKeys('gran')).toHaveLength(1)
      expect(logs.at(-2)).toMatchObject({ level: 'error', message: 'a key cannot be used' })
    }
  })

  it('exchanged for one another are found out', async () => {
    const first = keysAt()
    await first.setUp(PASSPHRASE, false)
    await first.import(BABE, '//Alice')
    await first.import({ keyType: 'imon', scheme: 'sr25519' }, '//Bob')
    const names = (await readdir(join(folder, 'keystore'))).filter((name) => name.startsWith('sr')).sort() as [string, string]
    const [babe, imon] = await Promise.all(names.map(async (name) => JSON.parse(await readFile(file(name), 'utf8')) as { secret: unknown }))
    await writeFile(file(names[0]), JSON.stringify({ ...babe, secret: imon?.secret }))
    await writeFile(file(names[1]), JSON.stringify({ ...babe }))
    const { keystore } = keysAt()
    await keystore.load()
    await keystore.unlock(PASSPHRASE)
    expect(keystore.entries()).toEqual([expect.objectContaining({ keyType: 'babe', damaged: true })])
    expect(logs.some(({ message, level }) => message === 'a key file was skipped' && level === 'warn')).toBe(true)
  })

  it('of a newer version or damaged say so', async () => {
    await keysAt().setUp(PASSPHRASE, false)
    const path = file('passphrase.json')
    const wrapped = JSON.parse(await readFile(path, 'utf8')) as { version: number; kdf: { n: number }; check: string; key: { data: string } }
    await writeFile(path, JSON.stringify({ ...wrapped, version: 2 }))
    await expect(keysAt().open()).rejects.toThrow(code('KEYSTORE_UNREADABLE'))
    await writeFile(path, JSON.stringify({ ...wrapped, kdf: { ...wrapped.kdf, n: 2 ** 40 } }))
    await expect(keysAt().open()).rejects.toThrow(code('KEYSTORE_UNREADABLE'))
    await writeFile(path, JSON.stringify({ ...wrapped, key: { ...wrapped.key, data: `${wrapped.key.data.startsWith('A') ? 'B' : 'A'}${wrapped.key.data.slice(1)}` } }))
    await expect(keysAt().unlock(PASSPHRASE, false)).rejects.toThrow(code('KEYSTORE_TAMPERED'))
  })
})

describe('the passphrase', () => {
  it('comes first, is long enough, and is chosen once', async () => {
    const keys = keysAt()
    await expect(keys.import(BABE, '//Alice')).rejects.toThrow(code('KEYSTORE_NO_PASSPHRASE'))
    await expect(keys.setUp('short', false)).rejects.toThrow(code('KEYSTORE_WEAK_PASSPHRASE'))
    await keys.setUp(PASSPHRASE, false)
    await expect(keys.setUp('another one', false)).rejects.toThrow(code('KEYSTORE_HAS_PASSPHRASE'))
  })

  it('is changed: the new one opens, the old one does not', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    await keys.import(BABE, '//Alice')
    await expect(keys.changePassphrase('wrong wrong', 'another passphrase')).rejects.toThrow(code('KEYSTORE_WRONG_PASSPHRASE'))
    await keys.changePassphrase(PASSPHRASE, 'another passphrase')
    const again = keysAt()
    await expect(again.unlock(PASSPHRASE, false)).rejects.toThrow(code('KEYSTORE_WRONG_PASSPHRASE'))
    await again.unlock('another passphrase', false)
    expect(again.keystore.publicKeys('babe')).toHaveLength(1)
  })

  it('is remembered by the keyring and unlocks the next start, until it is forgotten', async () => {
    await keysAt().setUp(PASSPHRASE, true)
    const next = keysAt()
    await next.open()
    expect([next.keystore.lockState, next.remembered]).toEqual(['unlocked', true])
    await next.keystore.lock()
    await next.unlockRemembered()
    expect(next.keystore.lockState).toBe('unlocked')
    await next.changePassphrase(PASSPHRASE, 'another passphrase')
    const third = keysAt()
    await third.open()
    expect(third.keystore.lockState).toBe('unlocked')
    await third.unlock('another passphrase', false)
    const last = keysAt()
    await last.open()
    expect([last.keystore.lockState, last.remembered]).toEqual(['locked', false])
  })

  it('is not given to a keyring that protects nothing', async () => {
    vault.reason = 'plain-text'
    await expect(keysAt().setUp(PASSPHRASE, true)).rejects.toThrow(/password that everybody knows/)
    expect(await readdir(folder)).toEqual([])
    await keysAt().setUp(PASSPHRASE, false)
    vault.reason = undefined
    await keysAt().unlock(PASSPHRASE, true)
    vault.reason = 'plain-text'
    const keys = keysAt()
    await keys.open()
    expect(keys.keystore.lockState).toBe('locked')
    await expect(keys.unlockRemembered()).rejects.toThrow(code('KEYSTORE_NO_VAULT'))
  })

  it('comes from a file where there is no window', async () => {
    const passphraseFile = join(folder, 'passphrase')
    await writeFile(passphraseFile, `${PASSPHRASE}\nnot this\n`, { mode: 0o644 })
    const keys = keysAt({ passphraseFile })
    await keys.open()
    expect(keys.keystore.lockState).toBe('unlocked')
    expect(logs.some(({ message }) => message.includes('chmod 600'))).toBe(true)
    const again = keysAt({ passphraseFile })
    await again.open()
    expect(again.keystore.lockState).toBe('unlocked')
    await writeFile(passphraseFile, 'something else')
    await expect(keysAt({ passphraseFile }).open()).rejects.toThrow(code('KEYSTORE_WRONG_PASSPHRASE'))
    await expect(keysAt({ passphraseFile: join(folder, 'gone') }).open()).rejects.toThrow(code('KEYSTORE_UNREADABLE'))
  })
})

describe('words', () => {
  it('become keys when some of them are told again', async () => {
    const keys = keysAt()
    const { id, words, asked } = keys.drafts.create()
    expect(words).toHaveLength(24)
    expect(new Set(asked).size).toBe(3)
    expect(() => keys.drafts.check(id, ['a', 'b', 'c'])).toThrow(code('KEYSTORE_WRONG_WORDS'))
    expect(() => keys.drafts.check(id, [])).toThrow(code('KEYSTORE_WRONG_WORDS'))
    expect(keys.drafts.check(id, asked.map((position) => ` ${words[position - 1]?.toUpperCase()} `))).toBe(words.join(' '))
    clock.advance(15 * 60_000)
    expect(() => keys.drafts.check(id, [])).toThrow(code('KEYSTORE_DRAFT_GONE'))
  })

  it('of twelve, as other programs make them, are taken as well as our own', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    const { words } = keys.drafts.create()
    expect(DEV_PHRASE.split(' ')).toHaveLength(12)
    const [short, long] = [await keys.importSession([BABE], DEV_PHRASE), await keys.importSession([BABE], words.join(' '))]
    expect(short[0]?.publicKey).not.toBe(long[0]?.publicKey)
    await expect(keys.importSession([BABE], words.slice(0, 23).join(' '))).rejects.toThrow(code('KEY_BAD_PHRASE'))
  })

  it('give the same session keys each time, a different one for each type', async () => {
    const keys = keysAt()
    await keys.setUp(PASSPHRASE, false)
    const records = await keys.importSession(USUAL_SESSION_KEYS, DEV_PHRASE)
    expect(new Set(records.map(({ publicKey }) => publicKey)).size).toBe(USUAL_SESSION_KEYS.length)
    expect(await keys.importSession(USUAL_SESSION_KEYS, ` ${DEV_PHRASE} `)).toEqual(records)
    expect((await keys.importSession([BABE], `${DEV_PHRASE}///secret`))[0]?.publicKey).not.toBe(records[1]?.publicKey)
    expect(records[1]).toEqual(await keys.import(BABE, '//babe'))
    await expect(keys.importSession(USUAL_SESSION_KEYS, 'bottom drive')).rejects.toThrow(code('KEY_BAD_PHRASE'))
  })
})
