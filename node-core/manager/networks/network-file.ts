/** A network as one file, to take to another computer: its settings, and its specification where it has one of its own. No secrets, no data. */
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { Blueprint } from '../kinds/profiles.ts'
import { KINDS, profilesOf, type NetworkProfile } from '../kinds/table.ts'
import type { NetworkAdminErrorCode } from './admin-types.ts'

const FORMAT = 'nodestead-network'

const envelopeSchema = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** Files of before there were kinds are chains. */
  kind: z.string().max(32).default('chain'),
})

export function writeNetworkFile(profile: NetworkProfile): Promise<string> {
  return profilesOf(profile).exported(profile, { format: FORMAT, version: 1, kind: profile.kind })
}

/** Throws a NodeError NETWORK_FILE_INVALID. `source` is named in it. */
export function readNetworkFile(text: string, source: string): Blueprint {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw invalid(`${source} is not JSON: ${errorMessage(error)}.`)
  }
  const { data, error } = envelopeSchema.safeParse(json)
  if (data === undefined) throw invalid(`${source} is not an exported network: ${reasonOf(error)}.`)
  if (!Object.hasOwn(KINDS, data.kind)) throw invalid(`${source} is of a kind of network that this version does not know: ${data.kind}.`)
  try {
    return profilesOf(data).imported(text, data)
  } catch (cause) {
    throw invalid(`${source} is not an exported network: ${cause instanceof z.ZodError ? reasonOf(cause) : errorMessage(cause)}.`)
  }
}

function reasonOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'it is empty'}`
}

function invalid(message: string): NodeError<NetworkAdminErrorCode> {
  return new NodeError('NETWORK_FILE_INVALID', message, { hint: 'Export the network again. A chain specification is added as a network, not imported.' })
}
