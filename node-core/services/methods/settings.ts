/** Settings of a network from the JSON document in which a client sends them. */
import { errorMessage } from '../../base/errors.ts'
import { chainSettingsSchema } from '../../manager/kinds/chain/profile.ts'
import type { ProfileSettings } from '../../manager/kinds/table.ts'
import { ServiceError } from '../errors.ts'

/** Throws SERVICE_BAD_REQUEST, which says what is wrong with which setting. */
export function settingsFrom(json: string): ProfileSettings {
  let document: unknown
  try {
    document = JSON.parse(json)
  } catch {
    throw new ServiceError('SERVICE_BAD_REQUEST', 'The settings are no JSON document.', { hint: 'Send them in the form in which Node.Settings gives them.' })
  }
  const { data, error } = chainSettingsSchema.safeParse(document)
  if (data !== undefined) return data
  throw new ServiceError('SERVICE_BAD_REQUEST', `The settings are not valid: ${errorMessage(error)}.`, { hint: 'Send them in the form in which Node.Settings gives them.' })
}
