/**
 * Many ed25519 signatures at once: a proof of finality carries hundreds, and checking them takes tens of milliseconds. In the
 * node a worker thread does it (crypto-worker.ts); packed into three buffers, they travel there at little cost.
 */
import { ed25519Verify } from './ed25519.ts'

export interface SignatureCheck {
  /** 64 bytes. */
  readonly signature: Uint8Array
  /** As long as those of the other checks of the batch. */
  readonly message: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

export interface BatchVerifier {
  /** The verdict on each, in their order, under the rules of ed25519Verify. Rejects with a CRYPTO_* error where nothing is said of any. */
  verifyEd25519(checks: readonly SignatureCheck[]): Promise<readonly boolean[]>
}

/** As it travels: one after another, without gaps. */
export interface PackedChecks {
  readonly signatures: Uint8Array
  readonly messages: Uint8Array
  readonly publicKeys: Uint8Array
  readonly count: number
}

const SIGNATURE_SIZE = 64
const KEY_SIZE = 32

/** Throws a RangeError where sizes differ. */
export function packChecks(checks: readonly SignatureCheck[]): PackedChecks {
  return {
    signatures: pack(checks.map(({ signature }) => signature), SIGNATURE_SIZE),
    messages: pack(checks.map(({ message }) => message), checks[0]?.message.length ?? 0),
    publicKeys: pack(checks.map(({ publicKey }) => publicKey), KEY_SIZE),
    count: checks.length,
  }
}

export function verifyPacked({ signatures, messages, publicKeys, count }: PackedChecks): boolean[] {
  const messageSize = messages.length / Math.max(1, count)
  return Array.from({ length: count }, (_, i) =>
    ed25519Verify(part(signatures, i, SIGNATURE_SIZE), part(messages, i, messageSize), part(publicKeys, i, KEY_SIZE)),
  )
}

/** In the calling thread. */
export const inThreadBatchVerifier: BatchVerifier = {
  verifyEd25519: async (checks) => verifyPacked(packChecks(checks)),
}

function pack(parts: readonly Uint8Array[], size: number): Uint8Array {
  const packed = new Uint8Array(parts.length * size)
  parts.forEach((bytes, i) => {
    if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes where the batch has ${size}`)
    packed.set(bytes, i * size)
  })
  return packed
}

function part(packed: Uint8Array, index: number, size: number): Uint8Array {
  return packed.subarray(index * size, (index + 1) * size)
}
