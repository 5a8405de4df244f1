/**
 * An invitation to a private network as one link, short enough for a message or a QR code.
 *
 * The specification of a private network is mostly its runtime, which everybody has who has this app. So the link carries what the
 * network was made of (the choices, the mark, the addresses of who invites, the signature) and two hashes: of the runtime, so that
 * another version of the app says so instead of making another network, and of the genesis, so that what comes out is proven to be the
 * same. Who opens it makes the file again, to the digit: the signature is over the whole file, and holds for what was made here.
 *
 *   nodestead://join?network=<base64url of deflated JSON>
 *
 * Nothing in it is secret, and nothing in it is trusted before the hashes and the signature agree.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { base64urlnopad } from '@scure/base'
import { z } from 'zod'
import { fromHex, fromUtf8, toHex, utf8, type Hash, type Hex } from '../../base/bytes.ts'
import { blake2Hash } from '../../crypto/hashes/hashing.ts'
import { additionOf, hexOf, MAX_ADDRESSES, type SpecAddition } from './addition.ts'
import { ChainSpecError } from './errors.ts'
import { buildGenesis, genesisCode } from './genesis.ts'
import { peerId } from './members.ts'
import { printSpec } from './print.ts'
import { privateChoicesSchema } from './private-choices.ts'
import { markedSpec, markOf, membersOfChoices, privateSpec, specIdOf, type PrivateNetworkChoices } from './private.ts'
import { resolveSpec } from './resolve.ts'
import { parseExact, printExact, type ExactObject } from './runtime-genesis/exact-json.ts'
import type { ChainSpec, SpecWithState } from './schema.ts'
import { hasState } from './with-state.ts'

export const INVITATION_PREFIX = 'nodestead://join?network='

/** Windows hands over no longer command line than 8191 characters. */
export const MAX_INVITATION = 8_000
const MAX_UNPACKED = 128 * 1024

const addresses = z.array(z.string().max(1024)).max(MAX_ADDRESSES)

const packedSchema = z.strictObject({
  v: z.literal(1),
  choices: privateChoicesSchema,
  mark: hexOf(16),
  runtime: hexOf(32),
  genesis: hexOf(32),
  addresses,
  by: peerId.optional(),
  signature: hexOf(64).optional(),
})
type Packed = z.infer<typeof packedSchema>

export interface PrivateNetwork {
  readonly spec: SpecWithState
  /** The file, with what the members should know and without a signature. */
  readonly json: ExactObject
}

export interface MakeOptions {
  /** The runtime of this app (`shippedRuntime`). */
  readonly code: Hex
  readonly workerUrl?: URL | undefined
}

/** Makes the network of these choices; the same `mark` makes the same one again. Throws PRIVATE_NETWORK_INVALID or a ChainSpecError. */
export async function makePrivateNetwork(choices: PrivateNetworkChoices, { code, workerUrl }: MakeOptions, mark?: Hex): Promise<PrivateNetwork> {
  const written = privateSpec(code, choices, specIdOf(choices.name))
  const made = await resolveSpec(written, choices.name, { workerUrl })
  const spec = mark === undefined ? markedSpec(made) : markedSpec(made, fromHex(mark))
  const addition: SpecAddition = {
    version: 1,
    members: membersOfChoices(choices),
    choices,
    mark: toHex(markOf(spec) ?? new Uint8Array(0)),
    runtime: runtimeHashOf(spec),
  }
  const json = { ...(parseExact(printSpec(spec, choices.name)) as ExactObject), nodestead: JSON.parse(JSON.stringify(addition)) as ExactObject }
  return { spec, json }
}

/** The link to the network of a file; undefined where it is none of ours, was changed by hand, or the link would be too long. */
export function invitationOf(spec: ChainSpec): string | undefined {
  const { choices, mark, runtime, addresses: known = [], by, signature } = additionOf(spec) ?? {}
  if (!hasState(spec) || choices === undefined || mark === undefined || runtime === undefined || runtime !== runtimeHashOf(spec)) return undefined
  if (JSON.stringify(spec.bootNodes) !== JSON.stringify(known)) return undefined
  const packed: Packed = {
    v: 1,
    choices: privateChoicesSchema.parse(choices),
    mark,
    runtime,
    genesis: buildGenesis(spec).hash,
    addresses: [...known],
    ...(by === undefined ? {} : { by: by.peerId }),
    ...(signature === undefined ? {} : { signature }),
  }
  const link = `${INVITATION_PREFIX}${base64urlnopad.encode(deflateRawSync(utf8(JSON.stringify(packed)), { level: 9 }))}`
  return link.length <= MAX_INVITATION ? link : undefined
}

/** The file that the link stands for, as text; its signature is the reader's to check. Throws a {@link ChainSpecError} that says what to ask for. */
export async function openInvitation(link: string, options: MakeOptions): Promise<string> {
  const { choices, mark, runtime, genesis, addresses: known, by, signature } = unpack(link)
  if (blake2Hash(fromHex(options.code)) !== runtime) {
    throw new ChainSpecError('CHAIN_SPEC_NEWER', 'The invitation was made with another version of Nodestead: this app ships another runtime.', {
      hint: 'Ask for the invitation as a file, which includes the runtime.',
    })
  }
  const { spec, json } = await makePrivateNetwork(choices, options, mark)
  const made: Hash = buildGenesis(spec).hash
  if (made !== genesis) {
    throw new ChainSpecError('CHAIN_SPEC_BAD_GENESIS', 'The genesis that this app builds from the invitation does not match the one it names.', { hint: 'Ask for the invitation as a file.' })
  }
  const addition = { ...(json['nodestead'] as ExactObject), addresses: known, ...(by === undefined ? {} : { by: { peerId: by } }), ...(signature === undefined ? {} : { signature }) }
  return `${printExact({ ...json, bootNodes: known, nodestead: addition }, 2)}\n`
}

function unpack(link: string): Packed {
  try {
    const text = link.trim().slice(INVITATION_PREFIX.length)
    const bytes = inflateRawSync(base64urlnopad.decode(text), { maxOutputLength: MAX_UNPACKED })
    const json = JSON.parse(fromUtf8(bytes)) as { v?: unknown }
    if (typeof json.v === 'number' && json.v > 1) {
      throw new ChainSpecError('CHAIN_SPEC_NEWER', 'The invitation was made with a newer version of Nodestead.', { hint: 'Update Nodestead, then open the invitation again.' })
    }
    return packedSchema.parse(json)
  } catch (error) {
    if (error instanceof ChainSpecError) throw error
    throw new ChainSpecError('CHAIN_SPEC_NOT_JSON', 'The link is not an invitation, or is incomplete.', { hint: 'Copy it once more, whole; or ask for the invitation as a file.' })
  }
}

function runtimeHashOf(spec: ChainSpec): Hash {
  return blake2Hash(genesisCode(spec))
}
