/** A network as one file, to take to another computer: its settings, and its chain specification where it has one of its own. No secrets, no data. */
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
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

export type NetworkFile = z.output<typeof networkFileSchema>

export function writeNetworkFile({ chain, settings }: NetworkProfile, chainSpec: unknown): string {
  return `${JSON.stringify({ format: FORMAT, version: 1, chain, settings, ...(chainSpec === undefined ? {} : { chainSpec }) }, null, 2)}\n`
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
  return data
}

function invalid(message: string): NodeError<NetworkAdminErrorCode> {
  return new NodeError('NETWORK_FILE_INVALID', message, { hint: 'Export the network again. A chain specification is added as a network, not imported.' })
}
