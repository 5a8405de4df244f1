/**
 * Transaction extensions: what a signed transaction carries besides its call, and what its signature covers besides both.
 *
 * The metadata lists them in order, each with the type of what is sent and of what is only signed (the "implicit" part, which every node
 * knows anyway: leaving it out is what keeps a transaction from being replayed on another chain, or under another runtime). What the ones of
 * FRAME mean is known here. Others are taken as long as they want nothing: a runtime may mark or check whatever it likes. One that wants
 * data is refused by name, because a guess would be signed.
 */
import { concatBytes, type Hash } from '../../base/bytes.ts'
import type { Extension, RuntimeTypes } from '../explorer/runtime-types.ts'
import { encodeArgument, isEmptyType, type Argument } from './arguments.ts'
import { encodeEra, type Mortality } from './era.ts'
import { ExtrinsicError } from './errors.ts'

export interface SigningContext {
  readonly nonce: number
  readonly mortality: Mortality
  /** Of the block of the transaction's birth. */
  readonly birthHash: Hash
  readonly genesisHash: Hash
  readonly specVersion: number
  readonly transactionVersion: number
}

interface Filled {
  /** What is sent: a value of the extension's type, or its bytes. */
  readonly sent?: Argument | { readonly encoded: Uint8Array }
  readonly implicit?: Argument
}

const FILLED: Readonly<Record<string, (context: SigningContext) => Filled>> = {
  CheckSpecVersion: ({ specVersion }) => ({ implicit: specVersion }),
  CheckTxVersion: ({ transactionVersion }) => ({ implicit: transactionVersion }),
  CheckGenesis: ({ genesisHash }) => ({ implicit: genesisHash }),
  CheckMortality: era,
  // Its name until 2021.
  CheckEra: era,
  CheckNonce: ({ nonce }) => ({ sent: nonce }),
  // No tip.
  ChargeTransactionPayment: () => ({ sent: 0 }),
  ChargeAssetTxPayment: () => ({ sent: { tip: 0, asset_id: undefined } }),
  // The signature covers no hash of the metadata.
  CheckMetadataHash: () => ({ sent: { mode: 'Disabled' }, implicit: undefined }),
}

function era({ mortality, birthHash }: SigningContext): Filled {
  return { sent: { encoded: encodeEra(mortality) }, implicit: birthHash }
}

/** Throws EXTRINSIC_UNKNOWN_EXTENSION, or EXTRINSIC_UNSUPPORTED_RUNTIME where the metadata does not say what is signed. */
export function encodeExtensions(runtime: RuntimeTypes, context: SigningContext): { readonly sent: Uint8Array; readonly implicit: Uint8Array } {
  const sent: Uint8Array[] = []
  const implicit: Uint8Array[] = []
  // Version 0 is the set that transactions of version 4 have.
  for (const extension of runtime.extensions.get(0) ?? []) {
    const filled = fill(runtime, extension, context)
    sent.push(filled.sent)
    implicit.push(filled.implicit)
  }
  return { sent: concatBytes(...sent), implicit: concatBytes(...implicit) }
}

function fill(runtime: RuntimeTypes, { identifier, type, additionalSigned }: Extension, context: SigningContext): { sent: Uint8Array; implicit: Uint8Array } {
  if (additionalSigned === undefined) {
    throw new ExtrinsicError('EXTRINSIC_UNSUPPORTED_RUNTIME', 'The metadata of this runtime (before version 14) does not describe what a transaction signs.')
  }
  const known = FILLED[identifier]
  if (known === undefined && !(isEmptyType(runtime, type) && isEmptyType(runtime, additionalSigned))) {
    throw new ExtrinsicError('EXTRINSIC_UNKNOWN_EXTENSION', `Transactions of this chain use the signed extension ${identifier}, which this node does not support.`, {
      hint: 'Check for an update of this program, or sign with a wallet of the chain.',
      data: { extension: identifier },
    })
  }
  const { sent, implicit } = known?.(context) ?? {}
  return {
    sent: isEncoded(sent) ? sent.encoded : encodeArgument(runtime, type, sent, identifier),
    implicit: encodeArgument(runtime, additionalSigned, implicit, identifier),
  }
}

function isEncoded(sent: Filled['sent']): sent is { readonly encoded: Uint8Array } {
  return typeof sent === 'object' && 'encoded' in sent && sent.encoded instanceof Uint8Array
}
