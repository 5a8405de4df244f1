/**
 * What programs may call of the rooms of the net: topics, channels and groups, sealed messages, resources, discovery, figures. Each room has a file here that registers its
 * methods (ipc.proto says what they are) and knows the room's own API; the rooms know nothing of programs.
 *
 * Every method looks at the program's scopes: at the kind before it runs (session.ts), at the name here. What a program opens is kept in one of two ways, so that
 * nothing is left when it dies:
 *
 * - What goes on by itself lasts as long as its call: a subscription, a declared topic, a service that is listened for. Its first answer says that it stands
 *   (lasting.ts).
 * - What is acted upon is kept for the session under a name: channels and groups (kept-channels.ts, group-methods.ts).
 *
 * Both are counted for each program (allowances.ts). Errors of the rooms go to the program with their codes.
 */
import { Disposers, type Disposer } from '../../../base/disposers.ts'
import type { Discovery } from '../../discovery/discovery.ts'
import type { NetApi } from '../../net-api.ts'
import type { Resources } from '../../resources/resources.ts'
import type { Mailbox } from '../../sealed/mailbox.ts'
import type { TopicTable } from '../../topics/topic-table.ts'
import type { Methods } from '../session/methods.ts'
import { registerChannelMethods } from './channel-methods.ts'
import { registerDiscoveryMethods } from './discovery-methods.ts'
import { registerGroupMethods } from './group-methods.ts'
import { registerMetricsMethods } from './metrics-methods.ts'
import type { ProgramFolders } from './program-folders.ts'
import { registerResourceMethods } from './resource-methods.ts'
import { registerSealedMethods } from './sealed-methods.ts'
import { registerTopicMethods } from './topic-methods.ts'

export interface Rooms {
  readonly api: NetApi
  readonly topics: TopicTable
  readonly mailbox: Mailbox
  readonly resources: Resources
  readonly discovery: Discovery
  readonly folders: ProgramFolders
}

export function registerRooms(methods: Methods, { api, topics, mailbox, resources, discovery, folders }: Rooms): Disposer {
  const all = new Disposers()
  all.add(registerTopicMethods(methods, topics))
  all.add(registerChannelMethods(methods, api))
  all.add(registerGroupMethods(methods, api))
  all.add(registerSealedMethods(methods, mailbox))
  all.add(registerResourceMethods(methods, { resources, folders }))
  all.add(registerMetricsMethods(methods, api))
  all.add(registerDiscoveryMethods(methods, discovery))
  return () => all.dispose()
}
