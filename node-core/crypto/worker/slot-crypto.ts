/**
 * The slow cryptography of BABE: what is drawn for a slot, and what a header must prove.
 *
 * A draw costs milliseconds and checking a header about half a millisecond, so consensus takes the narrow asynchronous interface
 * `SlotCrypto`; in the node a worker thread stands behind it (crypto-worker.ts), in tests these functions themselves.
 */
import { Transcript } from '../sr25519/merlin.ts'
import { verifySchnorrByKeptKey } from '../sr25519/schnorr.ts'
import { sr25519PublicKey, sr25519Sign } from '../sr25519/sr25519.ts'
import type { SecretKey } from '../keys/secret-key.ts'
import { vrfBytes, vrfDraw, vrfProve, vrfVerify, type VrfSignature } from '../sr25519/vrf.ts'

/** What the VRF of a slot is drawn from (spec 5.3, "Block-Authoring Transcript"). */
export interface SlotInput {
  readonly slot: number
  readonly epochIndex: number
  /** The epoch's randomness, 32 bytes. */
  readonly randomness: Uint8Array
}

export interface SlotDraw {
  readonly vrf: VrfSignature
  /** Below the authority's threshold, the slot is a primary one. 128 bits. */
  readonly score: bigint
}

export interface HeaderCheck {
  readonly publicKey: Uint8Array
  /** blake2b-256 of the header without its seal. */
  readonly sealedHash: Uint8Array
  /** 64 bytes of sr25519. */
  readonly seal: Uint8Array
  readonly vrf?: { readonly input: SlotInput; readonly signature: VrfSignature }
}

export interface HeaderVerdict {
  readonly sealValid: boolean
  /** Undefined where there is no VRF or it proves nothing. */
  readonly score: bigint | undefined
}

export interface SlotCrypto {
  /** Draws for a slot with one of our keys. Undefined where the score is not below `below`: most slots are lost, and those need no proof. */
  draw(secret: SecretKey, input: SlotInput, below?: bigint): Promise<SlotDraw | undefined>
  checkHeader(check: HeaderCheck): Promise<HeaderVerdict>
  seal(secret: SecretKey, sealedHash: Uint8Array): Promise<Uint8Array>
}

const SCORE_CONTEXT = 'substrate-babe-vrf'
const SCORE_SIZE = 16

/** What an authority's VRF of a slot is drawn from, as a transcript. */
export function slotTranscript({ slot, epochIndex, randomness }: SlotInput): Transcript {
  return new Transcript('BABE')
    .appendU64('slot number', slot)
    .appendU64('current epoch', epochIndex)
    .append('chain randomness', randomness)
}

/** Draws for a slot with a 64-byte secret key, of sr25519. */
export function drawSlot(secretKey: Uint8Array, input: SlotInput): SlotDraw
export function drawSlot(secretKey: Uint8Array, input: SlotInput, below: bigint | undefined): SlotDraw | undefined
export function drawSlot(secretKey: Uint8Array, input: SlotInput, below?: bigint): SlotDraw | undefined {
  const publicKey = sr25519PublicKey(secretKey)
  const inOut = vrfDraw(secretKey, publicKey, slotTranscript(input))
  const score = scoreOf(vrfBytes(inOut, SCORE_CONTEXT, SCORE_SIZE))
  return below !== undefined && score >= below ? undefined : { vrf: vrfProve(secretKey, publicKey, inOut), score }
}

/** Checks the seal and, where there is one, the VRF of a header by an authority of its epoch. Never throws, whatever the bytes. */
export function checkHeaderProofs({ publicKey, sealedHash, seal, vrf }: HeaderCheck): HeaderVerdict {
  // The seal costs a fraction of the VRF: garbage does not get further.
  if (!verifySchnorrByKeptKey(seal, sealedHash, publicKey)) return { sealValid: false, score: undefined }
  if (vrf === undefined) return { sealValid: true, score: undefined }
  const inOut = vrfVerify(publicKey, slotTranscript(vrf.input), vrf.signature)
  return { sealValid: true, score: inOut === undefined ? undefined : scoreOf(vrfBytes(inOut, SCORE_CONTEXT, SCORE_SIZE)) }
}

/** In the calling thread. */
export const inThreadSlotCrypto: SlotCrypto = {
  draw: async (secret, input, below) => drawSlot(secret.reveal(), input, below),
  checkHeader: async (check) => checkHeaderProofs(check),
  seal: async (secret, sealedHash) => sr25519Sign(secret.reveal(), sealedHash),
}

function scoreOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SCORE_SIZE)
  return (view.getBigUint64(8, true) << 64n) | view.getBigUint64(0, true)
}
