/**
 * The offline key: made here once, kept encrypted under a passphrase on a medium that is not in a computer, and read again
 * for each release. Its public half goes into settings.json, and with it into every app that is built from then on.
 *
 * Run: `npm run release:key -- <file>`
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { SIGNATURE_SUFFIX } from '../../electron/updates/signature.ts'
import { BuildError, main, say } from '../terminal.ts'

/** Base64 of its SubjectPublicKeyInfo, as settings.json has it. */
export function publicHalf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

/** A new key in PEM, encrypted under the passphrase (PKCS #8, AES-256). */
export function makeKey(passphrase: string): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString()
}

/** Throws a BuildError where it is no such key, or not the passphrase. */
export function openKey(pem: string, passphrase: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, passphrase })
  } catch (error) {
    throw new BuildError('The signing key cannot be opened: it is damaged, or the passphrase is another one.', { cause: error })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new BuildError(`The signing key is an ${key.asymmetricKeyType} key, not an Ed25519 one.`)
  return key
}

/** Signs the file's exact bytes into a file beside it; returns that one's path. */
export async function signFile(path: string, key: KeyObject): Promise<string> {
  const signature = `${path}${SIGNATURE_SUFFIX}`
  await writeFile(signature, sign(null, await readFile(path), key))
  return signature
}

/** From the file that NODESTEAD_PASSPHRASE_FILE names, or typed, unseen. */
export async function askPassphrase(question: string): Promise<string> {
  const file = process.env['NODESTEAD_PASSPHRASE_FILE']
  if (file !== undefined) return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  if (!process.stdin.isTTY) throw new BuildError('There is no terminal to type the passphrase of the signing key at. Put it into a file, and name that in NODESTEAD_PASSPHRASE_FILE.')
  process.stderr.write(question)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

if (import.meta.main) {
  main(async () => {
    const path = process.argv[2]
    if (path === undefined) throw new BuildError('Say where the key is to be kept: npm run release:key -- <file>')
    if (existsSync(path)) throw new BuildError(`${path} exists already; a key is never written over.`)
    const passphrase = await askPassphrase('Passphrase of the new key: ')
    if (passphrase.length < 12) throw new BuildError('The passphrase is to have at least 12 characters.')
    const pem = makeKey(passphrase)
    await writeFile(path, pem, { mode: 0o600, flag: 'wx' })
    say(`The key is in ${path}, readable by you only. Keep it where no computer that is online can read it.`)
    say('Add its public half to "updateKeys" in build/release/settings.json:')
    process.stdout.write(`${publicHalf(openKey(pem, passphrase))}\n`)
  })
}
