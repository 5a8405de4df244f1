import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromHex, utf8 } from '../../../node-core/base/bytes.ts'
import { loadIdentity, storedPeerId } from '../../../node-core/network/host/identity.ts'

describe('loadIdentity', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-key-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives the peer id that Substrate gives for a node key', async () => {
    // The pair that Substrate's documentation and many local test networks use.
    const { peerId } = await loadIdentity(folder, '0000000000000000000000000000000000000000000000000000000000000001')
    expect(peerId).toBe('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
  })

  it('keeps the key that it made, for its owner only', async () => {
    const first = await loadIdentity(folder, undefined)
    expect((await loadIdentity(folder, undefined)).peerId).toBe(first.peerId)
    const { mode, size } = await stat(join(folder, 'network', 'secret_ed25519'))
    expect([size, mode & 0o077]).toEqual([32, process.platform === 'win32' ? mode & 0o077 : 0])
  })

  it('refuses a key of the wrong size and says what to do', async () => {
    await loadIdentity(folder, undefined)
    await writeFile(join(folder, 'network', 'secret_ed25519'), 'short')
    await expect(loadIdentity(folder, undefined)).rejects.toMatchObject({ code: 'NODE_KEY_INVALID', hint: expect.stringContaining('Restore the file') })
    await expect(loadIdentity(folder, 'xyz')).rejects.toMatchObject({ code: 'NODE_KEY_INVALID' })
  })

  it.each([
    ['digits', (digits: string) => digits],
    ['digits and a newline', (digits: string) => `${digits}\n`],
    ['digits and a newline of Windows', (digits: string) => `${digits.toUpperCase()}\r\n`],
    ['digits behind 0x', (digits: string) => `0x${digits}`],
  ])('reads %s, as the tool of Substrate writes them, and leaves the file as it is', async (_what, written) => {
    const path = join(folder, 'network', 'secret_ed25519')
    await mkdir(join(folder, 'network'))
    const text = written(`${'00'.repeat(31)}01`)
    await writeFile(path, text)
    expect((await loadIdentity(folder, undefined)).peerId).toBe('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
    expect(await storedPeerId(folder)).toBe('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it.each(['', 'ab'.repeat(31), 'ab'.repeat(33), 'zz'.repeat(32), `${'ab'.repeat(32)} x`, ` ${'ab'.repeat(32)}`])('refuses %j in the file, and leaves it as it is', async (text) => {
    const path = join(folder, 'network', 'secret_ed25519')
    await mkdir(join(folder, 'network'))
    await writeFile(path, text)
    await expect(loadIdentity(folder, undefined)).rejects.toMatchObject({ code: 'NODE_KEY_INVALID', message: expect.stringContaining(path) as string })
    expect(await storedPeerId(folder)).toBeUndefined()
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('signs, and agrees on a secret with another one, by its key alone', async () => {
    const [own, other] = [await loadIdentity(folder, 'ab'.repeat(32)), await loadIdentity(folder, 'cd'.repeat(32))]
    expect(ed25519.verify(own.sign(utf8('hello')), utf8('hello'), own.publicKey)).toBe(true)
    const keyOf = (publicKey: Uint8Array): Uint8Array => ed25519.utils.toMontgomery(publicKey)
    expect(own.agree(keyOf(other.publicKey))).toEqual(other.agree(keyOf(own.publicKey)))
    expect(own.agree(keyOf(other.publicKey))).toEqual(x25519.getSharedSecret(ed25519.utils.toMontgomerySecret(fromHex(`0x${'ab'.repeat(32)}`)), keyOf(other.publicKey)))
    expect(own.agree(new Uint8Array(32))).toBeUndefined()
  })

  it('does not show the secret when printed', async () => {
    const secret = 'ab'.repeat(32)
    const identity = await loadIdentity(folder, secret)
    expect(inspect(identity, { depth: 5 }) + JSON.stringify(identity)).not.toMatch(/abab|171, 171/)
  })
})
