/**
 * schnorrkel's verifiable random function (Polkadot Host spec, section 5.3 "Block Production Lottery" and appendix A.1.3).
 *
 * A transcript says what is drawn for. With the public key it is hashed to a point of the group, the input; the output is the
 * input times the secret scalar: nobody else can compute it, and nobody can choose it. The proof is a Chaum-Pedersen proof that
 * output/input and publicKey/base have the same discrete logarithm, in the order of commitments that Kusama fixed.
 * Bytes drawn from (input, output) are uniform, so they can be held against a threshold.
 */
import { randomBytes } from 'node:crypto'
import { ristretto255 } from '@noble/curves/ed25519.js'
import { concatBytes, utf8 } from '../../base/bytes.ts'
import { keyTables } from './key-tables.ts'
import { Transcript } from './merlin.ts'
import {
  BASE_SPLIT, ORDER, decodePoint, encodePoint, isCanonicalScalar, isIdentity, littleEndian, multiScalar, pointFromUniform, splitTerms,
  tableOf, toLittleEndian, type Point,
} from './ristretto.ts'

export interface VrfSignature {
  /** The output point, 32 bytes. */
  readonly preOutput: Uint8Array
  /** Challenge and response, 64 bytes. */
  readonly proof: Uint8Array
}

/** The encoded points that random bytes are drawn from. */
export interface VrfInOut {
  readonly input: Uint8Array
  readonly output: Uint8Array
}

/**
 * What a key draws, without a proof. `secretKey` has 64 bytes (see sr25519.ts) and `publicKey` must be its own. The transcript is not
 * changed.
 */
export function vrfDraw(secretKey: Uint8Array, publicKey: Uint8Array, transcript: Transcript): VrfInOut {
  const input = encodePoint(vrfInput(transcript, publicKey))
  // Everything that touches a secret goes through the hardened implementation.
  return { input, output: ristretto255.Point.fromBytes(input).multiply(scalarOf(secretKey)).toBytes() }
}

/** Proves what the key drew ({@link vrfDraw}), which costs a little more than the draw. `extra` is bound by the proof without moving the output; it is not changed. */
export function vrfProve(secretKey: Uint8Array, publicKey: Uint8Array, { input, output }: VrfInOut, extra = new Transcript('VRF')): VrfSignature {
  const scalar = scalarOf(secretKey)
  const base = ristretto255.Point.fromBytes(input)
  const t = new Transcript(extra).protocol('DLEQProof').append('vrf:h', input)
  const nonce = secretNonce(t, publicKey, secretKey.subarray(32, 64))
  t.append('vrf:R=g^r', ristretto255.Point.BASE.multiply(nonce).toBytes())
    .append('vrf:h^r', base.multiply(nonce).toBytes())
    .append('vrf:pk', publicKey)
    .append('vrf:h^sk', output)
  const c = t.challengeScalar('prove')
  const s = (((nonce - c * scalar) % ORDER) + ORDER) % ORDER
  return { preOutput: output, proof: concatBytes(toLittleEndian(c), toLittleEndian(s)) }
}

/** Draws and proves. */
export function vrfSign(
  secretKey: Uint8Array, publicKey: Uint8Array, transcript: Transcript, extra?: Transcript,
): { readonly signature: VrfSignature; readonly inOut: VrfInOut } {
  const inOut = vrfDraw(secretKey, publicKey, transcript)
  return { signature: vrfProve(secretKey, publicKey, inOut, extra), inOut }
}

/** The input and output that `signature` proves, or undefined where it proves nothing. Never throws, whatever the bytes. */
export function vrfVerify(
  publicKey: Uint8Array, transcript: Transcript, { preOutput, proof }: VrfSignature, extra = new Transcript('VRF'),
): VrfInOut | undefined {
  if (proof.length !== 64 || !isCanonicalScalar(proof.subarray(0, 32)) || !isCanonicalScalar(proof.subarray(32))) return undefined
  const key = keyTables(publicKey)
  const output = decodePoint(preOutput)
  if (key === undefined || output === undefined || isIdentity(output)) return undefined
  const inputPoint = vrfInput(transcript, publicKey)
  const input = encodePoint(inputPoint)
  const c = littleEndian(proof.subarray(0, 32))
  const s = littleEndian(proof.subarray(32))
  const t = new Transcript(extra)
    .protocol('DLEQProof')
    .append('vrf:h', input)
    .append('vrf:R=g^r', encodePoint(multiScalar([...splitTerms(c, key), ...splitTerms(s, BASE_SPLIT)])))
    .append('vrf:h^r', encodePoint(multiScalar([[c, tableOf(output)], [s, tableOf(inputPoint)]])))
    .append('vrf:pk', publicKey)
    .append('vrf:h^sk', preOutput)
  return t.challengeScalar('prove') === c ? { input, output: preOutput } : undefined
}

/** `make_bytes`: `length` uniform bytes for one purpose. */
export function vrfBytes({ input, output }: VrfInOut, context: string, length: number): Uint8Array {
  return new Transcript('VRFResult').append('', utf8(context)).append('vrf-in', input).append('vrf-out', output).challenge('', length)
}

function scalarOf(secretKey: Uint8Array): bigint {
  return littleEndian(secretKey.subarray(0, 32)) >> 3n
}

function vrfInput(transcript: Transcript, publicKey: Uint8Array): Point {
  return pointFromUniform(new Transcript(transcript).append('vrf-nm-pk', publicKey).challenge('VRFHash', 64))
}

/**
 * Depends on the secret nonce seed, on the statement and on fresh randomness: neither a bad generator nor a repeated
 * statement reveals the key.
 */
function secretNonce(transcript: Transcript, publicKey: Uint8Array, nonceSeed: Uint8Array): bigint {
  const t = new Transcript(transcript).append('vrf:pk', publicKey).append('nonce-seed', nonceSeed).append('random', randomBytes(32))
  const nonce = t.challengeScalar('nonce')
  t.wipe()
  return nonce === 0n ? 1n : nonce
}
