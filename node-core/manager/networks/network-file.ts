/**
 * A network as one file, to take to another computer: its settings, and its chain specification where it has one of its own. No secrets,
 * no data. The specification is taken along as text, because its genesis may have numbers that `JSON.parse` would round.
 */
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { isExactObject, parseExact, printExact, type ExactObject } from '../../chain/spec/runtime-genesis/exact-json.ts'
import { chainSpecSchema } from '../../chain/spec/schema.ts'
import type { NetworkAdminErrorCode } from './admin-types.ts'
import { networkProfileSchema, profileSettingsSchema, type NetworkProfile } from './profile.ts'

const FORMAT = 'nodestead-network'

const networkFileSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  chain: networkProfileSchema.shape.chain,
  settings: profileSettingsSchema,
  chainSpec: chainSpecSchema.optional(),
})

const INDENT = 2

export interface NetworkFile extends Omit<z.output<typeof networkFileSchema>, 'chainSpec'> {
  readonly specText: string | undefined
}

export function writeNetworkFile({ chain, settings }: NetworkProfile, specText: string | undefined): string {
  const spec = specText === undefined ? {} : { chainSpec: parseExact(specText.replace(/^\ufeff/, '')) }
  const file = JSON.parse(JSON.stringify({ format: FORMAT, version: 1, chain, settings })) as ExactObject
  return `${printExact({ ...file, ...spec }, INDENT)}\n`
}

/** Throws a NodeError NETWORK_FILE_INVALID. `source` is named in it. */
export function readNetworkFile(text: string, source: string): NetworkFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw invalid(`${source} is not JSON: ${errorMessage(error)}.`)
  }
  const { data, error } = networkFileSchema.safeParse(json)
  if (data === undefined) {
    const issue = error.issues[0]
    throw invalid(`${source} is not an exported network: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'it is empty'}.`)
  }
  if (data.chain.kind === 'custom' && data.chainSpec === undefined) throw invalid(`${source} lacks the chain specification of its network.`)
  const { chainSpec, ...file } = data
  return { ...file, specText: chainSpec === undefined ? undefined : specTextIn(text) }
}

function specTextIn(text: string): string | undefined {
  const file = parseExact(text)
  const spec = isExactObject(file) ? file['chainSpec'] : undefined
  return spec === undefined ? undefined : `${printExact(spec, INDENT)}\n`
}

function invalid(message: string): NodeError<NetworkAdminErrorCode> {
  return new NodeError('NETWORK_FILE_INVALID', message, { hint: 'Export the network again. A chain specification is added as a network, not imported.' })
}
