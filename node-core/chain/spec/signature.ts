/**
 * The signature of a network file.
 *
 * A file that goes from hand to hand can be changed on its way: another runtime, another authority, another address to begin with. Who wrote
 * it signs it with the identity of the node, whose peer id everybody sees among the peers later. What is signed is the whole file but the
 * signature, in one form that does not depend on how it is laid out: no white space, the keys of every object in the order of their UTF-16
 * code units, numbers digit by digit as they stand. It shows that the file is as that node wrote it, and not who sits at that node: that is for
 * people to compare, by the peer id.
 */
import { fromHex, toHex, utf8 } from '../../base/bytes.ts'
import { ed25519Sign, ed25519Verify } from '../../crypto/ed25519/ed25519.ts'
import { publicKeyOf } from '../../crypto/keys/peer-id.ts'
import { ADDITION_VERSION, type SpecAddition } from './addition.ts'
import { ExactNumber, isExactObject, type ExactObject, type ExactValue } from './runtime-genesis/exact-json.ts'

/** The identity of a node, as far as it is needed to sign. */
export interface SpecSigner {
  readonly peerId: string
  /** 32 bytes. */
  revealSeed(): Uint8Array
}

/** The file with this addition in the place of the one that it has, signed where there is somebody to sign. */
export function withAddition(spec: ExactObject, addition: Omit<SpecAddition, 'version' | 'by' | 'signature'>, signer: SpecSigner | undefined): ExactObject {
  const { nodestead: _before, ...plain } = spec
  const said = JSON.parse(JSON.stringify({ version: ADDITION_VERSION, ...addition })) as ExactObject
  if (signer === undefined) return { ...plain, nodestead: said }
  const named: ExactObject = { ...said, by: { peerId: signer.peerId } }
  const signature = toHex(ed25519Sign(signer.revealSeed(), signedBytes({ ...plain, nodestead: named })))
  return { ...plain, nodestead: { ...named, signature } }
}

export type SignatureState = 'none' | 'valid' | 'wrong'

export function checkSignature(spec: ExactObject, { by, signature }: Pick<SpecAddition, 'by' | 'signature'>): SignatureState {
  if (signature === undefined) return 'none'
  const publicKey = by === undefined ? undefined : publicKeyOf(by.peerId)
  return publicKey !== undefined && ed25519Verify(fromHex(signature), signedBytes(spec), publicKey) ? 'valid' : 'wrong'
}

/** The signed form of a file. */
function signedBytes(spec: ExactObject): Uint8Array {
  const { nodestead } = spec
  if (!isExactObject(nodestead)) return utf8(canonical(spec))
  const { signature: _own, ...rest } = nodestead
  return utf8(canonical({ ...spec, nodestead: rest }))
}

function canonical(value: ExactValue): string {
  if (value instanceof ExactNumber) return value.text
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: ExactValue) => canonical(item)).join(',')}]`
  const entries = Object.entries(value as ExactObject).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
