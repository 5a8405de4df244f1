/**
 * The node's identity: an ed25519 key in the data folder, readable by its owner only, in the file and the forms that Substrate uses: 32 raw
 * bytes in `network/secret_ed25519`, or 64 hexadecimal digits, as `key generate-node-key` of its tool writes. The peer id is the base58 of
 * its public key. What is no key is left as it is: it may be one that can still be saved.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromHex } from '../../base/bytes.ts'
import { NodeError } from '../../base/errors.ts'
import { ed25519PublicKey, ed25519Sign } from '../../crypto/ed25519/ed25519.ts'
import { peerIdOf } from '../../crypto/keys/peer-id.ts'
import { x25519Agree, x25519ScalarOf } from '../../crypto/x25519.ts'

export type NetworkErrorCode = 'NODE_KEY_INVALID' | 'NODE_KEY_UNREADABLE'

/** Holds a secret: it shows nothing of it when printed. */
export class NodeIdentity {
  readonly #seed: Uint8Array
  readonly publicKey: Uint8Array
  /** `12D3KooW…` */
  readonly peerId: string

  constructor(seed: Uint8Array) {
    this.#seed = seed
    this.publicKey = ed25519PublicKey(seed)
    this.peerId = peerIdOf(this.publicKey)
  }

  /** The 32-byte seed, for the libp2p host. */
  revealSeed(): Uint8Array {
    return this.#seed
  }

  /** An ed25519 signature of 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array {
    return ed25519Sign(this.#seed, bytes)
  }

  /** The secret of 32 bytes shared with an X25519 public key; undefined where that is none, or of small order. */
  agree(publicKey: Uint8Array): Uint8Array | undefined {
    return x25519Agree(x25519ScalarOf(this.#seed), publicKey)
  }
}

/** `nodeKey`: 64 hexadecimal digits, or undefined to use the data folder's key, made on the first call. */
export async function loadIdentity(dataPath: string, nodeKey: string | undefined): Promise<NodeIdentity> {
  if (nodeKey !== undefined) {
    if (!/^(0x)?[0-9a-fA-F]{64}$/.test(nodeKey)) {
      throw new NodeError('NODE_KEY_INVALID', 'The node key is not 64 hexadecimal digits.', { hint: 'Correct --node-key, or remove it: the node then uses its own key.' })
    }
    return new NodeIdentity(fromHex(nodeKey.startsWith('0x') ? nodeKey : `0x${nodeKey}`))
  }
  const folder = join(dataPath, 'network')
  const path = join(folder, 'secret_ed25519')
  const stored = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new NodeError('NODE_KEY_UNREADABLE', `The node key ${path} cannot be read: ${error.message}.`, { hint: 'Make the file readable for this user.', cause: error })
  })
  if (stored === undefined) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const seed = new Uint8Array(randomBytes(32))
    await writeFile(path, seed, { mode: 0o600, flag: 'wx' })
    return new NodeIdentity(seed)
  }
  const seed = seedOf(stored)
  if (seed === undefined) {
    throw new NodeError('NODE_KEY_INVALID', `The node key ${path} is neither 32 bytes nor 64 hexadecimal digits: it has ${stored.length} bytes.`, {
      hint: 'Restore the file from a backup, or remove it: the node then creates a new key, and peers see a new node.',
    })
  }
  await chmod(path, 0o600)
  return new NodeIdentity(seed)
}

const DIGITS = /^(?:0x)?([0-9a-fA-F]{64})\s*$/

/** The seed in a key file; undefined where it holds none. */
function seedOf(stored: Uint8Array): Uint8Array | undefined {
  if (stored.length === 32) return new Uint8Array(stored)
  const digits = DIGITS.exec(Buffer.from(stored).toString('latin1'))?.[1]
  return digits === undefined ? undefined : fromHex(`0x${digits}`)
}

/** The peer id of the key that is stored in this data folder; undefined where none was made yet, or it is no key. */
export async function storedPeerId(dataPath: string): Promise<string | undefined> {
  const stored = await readFile(join(dataPath, 'network', 'secret_ed25519')).catch(() => undefined)
  const seed = stored === undefined ? undefined : seedOf(stored)
  return seed === undefined ? undefined : new NodeIdentity(seed).peerId
}
