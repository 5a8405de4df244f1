/**
 * Encryption of key files: AES-256-GCM under a data key, and the data key under a passphrase by scrypt.
 *
 * One data key for all files, so that unlocking costs one scrypt however many keys there are, and a new passphrase is one file
 * written anew: it is changed wholly or not at all. What is public in a file is part of the seal, too ("associated data").
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { utf8 } from '../base/bytes.ts'

const NONCE_SIZE = 12
const TAG_SIZE = 16
const KEY_SIZE = 32

/** What scrypt may cost: memory is 128 * N * r bytes. */
export interface ScryptCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/** 128 MB and about half a second. */
export const DEFAULT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 }

/** A file must not make us use more than this. */
const MAX_MEMORY = 1024 * 1024 * 1024

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/).max(4096)

export const sealedSchema = z.strictObject({ cipher: z.literal('aes-256-gcm'), nonce: base64, data: base64 })
export type Sealed = z.infer<typeof sealedSchema>

export const wrappedKeySchema = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    n: z.int().min(2).max(2 ** 20).refine((n) => (n & (n - 1)) === 0),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: base64,
  }),
  /** SHA-256 of the second half of what scrypt gave: tells a wrong passphrase from a damaged file. */
  check: base64,
  key: sealedSchema,
})
export type WrappedKey = z.infer<typeof wrappedKeySchema>

/** `context` is what the seal covers besides the secret: whoever opens it must name the same. */
export function seal(key: Uint8Array, secret: Uint8Array, context: string): Sealed {
  const nonce = randomBytes(NONCE_SIZE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(context))
  const data = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()])
  return { cipher: 'aes-256-gcm', nonce: nonce.toString('base64'), data: data.toString('base64') }
}

/** Undefined where the seal is broken. */
export function unseal(key: Uint8Array, sealed: Sealed, context: string): Uint8Array | undefined {
  const [nonce, data] = [Buffer.from(sealed.nonce, 'base64'), Buffer.from(sealed.data, 'base64')]
  if (nonce.length !== NONCE_SIZE || data.length < TAG_SIZE) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE })
  decipher.setAAD(utf8(context)).setAuthTag(data.subarray(-TAG_SIZE))
  const start = decipher.update(data.subarray(0, -TAG_SIZE))
  try {
    decipher.final()
    // A copy of its own: small buffers share memory with others.
    return Uint8Array.from(start)
  } catch {
    return undefined
  } finally {
    start.fill(0)
  }
}

export function newDataKey(): Uint8Array {
  return Uint8Array.from(randomBytes(KEY_SIZE))
}

export async function wrapKey(dataKey: Uint8Array, passphrase: string, cost: ScryptCost): Promise<WrappedKey> {
  const kdf = { name: 'scrypt', ...cost, salt: randomBytes(32).toString('base64') } as const
  const derived = await derive(passphrase, kdf)
  try {
    return { version: 1, kdf, check: checkOf(derived).toString('base64'), key: seal(derived.subarray(0, KEY_SIZE), dataKey, kdfContext(kdf)) }
  } finally {
    derived.fill(0)
  }
}

/** `wrong` is the passphrase's fault, `broken` the file's. */
export async function unwrapKey(wrapped: WrappedKey, passphrase: string): Promise<Uint8Array | 'wrong' | 'broken'> {
  const check = Buffer.from(wrapped.check, 'base64')
  if (check.length !== KEY_SIZE || 128 * wrapped.kdf.n * wrapped.kdf.r > MAX_MEMORY) return 'broken'
  const derived = await derive(passphrase, wrapped.kdf)
  try {
    if (!timingSafeEqual(checkOf(derived), check)) return 'wrong'
    return unseal(derived.subarray(0, KEY_SIZE), wrapped.key, kdfContext(wrapped.kdf)) ?? 'broken'
  } finally {
    derived.fill(0)
  }
}

/** 64 bytes. The passphrase is normalised, so that it does not matter how a keyboard composes its letters. */
function derive(passphrase: string, { n, r, p, salt }: WrappedKey['kdf']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: 128 * n * r + 32 * 1024 * 1024 }
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 2 * KEY_SIZE, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

function checkOf(derived: Buffer): Buffer {
  return createHash('sha256').update(derived.subarray(KEY_SIZE)).digest()
}

function kdfContext({ name, n, r, p, salt }: WrappedKey['kdf']): string {
  return `nodestead passphrase 1 ${name} ${n} ${r} ${p} ${salt}`
}
