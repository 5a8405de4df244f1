/** Events of the net as a program is told them, and which of them it may hear. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { assertNever } from '../../../base/errors.ts'
import type { NetEvent } from '../../events/net-events.ts'
import type { EventSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { ScopeSet } from '../scopes.ts'
import { PATHS } from '../words.ts'

type EventMessage = NonNullable<MessageInitShape<typeof EventSchema>['event']>

/** Groups have channels under names of their own. */
const GROUP = 'group/'

export function mayHear(may: ScopeSet, event: NetEvent): boolean {
  switch (event.kind) {
    case 'channel-opened':
    case 'channel-moved':
    case 'channel-closed':
      return event.service.startsWith(GROUP) ? may.allows('groups', event.service.slice(GROUP.length)) : may.allows('channels', event.service)
    case 'service-found':
    case 'service-lost':
      return may.allows('discovery', event.service)
    default:
      return true
  }
}

export function eventOf(event: NetEvent): EventMessage {
  switch (event.kind) {
    case 'peer-connected':
      return { case: 'connected', value: { peer: event.peer, path: PATHS.number(event.path) } }
    case 'peer-path':
      return { case: 'pathChanged', value: { peer: event.peer, path: PATHS.number(event.path) } }
    case 'peer-disconnected':
      return { case: 'disconnected', value: { peer: event.peer } }
    case 'channel-opened': {
      const { channel, peer, service, direction, path } = event
      return { case: 'channelOpened', value: { channel, peer, service, inbound: direction === 'inbound', path: PATHS.number(path) } }
    }
    case 'channel-moved': {
      const { channel, peer, service, path } = event
      return { case: 'channelMoved', value: { channel, peer, service, path: PATHS.number(path) } }
    }
    case 'channel-closed': {
      const { channel, peer, service, code = '' } = event
      return { case: 'channelClosed', value: { channel, peer, service, code } }
    }
    case 'service-found': {
      const { service, peer, addresses } = event
      return { case: 'serviceFound', value: { service, peer, addresses: [...addresses] } }
    }
    case 'service-lost': {
      const { service, peer, reason } = event
      return { case: 'serviceLost', value: { service, peer, reason } }
    }
    default:
      return assertNever(event)
  }
}
