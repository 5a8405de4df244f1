/**
 * Extrinsics (Polkadot Host spec, section 8.1 "Extrinsics") for one runtime, built by its metadata.
 *
 * A bare one is a version byte and the call; whether the chain takes it is the runtime's decision. A signed one is signer, signature,
 * extensions and call; the signature covers the call, the extensions, and what the chain knows besides (extensions.ts). Both are written in
 * version 4, which runtimes that know version 5 take as well.
 */
import { concatBytes } from '../../base/bytes.ts'
import { blake2b256 } from '../../crypto/hashes/hashing.ts'
import type { KeyScheme } from '../../crypto/keys/keypairs.ts'
import type { RuntimeTypes, TypeEntry } from '../explorer/runtime-types.ts'
import type { Extrinsic } from '../scale/block.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import { encodeArgument, encodeCall, type Argument, type Call } from './arguments.ts'
import { ExtrinsicError } from './errors.ts'
import { encodeExtensions, type SigningContext } from './extensions.ts'

/** Who signs. The secret stays where it is. */
export interface Signer {
  /** 32 bytes. */
  readonly accountId: Uint8Array
  readonly scheme: KeyScheme
  sign(message: Uint8Array): Uint8Array
}

const VERSION = 4
const SIGNED = 0x80
/** Payloads longer than this are hashed before they are signed. */
const LONGEST_PAYLOAD = 256

const SIGNATURE_VARIANTS: Record<KeyScheme, string> = { sr25519: 'Sr25519', ed25519: 'Ed25519', ecdsa: 'Ecdsa' }

export class ExtrinsicBuilder {
  readonly #runtime: RuntimeTypes

  constructor(runtime: RuntimeTypes) {
    this.#runtime = runtime
  }

  /** As it stands in an extrinsic, and as others approve it by its hash. Throws EXTRINSIC_UNKNOWN_CALL or EXTRINSIC_BAD_ARGUMENT. */
  call(call: Call): Uint8Array {
    return encodeCall(this.#runtime, call)
  }

  bare(call: Call): Extrinsic {
    return withLength(concatBytes(Uint8Array.of(VERSION), this.call(call)))
  }

  /** Throws what {@link call} and encodeExtensions throw, and EXTRINSIC_UNSUPPORTED_RUNTIME where accounts or signatures are of another kind. */
  signed(call: Call, signer: Signer, context: SigningContext): Extrinsic {
    const encoded = this.call(call)
    const address = this.#part(this.#runtime.address, 'addresses', signer.accountId)
    const { sent, implicit } = encodeExtensions(this.#runtime, context)
    const payload = concatBytes(encoded, sent, implicit)
    const value = signer.sign(payload.length > LONGEST_PAYLOAD ? blake2b256(payload) : payload)
    const signature = this.#part(this.#runtime.signature, 'signatures', { type: SIGNATURE_VARIANTS[signer.scheme], value })
    return withLength(concatBytes(Uint8Array.of(SIGNED | VERSION), address, signature, sent, encoded))
  }

  #part(type: number, what: string, value: Argument): Uint8Array {
    if (isOfFrame(this.#runtime.types[type])) return encodeArgument(this.#runtime, type, value, what)
    throw new ExtrinsicError('EXTRINSIC_UNSUPPORTED_RUNTIME', `This chain uses ${what} of a kind that this node cannot create.`)
  }
}

/** Accounts of 32 bytes, and signatures by one of the three schemes. */
function isOfFrame(entry: TypeEntry | undefined): boolean {
  return ['MultiAddress', 'AccountId32', 'MultiSignature'].includes(entry?.path.at(-1) ?? '')
}

function withLength(bytes: Uint8Array): Extrinsic {
  return new ScaleWriter(bytes.length + 4).bytes(bytes).finish()
}
