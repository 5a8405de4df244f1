/** Settings of a network as messages. They have the names and forms of the settings themselves (manager/kinds/chain/profile.ts), whose schema has the last word. */
import { create, fromJson, toJson, type JsonValue } from '@bufbuild/protobuf'
import { errorMessage } from '../../base/errors.ts'
import { chainSettingsSchema } from '../../manager/kinds/chain/profile.ts'
import type { ProfileSettings } from '../../manager/kinds/table.ts'
import { ServiceError } from '../errors.ts'
import { NodeSettingsSchema, type NodeSettings } from '../proto/nodestead/v1/node_pb.ts'

export function settingsMessage(settings: ProfileSettings): NodeSettings {
  return fromJson(NodeSettingsSchema, settings as JsonValue)
}

/** Throws SERVICE_BAD_REQUEST, which says what is wrong with which setting. */
export function settingsFrom(message: NodeSettings = create(NodeSettingsSchema)): ProfileSettings {
  // An empty list is one, not what is left out.
  const { data, error } = chainSettingsSchema.safeParse(toJson(NodeSettingsSchema, message, { alwaysEmitImplicit: true }))
  if (data !== undefined) return data
  const faults = error.issues.map(({ path, message: why }) => `${path.join('.')}: ${why}`).join('; ')
  throw new ServiceError('SERVICE_BAD_REQUEST', `The settings are not valid: ${faults === '' ? errorMessage(error) : faults}.`, { hint: 'Send them in the form in which Node.Settings gives them.' })
}
