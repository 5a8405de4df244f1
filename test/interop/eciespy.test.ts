/** Sealed messages against eciespy, an implementation by others in another language: a thousand each way, and mutated ones. */
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { x25519 } from '@noble/curves/ed25519.js'
import { afterAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../node-core/base/bytes.ts'
import { x25519Agree } from '../../node-core/crypto/x25519.ts'
import { eciesDecrypt, eciesEncrypt, type NonceLength } from '../../node-core/net/sealed/ecies.ts'

const COUNT = 1000

/** Reads and writes one JSON object: encrypts what `plain` holds, and decrypts what `sealed` holds, null for what it refuses. */
const PROGRAM = `
import json, sys
from ecies import encrypt, decrypt
from ecies.config import Config
given = json.load(sys.stdin)
config = Config(elliptic_curve='x25519', symmetric_nonce_length=given['nonce'])
def opened(text):
    try:
        return decrypt(bytes.fromhex(given['secret']), bytes.fromhex(text), config).hex()
    except Exception:
        return None
json.dump({
    'sealed': [encrypt(bytes.fromhex(given['public']), bytes.fromhex(text), config).hex() for text in given['plain']],
    'plain': [opened(text) for text in given['sealed']],
}, sys.stdout)
`

const folder = mkdtempSync(join(tmpdir(), 'nodestead-eciespy-'))
const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')

/** Why there is no eciespy; undefined where there is. */
function absent(): string | undefined {
  const quiet = { stdio: 'ignore', timeout: 100_000 } as const
  try {
    execFileSync(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder], quiet)
  } catch {
    return 'no Python with venv'
  }
  try {
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'eciespy==0.4.7'], quiet)
    return undefined
  } catch {
    return 'eciespy cannot be installed'
  }
}

const reason = absent()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Answer {
  readonly sealed: readonly string[]
  readonly plain: readonly (string | null)[]
}

async function ask(question: object): Promise<Answer> {
  const child = spawn(python, ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(question))
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk)
  return JSON.parse(text) as Answer
}

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const bare = (bytes: Uint8Array): string => toHex(bytes).slice(2)

describe.skipIf(reason !== undefined)(`eciespy${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  it.each([16, 12] as const)('reads 1,000 of our messages, and we 1,000 of its, with a nonce of %i bytes; both refuse mutated ones', async (nonce: NonceLength) => {
    const scalar = random(32)
    const [publicKey, agree] = [x25519.getPublicKey(scalar), (other: Uint8Array) => x25519Agree(scalar, other)]
    const messages = Array.from({ length: COUNT }, (_, i) => random(i % 300))
    const ours = messages.map((message) => eciesEncrypt(publicKey, message, nonce))
    const mutated = ours.map((sealed, i) => {
      const out = sealed.slice()
      const at = (i * 7919) % out.length
      out[at] = (out[at] as number) ^ (1 + (i % 255))
      return out
    })
    const answer = await ask({ nonce, secret: bare(scalar), public: bare(publicKey), plain: messages.map(bare), sealed: [...ours, ...mutated].map(bare) })
    expect(answer.plain.slice(0, COUNT)).toEqual(messages.map(bare))
    expect(answer.plain.slice(COUNT)).toEqual(new Array<null>(COUNT).fill(null))
    for (const sealed of mutated) expect(() => eciesDecrypt(agree, sealed, nonce)).toThrow(expect.objectContaining({ code: 'NET_SEALED_UNREADABLE' }) as Error)
    expect(answer.sealed.length).toBe(COUNT)
    for (const [i, sealed] of answer.sealed.entries()) expect(eciesDecrypt(agree, fromHex(`0x${sealed}`), nonce)).toEqual(messages[i])
  })
})
